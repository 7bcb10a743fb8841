// Source: Identity API v3 (docs.openstack.org/api-ref/identity/v3), and what a Zed Keystone answered.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { scopeOf } from '../../../local/clouds.ts';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { authenticate } from '../client.ts';
import { logIn, useActors } from '../actors.ts';
import { credentialOf, uniqueName } from '../names.ts';
import { cloud } from '../cloud.ts';
import { whenDone } from '../things.ts';

const actors = useActors();

async function makeUser(): Promise<{ id: string; name: string; password: string; domain_id: string }> {
  const { session } = actors.domain;
  const password = randomBytes(16).toString('hex');
  const made = await keystone.createUser(session, { name: uniqueName('user'), password, description: 'of a cluster' });
  whenDone(() => keystone.deleteUser(actors.admin.session, made.id));
  return { ...made, password };
}

async function roleIds(): Promise<Map<string, string>> {
  return new Map((await keystone.listRoles(actors.domain.session)).map(({ name, id }) => [name, id]));
}

describe('a user', () => {
  it('is made in the domain of the token, with a name that no other of it has', async () => {
    const { id, name, domain_id } = await makeUser();
    expect(await keystone.listUsers(actors.domain.session, { name })).toMatchObject([{ id, domain_id, enabled: true }]);
    await expect(keystone.createUser(actors.domain.session, { name, password: 'another one' })).rejects.toMatchObject({ status: 409, type: 'Conflict' });
    expect(await keystone.listUsers(actors.domain.session, { name, domain_id })).toHaveLength(1);
  });

  it('logs in with the password it has now', async () => {
    const { id, password } = await makeUser();
    await keystone.updateUser(actors.domain.session, id, { password: 'after' });
    expect((await authenticate(cloud.authUrl, { userId: id, password: 'after' })).status).toBe(201);
    expect((await authenticate(cloud.authUrl, { userId: id, password })).status).toBe(401);
  });

  it('gets no token for a project where it has no role', async () => {
    const { id, password } = await makeUser();
    expect((await authenticate(cloud.authUrl, { userId: id, password }, { projectId: actors.serviceProjectId })).status).toBe(401);
  });

  it('that is gone is 404 for an administrator, 403 for Moorage, which therefore looks for it by name', async () => {
    const { id, name } = await makeUser();
    await keystone.deleteUser(actors.domain.session, id);
    await keystone.deleteUser(actors.admin.session, id);
    await expect(keystone.deleteUser(actors.domain.session, id)).rejects.toMatchObject({ status: 403 });
    expect(await keystone.listUsers(actors.domain.session, { name })).toEqual([]);
  });
});

describe('a role', () => {
  it('given twice is there once, and taken away twice is no error', async () => {
    const { id, password } = await makeUser();
    const member = (await roleIds()).get('member')!;
    const { serviceProjectId: projectId } = actors;
    await keystone.assignRole(actors.domain.session, projectId, id, member);
    await keystone.assignRole(actors.domain.session, projectId, id, member);
    expect(await keystone.listRoleAssignments(actors.admin.session, { 'user.id': id })).toMatchObject([
      { role: { id: member }, user: { id }, scope: { project: { id: projectId } } },
    ]);
    const made = await logIn({ userId: id, password }, { projectId });
    expect(await keystone.getProject(made.session, projectId)).toMatchObject({ id: projectId });
    await keystone.unassignRole(actors.admin.session, projectId, id, member);
    await keystone.unassignRole(actors.admin.session, projectId, id, member);
    expect(await keystone.listRoleAssignments(actors.admin.session, { 'user.id': id })).toEqual([]);
  });

  it('of a user or project that is not there is 404', async () => {
    const { id } = await makeUser();
    const member = (await roleIds()).get('member')!;
    const nobody = '0'.repeat(32);
    expect((await actors.admin.call('identity', 'PUT', `/projects/${nobody}/users/${id}/roles/${member}`)).status).toBe(404);
    expect((await actors.admin.call('identity', 'PUT', `/projects/${actors.serviceProjectId}/users/${nobody}/roles/${member}`)).status).toBe(404);
  });

  it('on a domain can be inherited by its projects, those made later too', async () => {
    const { session } = actors.admin;
    const name = uniqueName('domain');
    const domain = await keystone.createDomain(session, { name });
    whenDone(async () => {
      await keystone.updateDomain(session, domain.id, { enabled: false });
      await keystone.deleteDomain(session, domain.id);
    });
    const user = await keystone.createUser(session, { name, domain_id: domain.id, password: 'before' });
    const member = (await roleIds()).get('member')!;
    await keystone.assignDomainRole(session, domain.id, user.id, member);
    await keystone.assignInheritedRole(session, domain.id, user.id, member);
    const project = await keystone.createProject(session, { name, domain_id: domain.id, enabled: true, tags: [] });
    const credential = { username: name, userDomainName: name, password: 'before' };
    const inProject = await logIn(credential, { projectId: project.id });
    expect(await keystone.getProject(inProject.session, project.id)).toMatchObject({ id: project.id });
    const inDomain = await logIn(credential, { domainName: name });
    expect(await keystone.listProjects(inDomain.session, { domain_id: domain.id })).toMatchObject([{ id: project.id }]);
  });
});

describe('Moorage\'s user', () => {
  it('has its roles on its domain and, inherited, on every project in it', async () => {
    const { platform } = cloud;
    const rolesIn = async (scope: Parameters<typeof authenticate>[2]): Promise<string[]> =>
      (await authenticate(cloud.authUrl, credentialOf(platform), scope)).body.token.roles.map(({ name }: { name: string }) => name).sort();
    const onDomain = await rolesIn(scopeOf(platform));
    expect(onDomain).toEqual(expect.arrayContaining(['load-balancer_admin', 'member', 'moorage', 'reader']));
    expect(onDomain).not.toContain('admin');
    expect(await rolesIn({ projectId: actors.serviceProjectId })).toEqual(onDomain);
    expect((await authenticate(cloud.authUrl, credentialOf(platform), { projectId: actors.userProjectId })).status).toBe(401);
  });
});
