import { describe, expect, it } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { openSession, sessionFromToken, type SessionOptions } from '../../../layers/openstack/session.ts';
import { cacheKey, memoryTokenCache } from '../../../layers/openstack/token.ts';
import { createTransport } from '../../../layers/openstack/transport.ts';
import { errorOf, serve, type Answer, type FakeService, type Received } from './service.ts';

const UUID = '6e88bb9a-b8f5-483e-acb7-f66a175b746a';
const credential = { username: 'moorage', userDomainName: 'moorage', password: 'hunter2' };
const scope = { domainName: 'moorage' };

interface Cloud extends FakeService {
  clock: { now: number };
  logins(): Received[];
  open(more?: Partial<SessionOptions>): ReturnType<typeof openSession>;
}

/** Keystone and Neutron in one: tokens `t1`, `t2`, … for an hour; those in `revoked` are refused. */
async function cloud(
  answer: (request: Received) => Answer | undefined = () => undefined,
  revoked = new Set<string>(),
): Promise<Cloud> {
  const clock = { now: Date.parse('2030-01-01T00:00:00Z') };
  let issued = 0;
  const service = await serve((request) => {
    const own = answer(request);
    if (own) return own;
    if (request.path === '/v3/auth/tokens') {
      const catalog = [{ type: 'network', endpoints: [{ interface: 'public', region_id: 'R', url: service.url }] }];
      issued += 1;
      return {
        status: 201,
        headers: { 'x-subject-token': `t${issued}` },
        body: { token: { expires_at: new Date(clock.now + 3600_000).toISOString(), catalog } },
      };
    }
    return revoked.has(String(request.headers['x-auth-token']))
      ? { status: 401 }
      : { body: { ports: [], port: { id: 'p' } } };
  });
  const http = createTransport({ backoffMs: 1 });
  return {
    ...service,
    clock,
    logins: () => service.received.filter(({ path }) => path === '/v3/auth/tokens'),
    open: (more = {}) =>
      openSession({
        authUrl: service.url,
        credential,
        scope,
        region: 'R',
        tokens: memoryTokenCache(),
        http,
        now: () => clock.now,
        ...more,
      }),
  };
}

describe('logging in', () => {
  it('happens at the first call, once for all that come together', async () => {
    const it = await cloud();
    const session = it.open();
    expect(it.received).toEqual([]);
    await Promise.all([neutron.listPorts(session), neutron.listPorts(session), neutron.listPorts(session)]);
    await neutron.listPorts(session);
    expect(it.logins()).toHaveLength(1);
    expect(it.received.at(-1)!.headers['x-auth-token']).toBe('t1');
  });

  it.each<[string, Partial<SessionOptions>, object]>([
    [
      'a user for a domain',
      {},
      {
        identity: {
          methods: ['password'],
          password: { user: { name: 'moorage', domain: { name: 'moorage' }, password: 'hunter2' } },
        },
        scope: { domain: { name: 'moorage' } },
      },
    ],
    [
      'a user for a project',
      { credential: { userId: 'u1', password: 'p' }, scope: { projectId: 'p1' } },
      {
        identity: { methods: ['password'], password: { user: { id: 'u1', password: 'p' } } },
        scope: { project: { id: 'p1' } },
      },
    ],
    [
      'a user for a project by name',
      { scope: { projectName: 'p', projectDomainName: 'd' } },
      {
        identity: {
          methods: ['password'],
          password: { user: { name: 'moorage', domain: { name: 'moorage' }, password: 'hunter2' } },
        },
        scope: { project: { name: 'p', domain: { name: 'd' } } },
      },
    ],
    [
      'an application credential',
      { credential: { applicationCredentialId: 'a', applicationCredentialSecret: 's' }, scope: undefined },
      {
        identity: { methods: ['application_credential'], application_credential: { id: 'a', secret: 's' } },
      },
    ],
  ])('as %s', async (_, options, auth) => {
    const it = await cloud();
    await neutron.listPorts(it.open(options));
    expect(it.logins()[0]!.body).toEqual({ auth });
  });

  it('that is refused says so, keeps no password, and is tried anew by the next call', async () => {
    let refuse = true;
    const it = await cloud(({ path, body }) =>
      refuse && path === '/v3/auth/tokens'
        ? { status: 401, body: { error: { title: 'Unauthorized', message: `no: ${JSON.stringify(body)}` } } }
        : undefined,
    );
    const session = it.open();
    const error = await errorOf(neutron.listPorts(session));
    expect(error).toMatchObject({
      service: 'identity',
      method: 'POST',
      path: '/auth/tokens',
      status: 401,
      type: 'Unauthorized',
    });
    expect(String(error)).not.toContain('hunter2');
    refuse = false;
    await neutron.listPorts(session);
  });
});

