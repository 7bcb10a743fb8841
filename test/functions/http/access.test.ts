import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { clusterRequest, startHarness, type Harness } from './harness.ts';

let api: Harness;
let forgetCallers: () => void;
beforeAll(async () => {
  api = await startHarness();
  ({ forgetCallers } = await import('../../../layers/http/authenticate.ts'));
});
afterAll(() => api.stop());
afterEach(() => api.cloud.faults.clear());

const tokenFor = async (scope?: object): Promise<string> => {
  const { username, password, userDomainName } = api.cloud.credentials.demo;
  const identity = { methods: ['password'],
    password: { user: { name: username, password, domain: { name: userDomainName } } } };
  const answer = await fetch(`${api.cloud.authUrl}/auth/tokens`,
    { method: 'POST', body: JSON.stringify({ auth: { identity, ...(scope && { scope }) } }),
      headers: { 'content-type': 'application/json' } });
  return answer.headers.get('x-subject-token')!;
};

test.each<[string | null, string]>([[null, 'no token'], ['nonsense', 'nobody\'s'],
  ['two\r\nlines', 'no header']])('the token %j is refused with a way to get one', async (token, _what) => {
  const { status, headers, json } = await api.call('GET', '/v2/clusters', { token });
  expect(status).toBe(401);
  expect(headers['www-authenticate']).toBe(`Keystone uri="${api.cloud.authUrl}"`);
  expect(json.error).toMatchObject({ code: 'unauthorized', action: expect.stringContaining('X-Auth-Token') });
  expect(json.error.request_id).toBe(headers['x-openstack-request-id']);
});

test('a token without a project is refused with words', async () => {
  expect(await api.call('GET', '/v2/clusters', { token: await tokenFor('unscoped' as never) }))
    .toMatchObject({ status: 403, json: { error: { code: 'token_without_project' } } });
});

test('who may only read reads, and changes nothing', async () => {
  const { json: { id } } = await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) });
  expect((await api.as('viewer', 'GET', `/v2/clusters/${id}`)).status).toBe(200);
  expect((await api.as('viewer', 'GET', '/v2/clusters')).json.clusters).toHaveLength(1);
  for (const [method, path] of [['POST', '/v2/clusters'], ['DELETE', `/v2/clusters/${id}`],
    ['PATCH', `/v2/clusters/${id}`], ['POST', `/v2/clusters/${id}/kube_config`]] as const) {
    expect(await api.as('viewer', method, path, {}), `${method} ${path}`)
      .toMatchObject({ status: 403, json: { error: { code: 'role_missing' } } });
  }
});

test('another project\'s cluster does not exist', async () => {
  const { json: { id } } = await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) });
  for (const [method, path] of [['GET', ''], ['DELETE', ''], ['POST', '/kube_config'], ['GET', '/operations'],
    ['GET', '/events']] as const) {
    expect((await api.as('other', method, `/v2/clusters/${id}${path}`)).status, `${method} ${path}`).toBe(404);
  }
  expect((await api.call('GET', '/v2/clusters/..%2Fetc')).status).toBe(404);
});

test('a token is asked about once a minute', async () => {
  forgetCallers();
  api.cloud.calls.reset();
  const token = await api.users.demo.token();
  for (let n = 0; n < 3; n++) await api.call('GET', '/v2/clusters', { token });
  expect(JSON.stringify(api.cloud.calls.read()).match(/auth\/tokens/g)?.length ?? 0).toBeLessThanOrEqual(2);
  const { authenticate } = await import('../../../layers/http/authenticate.ts');
  await authenticate(token, 'read', 'r', Date.now());
  api.cloud.faults.add({ service: 'keystone', status: 404, pathPattern: 'auth/tokens' });
  await expect(authenticate(token, 'read', 'r', Date.now() + 59_000)).resolves.toBeTruthy();
  await expect(authenticate(token, 'read', 'r', Date.now() + 61_000))
    .rejects.toMatchObject({ refusal: { status: 401 } });
});

test('when Keystone is down nobody is let in, and everybody is told when to come back', async () => {
  forgetCallers();
  api.cloud.faults.add({ service: 'keystone', status: 503 });
  const { status, headers, json } = await api.call('GET', '/v2/clusters');
  expect([status, json.error.code]).toEqual([503, 'identity_unavailable']);
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
});

test('when another service is down the request is to be repeated, and nothing was created', async () => {
  const before = (await api.call('GET', '/v2/clusters')).json.clusters.length;
  api.cloud.faults.add({ service: 'neutron', status: 500 });
  const { status, json } = await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) });
  expect([status, json.error.code]).toEqual([503, 'cloud_unavailable']);
  expect((await api.call('GET', '/v2/clusters')).json.clusters).toHaveLength(before);
});

test('what fails on our side says nothing of its inside', async () => {
  const { clusters } = await import('../../../layers/store/clusters.ts');
  const get = clusters.get;
  clusters.get = () => Promise.reject(new Error('table secret-table is gone'));
  const { status, text, json } = await api.call('GET', `/v2/clusters/${'0'.repeat(27)}`)
    .finally(() => { clusters.get = get; });
  expect([status, json.error.code]).toEqual([500, 'internal_error']);
  expect(text).not.toContain('secret-table');
});

test.each([
  ['GET', '/v2/nothing', 404, undefined], ['PUT', '/v2/clusters', 405, 'POST, GET'],
    ['POST', '/v2/clusters/x/events', 405, 'GET'], ['POST', '/v2/clusters/abc', 405, 'GET, PATCH, DELETE'],
  ['PATCH', '/v2/clusters/abc:dance', 404, undefined],
])('%s %s is answered %i', async (method, path, status, allow) => {
  const told = await api.call(method, path);
  expect(told.status).toBe(status);
  expect(told.headers.allow).toBe(allow);
});

test('anyone may read what the API is and whether it answers', async () => {
  expect((await api.call('GET', '/openapi.json', { token: null })).json)
    .toMatchObject({ openapi: '3.1.0', paths: { '/v2/clusters': {} } });
  expect((await api.call('GET', '/health', { token: null })).json).toEqual({ status: 'ok' });
});

test('versions are those of the images, newest first; storage classes are volume types', async () => {
  expect((await api.call('GET', '/v2/clusters/k8s_versions')).json)
    .toEqual({ k8s_versions: [{ version: 'v1.34.2' }, { version: 'v1.33.5' }] });
  expect((await api.call('GET', '/v2/available-resources/storage-classes')).json)
    .toEqual({ storage_classes: [{ name: 'fast', zones: api.choice.zones }] });
});
