// Source: Identity API v3 (docs.openstack.org/api-ref/identity/v3), project tags, and what a Zed Keystone answered.
import { describe, expect, it } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { bootServer, builtServer, makeNetwork, makePort, removeServer, whenDone } from '../things.ts';

const actors = useActors();

async function makeProject(more: Partial<keystone.ProjectCreate> = {}): Promise<keystone.Project> {
  const { session } = actors.domain;
  const made = await keystone.createProject(session, { name: uniqueName('project'), enabled: true, tags: [], ...more });
  whenDone(() => keystone.deleteProject(actors.admin.session, made.id));
  return made;
}

describe('a project', () => {
  it('is made in the domain of the token, with description and tags, at once', async () => {
    const project = await makeProject({ description: 'of a cluster', tags: ['moorage', 'moorage=x'] });
    expect(project).toMatchObject({ description: 'of a cluster', enabled: true, tags: expect.arrayContaining(['moorage=x']) });
    const [own] = await keystone.listUsers(actors.admin.session, { name: 'moorage' });
    expect(project.domain_id).toBe(own!.domain_id);
    expect(await keystone.getProject(actors.domain.session, project.id)).toMatchObject({ id: project.id, name: project.name });
  });

  it('has a name that no other of its domain has', async () => {
    const { name, id } = await makeProject();
    await expect(keystone.createProject(actors.domain.session, { name, enabled: true, tags: [] })).rejects.toMatchObject({
      service: 'identity', status: 409, type: 'Conflict', quota: false,
    });
    expect(await keystone.listProjects(actors.domain.session, { name })).toMatchObject([{ id }]);
  });

  it('may have the name of one in another domain', async () => {
    const { name } = await makeProject();
    const twin = await keystone.createProject(actors.admin.session, { name, domain_id: 'default', enabled: true, tags: [] });
    whenDone(() => keystone.deleteProject(actors.admin.session, twin.id));
    expect(twin.name).toBe(name);
  });

  it('is found by all of its tags, or any', async () => {
    const tag = uniqueName('tag');
    const { id, domain_id } = await makeProject({ tags: [tag, 'moorage'] });
    const found = async (query: keystone.ProjectQuery) => (await keystone.listProjects(actors.domain.session, { domain_id, ...query })).map((one) => one.id);
    expect(await found({ tags: `${tag},moorage` })).toEqual([id]);
    expect(await found({ tags: `${tag},nothing` })).toEqual([]);
    expect(await found({ 'tags-any': `${tag},nothing` })).toEqual([id]);
  });

  it('takes no tag with a comma or a slash', async () => {
    const answer = await actors.domain.call('identity', 'POST', '/projects', { project: { name: uniqueName('project'), tags: ['a,b'] } });
    expect(answer).toMatchObject({ status: 400, error: { type: 'Bad Request' } });
  });

  it('can be changed by an administrator, and keeps its tags then', async () => {
    const { id } = await makeProject({ tags: ['kept'] });
    await keystone.updateProject(actors.admin.session, id, { description: 'changed' });
    expect(await keystone.getProject(actors.admin.session, id)).toMatchObject({ description: 'changed', tags: ['kept'] });
  });

  it('that is gone is 404 for an administrator, 403 for Moorage, which therefore looks for it by name', async () => {
    const { id, name } = await makeProject();
    await keystone.deleteProject(actors.domain.session, id);
    expect(await actors.admin.call('identity', 'DELETE', `/projects/${id}`)).toMatchObject({ status: 404, error: { type: 'Not Found' } });
    expect(await actors.domain.call('identity', 'DELETE', `/projects/${id}`)).toMatchObject({ status: 403, error: { type: 'Forbidden' } });
    await keystone.deleteProject(actors.admin.session, id);
    expect(await keystone.getProject(actors.admin.session, id)).toBeUndefined();
    expect(await keystone.listProjects(actors.domain.session, { name })).toEqual([]);
  });
});

describe('deleting a project', () => {
  it('leaves everything in it behind, for an administrator to find and remove', async () => {
    const { id: projectId } = await makeProject();
    const { session } = actors.admin;
    const [role] = await keystone.listRoles(session, { name: 'admin' });
    await keystone.assignRole(session, projectId, actors.admin.userId, role!.id);
    const { networkId } = await makeNetwork(actors.admin);
    const port = await makePort(actors.admin, { network_id: networkId, project_id: projectId });
    const serverId = await bootServer(actors.adminInService);
    await builtServer(actors.adminInService, serverId);

    expect((await actors.domain.call('identity', 'DELETE', `/projects/${projectId}`)).status).toBe(204);
    const ports = await actors.admin.call('network', 'GET', `/ports?project_id=${projectId}`);
    expect(ports.body.ports.map(({ id }: { id: string }) => id)).toEqual([port.id]);
    expect((await actors.admin.call('network', 'DELETE', `/ports/${port.id}`)).status).toBe(204);
    const servers = await actors.admin.call('compute', 'GET', `/servers?all_tenants=1&project_id=${actors.serviceProjectId}`);
    expect(servers.body.servers.map(({ id }: { id: string }) => id)).toEqual([serverId]);
    await removeServer(actors.admin, serverId);
  });

  it('makes tokens for it worth nothing', async () => {
    const { id: projectId } = await makeProject();
    const [role] = await keystone.listRoles(actors.domain.session, { name: 'member' });
    await keystone.assignRole(actors.domain.session, projectId, actors.member.userId, role!.id);
    await keystone.deleteProject(actors.domain.session, projectId);
    expect(await keystone.listRoleAssignments(actors.admin.session, { 'user.id': actors.member.userId, 'scope.project.id': projectId })).toEqual([]);
  });
});

describe('a domain', () => {
  it('must be disabled before it is deleted, and takes users and projects along', async () => {
    const { session, call } = actors.admin;
    const domain = await keystone.createDomain(session, { name: uniqueName('domain'), description: 'short' });
    whenDone(async () => {
      if ((await keystone.listDomains(session, { name: domain.name })).length === 0) return;
      await keystone.updateDomain(session, domain.id, { enabled: false });
      await keystone.deleteDomain(session, domain.id);
    });
    expect(await keystone.listDomains(session, { name: domain.name })).toMatchObject([{ id: domain.id, enabled: true, description: 'short' }]);
    const project = await keystone.createProject(session, { name: 'inside', domain_id: domain.id, enabled: true, tags: [] });
    const user = await keystone.createUser(session, { name: 'inside', domain_id: domain.id, password: 'long enough' });
    const refused = await call('identity', 'DELETE', `/domains/${domain.id}`);
    expect(refused).toMatchObject({ status: 403, error: { message: expect.stringContaining('please disable it first') } });
    await keystone.updateDomain(session, domain.id, { enabled: false });
    expect((await call('identity', 'DELETE', `/domains/${domain.id}`)).status).toBe(204);
    expect((await call('identity', 'GET', `/projects/${project.id}`)).status).toBe(404);
    expect((await call('identity', 'GET', `/users/${user.id}`)).status).toBe(404);
  });
});