describe('a token', () => {
  it('is renewed before it ends', async () => {
    const it = await cloud();
    const session = it.open();
    await neutron.listPorts(session);
    it.clock.now += 3600_000 - 60_000;
    await Promise.all([neutron.listPorts(session), neutron.listPorts(session)]);
    expect(it.logins()).toHaveLength(2);
    expect(it.received.at(-1)!.headers['x-auth-token']).toBe('t2');
  });

  it('that is refused is renewed once and the call repeated, a create as well', async () => {
    const it = await cloud(undefined, new Set(['t1']));
    const session = it.open();
    const [port] = await Promise.all([
      neutron.createPort(session, { name: 'p', network_id: 'n' }),
      neutron.listPorts(session),
    ]);
    expect(port).toEqual({ id: 'p' });
    expect(it.logins()).toHaveLength(2);
  });

  it('that is refused again is an error', async () => {
    const it = await cloud(undefined, new Set(['t1', 't2', 't3']));
    expect(await errorOf(neutron.listPorts(it.open()))).toMatchObject({ service: 'network', status: 401 });
    expect(it.logins()).toHaveLength(2);
  });

  it('is shared through the cache, with its catalogue, by the same user and scope only', async () => {
    const it = await cloud();
    const tokens = memoryTokenCache();
    await neutron.listPorts(it.open({ tokens }));
    await neutron.listPorts(it.open({ tokens }));
    expect(it.logins()).toHaveLength(1);
    await neutron.listPorts(it.open({ tokens, scope: { projectId: 'p' } }));
    await neutron.listPorts(it.open({ tokens, credential: { ...credential, username: 'other' } }));
    expect(it.logins()).toHaveLength(3);
  });

  it('that another function renewed is taken from the cache', async () => {
    const revoked = new Set<string>();
    const it = await cloud(undefined, revoked);
    const tokens = memoryTokenCache();
    const session = it.open({ tokens });
    await neutron.listPorts(session);
    revoked.add('t1');
    const renewed = { token: 'theirs', expiresAtMs: it.clock.now + 3600_000, catalogue: it.catalogue };
    await tokens.put(cacheKey({ authUrl: it.url, credential, scope }), renewed);
    await neutron.listPorts(session);
    expect(it.logins()).toHaveLength(1);
    expect(it.received.at(-1)!.headers['x-auth-token']).toBe('theirs');
  });
});

it('the key of a cached token tells nothing of user or secret, and does not change with the secret', () => {
  const key = cacheKey({ authUrl: 'http://k', credential, scope });
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(cacheKey({ authUrl: 'http://k', credential: { ...credential, password: 'new' }, scope })).toBe(key);
  expect(cacheKey({ authUrl: 'http://k', credential, scope: { projectId: 'moorage' } })).not.toBe(key);
});

describe('every call', () => {
  it.each([UUID, `req-${UUID}`])('carries the request id %s, the login too', async (requestId) => {
    const it = await cloud();
    await neutron.listPorts(it.open({ requestId }));
    expect(it.received.map(({ headers }) => headers['x-openstack-request-id'])).toEqual([`req-${UUID}`, `req-${UUID}`]);
  });

  it('is counted', async () => {
    const it = await cloud();
    const calls: string[] = [];
    await neutron.getPort(
      it.open({ onCall: ({ service, method, path, status }) => calls.push(`${service} ${method} ${path} ${status}`) }),
      'p1',
    );
    expect(calls).toEqual(['identity POST /auth/tokens 201', 'network GET /ports/{id} 200']);
  });

  it('to a service that the catalogue does not have is an error', async () => {
    const it = await cloud();
    expect(await errorOf(keystone.listDomains(it.open()))).toMatchObject({
      service: 'identity',
      type: 'EndpointNotFound',
      status: 0,
    });
  });
});

describe('with a user\'s own token', () => {
  it('reads the catalogue once, acts, and does not log in when it is refused', async () => {
    const catalog = (url: string): object => ({
      catalog: [{ type: 'network', endpoints: [{ interface: 'public', region_id: 'R', url }] }],
    });
    const it = await cloud(
      ({ path }) => (path === '/v3/auth/catalog' ? { body: catalog(it.url) } : undefined),
      new Set(['late']),
    );
    const session = sessionFromToken({ token: 'theirs', authUrl: it.url, region: 'R' });
    await Promise.all([neutron.listPorts(session), neutron.listPorts(session)]);
    expect(it.received.map(({ path }) => path)).toEqual(['/v3/auth/catalog', '/v2.0/ports', '/v2.0/ports']);
    expect(it.received.every(({ headers }) => headers['x-auth-token'] === 'theirs')).toBe(true);
    expect(
      await errorOf(neutron.listPorts(sessionFromToken({ token: 'late', catalogue: it.catalogue }))),
    ).toMatchObject({ status: 401 });
    expect(it.logins()).toEqual([]);
  });
});

describe('validating a token', () => {
  const token = { user: { id: 'u' }, methods: ['password'], expires_at: '2030-01-01T01:00:00Z' };
  const open = async (
    answer: Answer,
  ): Promise<{ service: FakeService; session: ReturnType<typeof sessionFromToken> }> => {
    const service = await serve(() => answer);
    return { service, session: sessionFromToken({ token: 'ours', catalogue: service.catalogue }) };
  };

  it('asks with our token about theirs, without the catalogue', async () => {
    const { service, session } = await open({ body: { token } });
    expect(await keystone.validateToken(session, 'theirs')).toEqual(token);
    expect(service.received[0]).toMatchObject({
      path: '/v3/auth/tokens',
      headers: { 'x-auth-token': 'ours', 'x-subject-token': 'theirs' },
    });
    expect(service.received[0]!.query.has('nocatalog')).toBe(true);
  });

  it('is undefined for one that Keystone does not know, and for what cannot be one', async () => {
    const { service, session } = await open({ status: 404 });
    expect(await keystone.validateToken(session, 'theirs')).toBeUndefined();
    expect(await keystone.validateToken(session, 'a\r\nx-evil: 1')).toBeUndefined();
    expect(await keystone.validateToken(session, '')).toBeUndefined();
    expect(service.received).toHaveLength(1);
  });
});
