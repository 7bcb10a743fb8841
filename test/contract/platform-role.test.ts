// Source: test/openstack-lab/policy: what Moorage's user may and may not do where it has the role `moorage`: all that the
// steps need, and nothing of anybody else's. What the role is needed for has its tests with each service.
import { describe, expect, it } from 'vitest';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { useActors } from './actors.ts';
import { uniqueName } from './names.ts';
import { makeNetwork, makeRouter, whenDone } from './things.ts';

const actors = useActors();

async function rolesByName(): Promise<Map<string, string>> {
  return new Map((await keystone.listRoles(actors.domain.session)).map(({ name, id }) => [name, id]));
}

describe('Moorage\'s user', () => {
  it('gives the users of clusters two roles in any project, and no other', async () => {
    const { session } = actors.domain;
    const user = await keystone.createUser(session, { name: uniqueName('cluster'), password: 'long enough' });
    whenDone(() => keystone.deleteUser(actors.admin.session, user.id));
    const roles = await rolesByName();
    for (const projectId of [actors.userProjectId, actors.serviceProjectId]) {
      for (const role of ['member', 'load-balancer_member']) await keystone.assignRole(session, projectId, user.id, roles.get(role)!);
      for (const role of ['admin', 'service', 'load-balancer_admin', 'moorage']) {
        await expect(keystone.assignRole(session, projectId, user.id, roles.get(role)!), role).rejects.toMatchObject({ status: 403 });
      }
    }
    expect(await keystone.listRoleAssignments(actors.admin.session, { 'user.id': user.id })).toHaveLength(4);
  });

  it('gives nobody else a role, and takes none away', async () => {
    const member = (await rolesByName()).get('member')!;
    const path = `/projects/${actors.strangerProjectId}/users/${actors.user.userId}/roles/${member}`;
    expect((await actors.domain.call('identity', 'PUT', path)).status).toBe(403);
    expect((await actors.domain.call('identity', 'DELETE', `/projects/${actors.userProjectId}/users/${actors.user.userId}/roles/${member}`)).status).toBe(403);
  });

  it('leaves others\' users, projects and domains as they are', async () => {
    const attempts = [
      ['PATCH', `/users/${actors.user.userId}`, { user: { password: 'taken over' } }], ['DELETE', `/users/${actors.user.userId}`],
      ['PATCH', `/projects/${actors.userProjectId}`, { project: { enabled: false } }], ['DELETE', `/projects/${actors.userProjectId}`],
      ['GET', '/domains'], ['POST', '/domains', { domain: { name: uniqueName('domain') } }],
    ] as const;
    for (const [method, path, body] of attempts) expect((await actors.domain.call('identity', method, path, body)).status, `${method} ${path}`).toBe(403);
  });

  it('makes itself no administrator', async () => {
    const { session, userId } = actors.domain;
    const [own] = await keystone.listUsers(session, { name: 'moorage' });
    expect(own).toMatchObject({ id: userId });
    const admin = (await rolesByName()).get('admin')!;
    const refused = { status: 403 };
    await expect(keystone.assignRole(session, actors.serviceProjectId, userId, admin)).rejects.toMatchObject(refused);
    await expect(keystone.assignDomainRole(session, own!.domain_id, userId, admin)).rejects.toMatchObject(refused);
    await expect(keystone.assignInheritedRole(session, own!.domain_id, userId, admin)).rejects.toMatchObject(refused);
  });

  it('sees projects, users and assignments of its own domain, and of no other', async () => {
    const { session } = actors.domain;
    const projects = (await keystone.listProjects(session)).map(({ id }) => id);
    expect(projects).toContain(actors.serviceProjectId);
    expect(projects).not.toContain(actors.userProjectId);
    const users = (await keystone.listUsers(session)).map(({ id }) => id);
    expect(users).toContain(actors.member.userId);
    expect(users).not.toContain(actors.user.userId);
    expect(await keystone.getProject(session, actors.serviceProjectId)).toMatchObject({ id: actors.serviceProjectId });
    await expect(keystone.getProject(session, actors.userProjectId)).rejects.toMatchObject({ status: 403 });
  });

  it('leaves networks, subnets and routers of others as they are', async () => {
    const users = await makeNetwork(actors.user, '10.30.0.0/24');
    const { routerId } = await makeRouter(actors.user, users.subnetId);
    const attempts = [
      ['DELETE', `/networks/${users.networkId}`, undefined, 403], ['PUT', `/networks/${users.networkId}`, { network: { name: 'taken' } }, 403],
      ['PUT', `/subnets/${users.subnetId}`, { subnet: { name: 'taken' } }, 404], ['DELETE', `/subnets/${users.subnetId}`, undefined, 404],
      ['PUT', `/routers/${routerId}`, { router: { external_gateway_info: null } }, 404], ['DELETE', `/routers/${routerId}`, undefined, 404],
    ] as const;
    for (const [method, path, body, status] of attempts) expect((await actors.platform.call('network', method, path, body)).status, `${method} ${path}`).toBe(status);
    expect(await neutron.getRouter(actors.user.session, routerId)).toMatchObject({ external_gateway_info: { network_id: expect.any(String) } });
  });
});
