/** Hostile requests of somebody who may come in: none is answered as our own failure, none makes anything. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterRequest, groupSpec, startHarness, type Harness } from '../functions/http/harness.ts';
import { hostile, isOpen, routes, type Hostile } from './hostile.ts';

const runs = Number(process.env.FUZZ_REQUESTS || 1_500);
const seed = Number(process.env.FUZZ_SEED || 7);

let api: Harness;
let id: string;
let uuid: string;
const tried = { requests: 0, serverErrors: 0 };

beforeAll(async () => {
  Object.assign(process.env, { CLUSTERS_PER_PROJECT: '100000', MAGNUM_SERVICE_TYPES: 'none', REQUESTS_PER_MINUTE: '0' });
  api = await startHarness();
  uuid = crypto.randomUUID();
  ({ json: { id } } = await api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), uuid } }));
});
afterAll(async () => {
  await api.stop();
  console.log(`fuzzers: ${tried.requests} requests tried, ${tried.serverErrors} answered 5xx (seed ${seed})`);
});

/** What goes wrong in it is told with the request that did. */
async function ask({ method, path, headers, raw }: Hostile, token?: string | null) {
  const told = await api.call(method, path, { headers, ...(raw !== undefined && { raw }), ...(token !== undefined && { token }) });
  tried.requests++;
  if (told.status >= 500) tried.serverErrors++;
  expect(told.status, `${method} ${path} ${JSON.stringify(headers)} ${raw?.slice(0, 300)} was answered ${told.text}`).toBeLessThan(500);
  return told;
}

const bodies = () => [
  clusterRequest(api.choice), { cluster_id: id, node_group_spec: groupSpec(api.choice) }, { name: 'changed', description: 'x' },
  { name: 'one', cluster_template_id: 'kubernetes-v1.34.2-zonal-1', fixed_network: 'demo-net', node_count: 1, labels: { a: 'b' } },
  { node_count: 2, nodegroup: 'default-worker' }, { name: 'more', node_count: 1, min_node_count: 0, labels: { a: 'b' } },
  [{ op: 'replace', path: '/node_count', value: 2 }], [{ op: 'add', path: '/labels/a', value: 'b' }], { cluster_uuid: uuid, csr: 'x' },
  { project_id: api.users.demo.projectId, resource: 'Cluster', hard_limit: 1 },
];

describe('hostile requests', () => {
  test(`are refused as the sender's fault (${runs} of them)`, async () => {
    // The same project's other clusters may be made by requests that are right after all.
    await fc.assert(fc.asyncProperty(hostile([id, uuid, 'harbour', 'default-worker', 'kubernetes-v1.34.2-zonal-1'], bodies()), async (request) => { await ask(request); }),
      { numRuns: runs, seed, endOnFailure: true });
  }, 600_000);

  test('of strangers are answered 401 before anything is looked at, whatever they say', async () => {
    await fc.assert(fc.asyncProperty(hostile([id, uuid], bodies()), async (request) => {
      const told = await ask(request, 'gAAAAAforged');
      const [, path = ''] = /^([^?]*)/.exec(request.path) ?? [];
      const opens = routes.filter(isOpen).map((route) => route.path);
      if (![...opens, ...opens.map((one) => `${one}/`)].includes(path)) expect([400, 401, 404, 405, 406]).toContain(told.status);
      expect(told.text).not.toContain('harbour');
    }), { numRuns: Math.ceil(runs / 5), seed, endOnFailure: true });
  }, 600_000);
});

describe('bodies', () => {
  const deep = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;
  test.each([
    ['lists in lists', deep(100_000, '[', ']')], ['objects in objects', deep(40_000, '{"a":', '}')], ['lists that do not end', '['.repeat(200_000)],
    ['a list too deep in a field', `{"name":${deep(60_000, '[', ']')}}`], ['a text in it', JSON.stringify([{ op: 'replace', path: '/labels', value: deep(100_000, '[', ']') }])],
  ])('%s are refused', async (_, raw) => {
    for (const { method, path, request } of routes.filter(({ request: body }) => body)) {
      const told = await ask({ method, path: path.replaceAll('{cluster}', uuid).replaceAll('{id}', id).replaceAll(/\{\w+\}/g, 'x'), headers: {}, raw });
      expect([request, told.status]).toEqual([request, expect.toBeOneOf([400, 404, 406])]);
    }
  });

  test('over 256 KiB are refused, to strangers too', async () => {
    const raw = JSON.stringify({ name: 'a'.repeat(300_000) });
    for (const { method, path } of routes.filter(({ request }) => request)) {
      for (const token of [undefined, 'gAAAAAforged', null]) expect((await ask({ method, path: path.replaceAll(/\{\w+\}/g, 'x'), headers: {}, raw }, token)).status).toBe(413);
    }
  });

  test('that say __proto__ change no object but their own', async () => {
    for (const raw of ['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '{"labels":{"__proto__":{"polluted":true}}}']) {
      await ask({ method: 'POST', path: '/v2/clusters', headers: {}, raw });
      await ask({ method: 'PATCH', path: `/v2/clusters/${id}`, headers: {}, raw });
      await ask({ method: 'POST', path: '/v1/clusters', headers: {}, raw });
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('JSON patches', () => {
  test.each([
    '/uuid', '/project_id', '/user_id', '/status', '/stack_id', '/api_address', '/__proto__/x', '/constructor/prototype', '/labels/__proto__', '/node_count/-', '/~0', '/~1',
    '/', '', '//', 'node_count', '/node_count/0', '/../status',
  ])('of %j are refused, and change nothing', async (path) => {
    const read = async () => (await api.call('GET', `/v1/clusters/${uuid}`)).json;
    const { updated_at: _before, ...before } = await read();
    for (const op of ['add', 'replace', 'remove', 'move', 'copy', 'test', 'Replace']) {
      const raw = JSON.stringify([{ op, path, from: '/user_id', value: 'someone' }]);
      expect((await ask({ method: 'PATCH', path: `/v1/clusters/${uuid}`, headers: {}, raw })).status).toBe(400);
    }
    const { updated_at: _after, ...after } = await read();
    expect(after).toEqual(before);
  });
});
