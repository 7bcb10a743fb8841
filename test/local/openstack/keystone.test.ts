// Source: what a real Zed answered, facts e and h.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { authenticate, boot, login, makeNetwork, makePort, send, serviceProject, type Client } from './client.ts';

let cloud: Cloud;
let platform: Client;
beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  platform = await login(cloud.authUrl, cloud.credentials.moorage);
});
afterAll(() => cloud.close());

describe('projects (e)', () => {
  it('are made with description and tags, found by tags, and unique by name', async () => {
    const project = { name: 'one', description: 'd', tags: ['a=1', 'b'] };
    const made = await platform.call('identity', 'POST', '/projects', { project });
    expect(made.status).toBe(201);
    expect(made.body.project).toMatchObject({ ...project, domain_id: made.body.project.parent_id, enabled: true });
    const found = await platform.call('identity', 'GET',
      `/projects?tags=a%3D1,b&domain_id=${made.body.project.domain_id}`);
    expect(found.body.projects.map((one: { id: string }) => one.id)).toEqual([made.body.project.id]);
    const none = await platform.call('identity', 'GET', '/projects?tags=a%3D1,c');
    expect(none.body.projects).toEqual([]);
    const again = await platform.call('identity', 'POST', '/projects', { project });
    expect(again.status).toBe(409);
    expect(again.body.error).toMatchObject({ code: 409, title: 'Conflict' });
  });

  it('are nobody else\'s to read or list', async () => {
    const demo = await login(cloud.authUrl, cloud.credentials.demo);
    expect((await demo.call('identity', 'GET', `/projects/${demo.projectId}`)).status).toBe(200);
    const other = await demo.call('identity', 'GET', '/projects/ffff');
    expect(other.body.error.message)
      .toBe('You are not authorized to perform the requested action: identity:get_project.');
    expect((await demo.call('identity', 'GET', '/projects')).status).toBe(403);
  });

  it('leave everything behind as orphans when deleted (h)', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'orphanage');
    const { networkId } = await makeNetwork(member, 'n', '10.1.0.0/24');
    const portId = await makePort(member, networkId);
    const server = (await boot(member, 'left', { networks: [{ port: portId }] })).body.server;
    await cloud.settled();
    expect((await platform.call('identity', 'DELETE', `/projects/${id}`)).status).toBe(204);
    const left = await platform.call('compute', 'GET', `/servers?all_tenants=1&project_id=${id}`);
    expect(left.body.servers.map((one: { id: string }) => one.id)).toEqual([server.id]);
    expect((await member.call('network', 'GET', '/ports')).status).toBe(401);
    expect((await admin.call('identity', 'GET', '/auth/projects')).status).toBe(404);
    expect((await platform.call('compute', 'DELETE', `/servers/${server.id}`)).status).toBe(204);
    expect(cloud.leftovers({ projectIds: [id] })['neutron']).toHaveProperty('ports');
  });
});

describe('domains (e, h)', () => {
  it('must be disabled first, and take users and projects along', async () => {
    const admin = await login(cloud.authUrl, cloud.credentials.admin);
    const { domain } = (await admin.call('identity', 'POST', '/domains', { domain: { name: 'short' } })).body;
    const inside = { name: 'p', domain_id: domain.id };
    const { project } = (await admin.call('identity', 'POST', '/projects', { project: inside })).body;
    const refused = await admin.call('identity', 'DELETE', `/domains/${domain.id}`);
    expect(refused.status).toBe(403);
    expect(refused.body.error.message).toContain('please disable it first');
    await admin.call('identity', 'PATCH', `/domains/${domain.id}`, { domain: { enabled: false } });
    expect((await admin.call('identity', 'DELETE', `/domains/${domain.id}`)).status).toBe(204);
    expect((await admin.call('identity', 'GET', `/projects/${project.id}`)).status).toBe(404);
  });

  it('give tokens whose catalogue leaves out what needs a project', async () => {
    const { body } = await authenticate(cloud.authUrl, cloud.credentials.moorage);
    const cinder = body.token.catalog.find((one: { type: string }) => one.type === 'volumev3');
    expect(cinder.endpoints).toEqual([]);
    expect(body.token.roles.map((role: { name: string }) => role.name).sort()).toEqual(['admin', 'member', 'reader']);
  });
});

describe('application credentials (e)', () => {
  it('are made by the user alone, and a restricted one makes no more', async () => {
    const { member, admin } = await serviceProject(cloud, 'credentials');
    const path = `/users/${member.userId}/application_credentials`;
    const wanted = { application_credential: { name: 'ccm' } };
    expect((await admin.call('identity', 'POST', path, wanted)).status).toBe(403);
    const { application_credential: made } = (await member.call('identity', 'POST', path, wanted)).body;
    expect(made.secret).toBeTypeOf('string');
    expect((await member.call('identity', 'POST', path, wanted)).status).toBe(409);

    const { id, secret } = made;
    const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    const issued = await send('POST', `${cloud.authUrl}/auth/tokens`, { auth });
    expect(issued.body.token.project.id).toBe(member.projectId);
    const token = issued.headers.get('x-subject-token') ?? '';
    const more = await send('POST', cloud.authUrl
      + path, { application_credential: { name: 'b' } }, { 'X-Auth-Token': token });
    expect(more.status).toBe(403);

    await member.call('identity', 'DELETE', `${path}/${id}`);
    expect((await send('POST', `${cloud.authUrl}/auth/tokens`, { auth })).status).toBe(401);
    const after = await send('GET', `${cloud.authUrl.replace('identity/v3', 'network/v2.0')}/ports`, undefined,
      { 'X-Auth-Token': token });
    expect(after.status).toBe(401);
  });
});

describe('tokens', () => {
  it('of a user who is gone are worth nothing', async () => {
    const { member, platform: own } = await serviceProject(cloud, 'leaver');
    expect((await member.call('compute', 'GET', '/servers')).status).toBe(200);
    await own.call('identity', 'DELETE', `/users/${member.userId}`);
    expect((await member.call('compute', 'GET', '/servers')).status).toBe(401);
  });

  it('are validated for admins, and for their owner', async () => {
    const demo = await login(cloud.authUrl, cloud.credentials.demo);
    const other = await login(cloud.authUrl, cloud.credentials.other);
    const validate = (by: Client, token: string) =>
      by.call('identity', 'GET', '/auth/tokens', undefined, { 'X-Subject-Token': token });
    const seen = await validate(platform, demo.token);
    expect(seen.body.token).toMatchObject({ project: { id: demo.projectId }, user: { name: 'demo' } });
    expect((await validate(demo, demo.token)).status).toBe(200);
    expect((await validate(other, demo.token)).status).toBe(403);
    expect((await validate(platform, `${demo.token}x`)).status).toBe(404);
  });

  it('are refused for wrong passwords, without a role, and in all services', async () => {
    const wrong = { ...cloud.credentials.demo, password: 'no' };
    expect((await authenticate(cloud.authUrl, wrong)).status).toBe(401);
    const elsewhere = { ...cloud.credentials.demo, projectName: 'other' };
    expect((await authenticate(cloud.authUrl, elsewhere)).status).toBe(401);
    for (const service of ['compute', 'network', 'volumev3', 'load-balancer', 'image', 'identity'] as const) {
      const answer = await platform.call(service, 'GET', '/x', undefined, { 'X-Auth-Token': 'bad' });
      expect([service, answer.status]).toEqual([service, 401]);
    }
  });
});
