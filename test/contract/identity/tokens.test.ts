// Source: Identity API v3, authentication and token management (docs.openstack.org/api-ref/identity/v3), and what a Zed
// Keystone and its middleware answered.
import { describe, expect, it } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { sessionFromToken } from '../../../layers/openstack/session.ts';
import { memoryTokenCache, type CachedToken } from '../../../layers/openstack/token.ts';
import { openSession } from '../../../layers/openstack/session.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { credentialOf } from '../names.ts';
import { authenticate, openClient, send } from '../client.ts';
import { cloud, eventually } from '../cloud.ts';
import { whenDone } from '../things.ts';

const actors = useActors();
const { authUrl, regionName: region } = cloud;

/** A token of Moorage's own that nobody else uses. */
const freshPlatform = () => openClient(authUrl, credentialOf(cloud.platform), { projectId: actors.serviceProjectId });

describe('a login', () => {
  it('with a wrong password is 401, and tells neither why nor the password', async () => {
    const answer = await authenticate(authUrl, { ...credentialOf(cloud.platform), password: 'no such password' }, { projectId: actors.serviceProjectId });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 401, title: 'Unauthorized' } } });
    expect(answer.text).not.toContain('no such password');
  });

  it('tells when the token ends, for what it is good, and where the services are', async () => {
    const { body } = await authenticate(authUrl, credentialOf(cloud.platform), { projectId: actors.serviceProjectId });
    expect(Date.parse(body.token.expires_at)).toBeGreaterThan(Date.now());
    expect(body.token.project).toMatchObject({ id: actors.serviceProjectId });
    const types = body.token.catalog.map(({ type }: { type: string }) => type);
    expect(types).toEqual(expect.arrayContaining(['compute', 'identity', 'image', 'load-balancer', 'network', 'volumev3']));
  });

  it('for a domain has a catalogue whose Cinder has no address: that needs a project', async () => {
    const { body } = await authenticate(authUrl, credentialOf(cloud.platform), { domainName: cloud.platform.domainName! });
    const cinder = body.token.catalog.find(({ type }: { type: string }) => type === 'volumev3');
    expect(cinder?.endpoints ?? []).toEqual([]);
    expect(body.token).not.toHaveProperty('project');
  });
});

describe('a user\'s token', () => {
  it('is validated by Moorage: whose it is, for what, with which roles', async () => {
    const info = await keystone.validateToken(actors.domain.session, actors.user.token);
    expect(info).toMatchObject({
      user: { id: actors.user.userId, domain: { id: 'default' } }, project: { id: actors.userProjectId },
      roles: expect.arrayContaining([expect.objectContaining({ name: 'member' })]),
    });
    expect(Date.parse(info!.expires_at)).toBeGreaterThan(Date.now());
    expect(info).not.toHaveProperty('catalog');
  });

  it('that is none is not found, whatever it is made of', async () => {
    expect(await keystone.validateToken(actors.domain.session, 'gAAAAABnothing')).toBeUndefined();
    expect(await keystone.validateToken(actors.domain.session, 'two\r\nlines')).toBeUndefined();
  });

  it('acts for the user, and no further than they may', async () => {
    const own = sessionFromToken({ token: actors.user.token, authUrl, region });
    expect(await keystone.getProject(own, actors.userProjectId)).toMatchObject({ id: actors.userProjectId });
    await expect(keystone.listServices(own)).rejects.toMatchObject({ status: 403, service: 'identity', path: '/services' });
  });

  it('is not for another ordinary user to validate', async () => {
    const answer = await actors.stranger.call('identity', 'GET', '/auth/tokens', undefined, { 'X-Subject-Token': actors.user.token });
    expect(answer.status).toBe(403);
  });
});

describe('a token that is worth nothing', () => {
  it('is 401 at every service', async () => {
    for (const [service, path] of [['identity', '/auth/catalog'], ['compute', '/servers'], ['network', '/ports'], ['block-storage', '/volumes'],
      ['load-balancer', '/lbaas/loadbalancers'], ['image', '/images']] as const) {
      const answer = await actors.member.call(service, 'GET', path, undefined, { 'X-Auth-Token': 'gAAAAABnothing' });
      expect(answer.status, service).toBe(401);
    }
  });

  it('after it was revoked, at Keystone at once and at a service that has not seen it', async () => {
    const client = await freshPlatform();
    const revoked = await client.call('identity', 'DELETE', '/auth/tokens', undefined, { 'X-Subject-Token': client.token });
    expect(revoked.status).toBe(204);
    expect((await client.call('identity', 'GET', '/auth/catalog')).status).toBe(401);
    expect((await client.call('network', 'GET', '/ports?limit=1')).status).toBe(401);
    expect(await keystone.validateToken(actors.domain.session, client.token)).toBeUndefined();
  });

  it('is replaced by a session, which repeats the call', async () => {
    const cache = memoryTokenCache();
    const issued: CachedToken[] = [];
    const session = openSession({
      authUrl, region, credential: credentialOf(cloud.platform), scope: { projectId: actors.serviceProjectId },
      tokens: { get: cache.get, put: (key, token) => (issued.push(token), cache.put(key, token)) },
    });
    await keystone.listRoles(session);
    const { token } = issued[0]!;
    await actors.admin.call('identity', 'DELETE', '/auth/tokens', undefined, { 'X-Subject-Token': token });
    expect(await neutron.listPorts(session, { name: 'nothing of this name' })).toEqual([]);
    expect(issued).toHaveLength(2);
  });

  it('as soon as it has expired', async () => {
    const expires_at = new Date(Date.now() + 4_000).toISOString();
    const { userId } = actors.member;
    const made = await keystone.createApplicationCredential(actors.member.session, userId, { name: 'short', unrestricted: false, expires_at } as never);
    whenDone(() => keystone.deleteApplicationCredential(actors.member.session, userId, made.id));
    const client = await openClient(authUrl, { applicationCredentialId: made.id, applicationCredentialSecret: made.secret }, undefined);
    expect((await client.call('network', 'GET', '/ports?limit=1')).status).toBe(200);
    await eventually(async () => (await client.call('identity', 'GET', '/auth/catalog')).status).toBe(401);
    expect((await authenticate(authUrl, { applicationCredentialId: made.id, applicationCredentialSecret: made.secret })).status).toBe(401);
  });

  it('when its user is gone', async () => {
    const password = 'of somebody who goes';
    const user = await keystone.createUser(actors.domain.session, { name: `${actors.member.userId}-leaver`, password });
    whenDone(() => keystone.deleteUser(actors.admin.session, user.id));
    const [member] = await keystone.listRoles(actors.domain.session, { name: 'member' });
    await keystone.assignRole(actors.domain.session, actors.serviceProjectId, user.id, member!.id);
    const client = await openClient(authUrl, { userId: user.id, password }, { projectId: actors.serviceProjectId });
    await keystone.deleteUser(actors.domain.session, user.id);
    expect((await client.call('network', 'GET', '/ports?limit=1')).status).toBe(401);
    expect((await authenticate(authUrl, { userId: user.id, password })).status).toBe(401);
  });
});

describe('without a token', () => {
  it('a service says 401 and where to log in', async () => {
    const network = await actors.member.call('network', 'GET', '/ports', undefined, { 'X-Auth-Token': '' });
    expect(network.status).toBe(401);
    expect(network.headers.get('www-authenticate')).toMatch(/^Keystone uri="/);
  });

  it('Keystone tells its version', async () => {
    const answer = await send('GET', authUrl);
    expect([answer.status, answer.body.version.id]).toEqual([200, expect.stringMatching(/^v3\./)]);
  });
});
