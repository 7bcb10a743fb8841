/** Whose token it is decides everything: every route, with tokens that are no good and with those of other people. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterRequest, startHarness, type Harness } from '../functions/http/harness.ts';
import { isOpen, routes } from './hostile.ts';

let api: Harness;
let id: string;
let uuid: string;
// What the store is made of is read when it is imported.
let forgetCallers: () => void;

beforeAll(async () => {
  Object.assign(process.env, { CLUSTERS_PER_PROJECT: '100', MAGNUM_SERVICE_TYPES: 'none', REQUESTS_PER_MINUTE: '0' });
  api = await startHarness();
  ({ forgetCallers } = await import('../../layers/http/authenticate.ts'));
  uuid = crypto.randomUUID();
  ({ json: { id } } = await api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), uuid } }));
});
afterAll(() => api.stop());

const closed = routes.filter((route) => !isOpen(route));
const pathOf = (path: string): string => path.replaceAll('{cluster}', uuid).replaceAll('{id}', path.includes('node-groups/') ? '0'.repeat(27) : id).replaceAll(/\{\w+\}/g, 'x');

/** Contents of somebody else's choice under a signature that Keystone gave for others. */
function forged(token: string, change: object): string {
  const [, payload, signature] = /^gAAAAA([\w-]+)\.([\w-]+)$/.exec(token)!;
  const content = { ...JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object, ...change };
  return `gAAAAA${Buffer.from(JSON.stringify(content)).toString('base64url')}.${signature}`;
}

const keystone = (path: string, method: string, more: { headers?: Record<string, string>; body?: object } = {}): Promise<Response> =>
  fetch(`${api.cloud.authUrl}${path}`, { method, headers: { 'content-type': 'application/json', ...more.headers }, ...(more.body && { body: JSON.stringify(more.body) }) });

const latest = { 'openstack-api-version': 'container-infra latest' };
/** What a proxy in front would say of a caller: nobody believes it. */
const claims = () => ({ ...latest, 'x-identity-status': 'Confirmed', 'x-project-id': api.users.demo.projectId, 'x-roles': 'admin', 'x-service-token': 'x' });

test.each(closed)('$method $path lets nobody in without a good token', async ({ method, path }) => {
  forgetCallers();
  const good = await api.users.demo.token();
  const otherProject = forged(good, { projectId: api.users.other.projectId });
  for (const token of [null, '', 'x', otherProject, forged(good, { expiresAt: 9e15 }), `${good}x`, good.slice(0, -1), ` ${good.slice(1)}`, `${good},${good}`, 'null', 'a'.repeat(20_000)]) {
    const { status, text } = await api.call(method, pathOf(path), { token, headers: claims() });
    expect([token, status]).toEqual([token, 401]);
    expect(text).not.toContain(good);
  }
});

test.each(closed)('$method $path tells nobody of another project anything', async ({ method, path }) => {
  const { status, text } = await api.call(method, pathOf(path), { token: await api.users.other.token(), headers: claims() });
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/harbour|for ships/);
  if (path.includes('{id}') || path.includes('{cluster}')) expect(status).toBeGreaterThanOrEqual(400);
});

test('a token that has ended is worth nothing from that moment on', async () => {
  forgetCallers();
  const token = await api.users.demo.token();
  expect((await api.call('GET', '/v2/clusters', { token })).status).toBe(200);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  try {
    for (const path of ['/v2/clusters', '/v1/clusters']) expect((await api.call('GET', path, { token })).status).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});

test('a token that is revoked is worth nothing a minute later', async () => {
  forgetCallers();
  const { token } = await logInAs({ project: { name: 'demo', domain: { name: 'Default' } } });
  expect((await api.call('GET', '/v2/clusters', { token })).status).toBe(200);
  expect((await keystone('/auth/tokens', 'DELETE', { headers: { 'x-auth-token': token, 'x-subject-token': token } })).status).toBe(204);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 });
  try {
    expect((await api.call('GET', '/v2/clusters', { token })).status).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});

test('a token without a project gets nothing', async () => {
  const { token } = await logInAs(undefined);
  for (const { method, path } of closed) {
    expect([method, path, (await api.call(method, pathOf(path), { token, headers: claims() })).status]).toEqual([method, path, 403]);
  }
});

async function logInAs(scope: object | undefined): Promise<{ token: string }> {
  const identity = { methods: ['password'], password: { user: { name: 'demo', domain: { name: 'Default' }, password: 'secret' } } };
  const answer = await keystone('/auth/tokens', 'POST', { body: { auth: { identity, scope: scope ?? 'unscoped' } } });
  expect(answer.status).toBe(201);
  return { token: answer.headers.get('x-subject-token')! };
}
