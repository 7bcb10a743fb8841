import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openKube, type Kube } from '../../../layers/kubernetes/client.ts';
import { isNotYet, KubernetesError, KubernetesUnreachable } from '../../../layers/kubernetes/errors.ts';
import { mastersWithoutWay } from '../../../layers/kubernetes/nodes.ts';
import type { KubeCall } from '../../../layers/kubernetes/transport.ts';
import { manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { issue, issueClientCertificate, newAuthority, type KeyPair } from '../../../layers/pki/authority.ts';

interface Seen {
  method: string;
  url: string;
  contentType: string | undefined;
  body: unknown;
  client: string;
}
type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'hang' | 'reset';

let ca: KeyPair, serverPair: KeyPair, client: KeyPair, otherCa: KeyPair;
beforeAll(async () => {
  const now = new Date();
  [ca, otherCa] = await Promise.all([newAuthority('kubernetes', now), newAuthority('other', now)]);
  serverPair = await issue(ca, { commonName: 'kube-apiserver', usage: 'server', addresses: ['127.0.0.1'], now });
  client = await issueClientCertificate(ca, {
    commonName: 'moorage',
    organization: 'system:masters',
    validForMs: 60_000,
    now,
  });
});

let server: Server, port: number, seen: Seen[], answers: Answer[], calls: KubeCall[];
const kubes: Kube[] = [];

const open = (change: Partial<Parameters<typeof openKube>[0]> = {}): Kube => {
  const kube = openKube({
    server: `https://127.0.0.1:${port}`,
    caPem: ca.certPem,
    certPem: client.certPem,
    keyPem: client.keyPem,
    timeoutMs: 5_000,
    onCall: (call) => calls.push(call),
    ...change,
  });
  kubes.push(kube);
  return kube;
};

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  seen.push({
    method: request.method!,
    url: request.url!,
    contentType: request.headers['content-type'],
    body: text ? (JSON.parse(text) as unknown) : undefined,
    client: String((request.socket as TLSSocket).getPeerCertificate().subject?.CN),
  });
  const answer = answers.shift() ?? { status: 200, body: {} };
  if (answer === 'hang') return;
  if (answer === 'reset') {
    request.socket.destroy();
    return;
  }
  response
    .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    .end(JSON.stringify(answer.body ?? {}));
}

beforeEach(async () => {
  [seen, answers, calls] = [[], [], []];
  server = createServer(
    { cert: serverPair.certPem, key: serverPair.keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: true },
    (request, response) => void handle(request, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const kube of kubes.splice(0)) kube.close();
  server.closeAllConnections();
  server.close();
});

const status = (code: number, reason: string) => ({
  status: code,
  body: { kind: 'Status', reason, message: `${reason} it is` },
});
const configMap = manifest('v1', 'ConfigMap', { name: 'a', namespace: 'kube-system' }, { data: { key: 'value' } });

test("applies at the object's path, as field manager moorage, by force, with the client certificate", async () => {
  const kube = open();
  await kube.apply(configMap);
  await kube.apply(manifest('apps/v1', 'Deployment', { name: 'd', namespace: 'user-cluster' }));
  await kube.apply(manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'moorage:x' }));
  expect(seen[0]).toEqual({
    method: 'PATCH',
    url: '/api/v1/namespaces/kube-system/configmaps/a?fieldManager=moorage&force=true',
    contentType: 'application/apply-patch+yaml',
    body: configMap,
    client: 'moorage',
  });
  expect(seen.slice(1).map(({ url }) => url.split('?')[0])).toEqual([
    '/apis/apps/v1/namespaces/user-cluster/deployments/d',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/moorage%3Ax',
  ]);
  expect(calls[0]).toMatchObject({ method: 'PATCH', status: 200 });
});

test('a kind outside the table, or an object without its namespace, is refused before it is sent', async () => {
  await expect(open().apply(manifest('v1', 'Nonsense', { name: 'x' }))).rejects.toThrow(
    'Kind Nonsense is not in the table',
  );
  await expect(open().apply(manifest('v1', 'ConfigMap', { name: 'x' }))).rejects.toThrow('has no namespace');
  expect(seen).toEqual([]);
});

test('get answers undefined for what is not there, and throws what else is wrong', async () => {
  answers = [status(404, 'NotFound'), status(403, 'Forbidden')];
  expect(await open().get('/api/v1/nodes/x')).toBeUndefined();
  const error = await open()
    .get('/api/v1/nodes/x')
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(KubernetesError);
  expect(error).toMatchObject({
    status: 403,
    reason: 'Forbidden',
    path: '/api/v1/nodes/x',
    message: 'GET /api/v1/nodes/x: 403 Forbidden: Forbidden it is',
  });
  expect(isNotYet(error)).toBe(false);
});

test('list reads every page, with its selectors', async () => {
  answers = [
    { status: 200, body: { items: [1, 2], metadata: { continue: 'more' } } },
    { status: 200, body: { items: [3], metadata: {} } },
  ];
  expect(await open().list<number>('/api/v1/pods', { labelSelector: 'a=b', pageSize: 2 })).toEqual([1, 2, 3]);
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/v1/pods?limit=2&labelSelector=a%3Db',
    '/api/v1/pods?limit=2&labelSelector=a%3Db&continue=more',
  ]);
});

test('list ends, though the server tells of a next page for ever', async () => {
  answers = Array.from({ length: 1_000 }, () => ({ status: 200, body: { items: [1], metadata: { continue: 'more' } } }));
  await expect(open().list('/api/v1/pods')).rejects.toMatchObject({ reason: 'TooManyPages' });
  expect(seen).toHaveLength(200);
});

test('list starts again, once, when its snapshot is gone', async () => {
  answers = [
    { status: 200, body: { items: [1], metadata: { continue: 'old' } } },
    status(410, 'Expired'),
    { status: 200, body: { items: [1, 2] } },
  ];
  expect(await open().list('/api/v1/pods')).toEqual([1, 2]);
  answers = [status(410, 'Expired'), status(410, 'Expired')];
  await expect(open().list('/api/v1/pods')).rejects.toMatchObject({ status: 410 });
});

test('remove is done when there is nothing', async () => {
  answers = [status(404, 'NotFound'), { status: 200, body: {} }];
  await open().remove(configMap);
  await open().remove('/api/v1/nodes/x');
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'DELETE /api/v1/namespaces/kube-system/configmaps/a?propagationPolicy=Background',
    'DELETE /api/v1/nodes/x?propagationPolicy=Background',
  ]);
});

test('evict tells a refusal by a budget from a pod that has gone', async () => {
  answers = [{ status: 201 }, status(429, 'TooManyRequests'), status(404, 'NotFound'), status(500, 'InternalError')];
  const pod = { name: 'p', namespace: 'n' };
  expect(await open().evict(pod)).toBe('evicted');
  expect(await open().evict(pod)).toBe('refused');
  expect(await open().evict(pod)).toBe('evicted');
  await expect(open().evict(pod)).rejects.toMatchObject({ status: 500 });
  expect(seen[0]).toMatchObject({
    method: 'POST',
    url: '/api/v1/namespaces/n/pods/p/eviction',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: pod },
  });
});

test('a node is reached by every API server that answers with its health, each asked by a connection of its own', async () => {
  const connections = new Set<unknown>();
  server.on('request', ({ socket }: IncomingMessage) => connections.add(socket));
  const kube = open({ timeoutMs: 500 });
  const nodes = ['a', 'b'].map((name) => ({ metadata: { name }, spec: {} }));
  answers = [{ status: 200 }, status(503, 'ServiceUnavailable'), { status: 200 }];
  expect(await mastersWithoutWay(kube, nodes, 3)).toBe(1);
  expect(seen.map(({ url }) => url).toSorted()).toEqual(['a', 'a', 'b'].map((name) => `/api/v1/nodes/${name}/proxy/healthz`));
  expect(connections.size).toBe(3);
  answers = ['hang', 'reset', status(500, 'InternalError')];
  expect(await mastersWithoutWay(kube, nodes, 3)).toBe(3);
  expect(await mastersWithoutWay(kube, [], 3)).toBe(0);
  await expect(open({ caPem: otherCa.certPem }).reachesNode('a')).rejects.toMatchObject({ why: 'untrusted' });
});

test('merge patch', async () => {
  await open().patch('/api/v1/nodes/x', { spec: { unschedulable: true } });
  expect(seen[0]).toMatchObject({
    method: 'PATCH',
    url: '/api/v1/nodes/x?fieldManager=moorage',
    contentType: 'application/merge-patch+json',
    body: { spec: { unschedulable: true } },
  });
});

test('a GET is tried again when it fails in passing, three times at most; nothing else is', async () => {
  answers = [status(503, 'ServiceUnavailable'), 'reset', { status: 200, body: { kind: 'Node' } }];
  expect(await open().get('/api/v1/nodes/x')).toEqual({ kind: 'Node' });
  answers = [status(503, 'a'), status(503, 'b'), status(503, 'c'), { status: 200 }];
  await expect(open().get('/api/v1/nodes/x')).rejects.toMatchObject({ reason: 'c' });
  seen = [];
  answers = [status(503, 'ServiceUnavailable'), { status: 200 }];
  const error = await open()
    .apply(configMap)
    .catch((caught: unknown) => caught);
  expect(isNotYet(error)).toBe(true);
  expect(seen).toHaveLength(1);
});

test('retry-after is passed on', async () => {
  answers = [{ ...status(429, 'TooManyRequests'), headers: { 'retry-after': '7' } }];
  await expect(open().apply(configMap)).rejects.toMatchObject({ status: 429, retryAfterMs: 7_000 });
});

test('a call that gets no answer ends in time', async () => {
  answers = ['hang'];
  const error = await open({ timeoutMs: 100 })
    .get('/api/v1/nodes/x')
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'KubernetesUnreachable', why: 'timeout' });
  expect(isNotYet(error)).toBe(true);
  expect(calls).toMatchObject([{ status: 0 }]);
});

test('nobody listening: not yet', async () => {
  const kube = open();
  server.close();
  await once(server, 'close');
  const error = await kube.get('/api/v1/nodes/x').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ why: 'refused' });
  expect(isNotYet(error)).toBe(true);
  expect(await kube.ready()).toBe(false);
  expect(calls).toHaveLength(2);
});

test('a load balancer without members accepts and closes: not yet', async () => {
  const empty = createTcpServer((socket) => socket.destroy());
  empty.listen(0, '127.0.0.1');
  await once(empty, 'listening');
  const kube = open({ server: `https://127.0.0.1:${(empty.address() as AddressInfo).port}` });
  expect(await kube.get('/readyz').catch((caught: unknown) => caught)).toMatchObject({ why: 'closed' });
  expect(await kube.ready()).toBe(false);
  empty.close();
});

test("somebody else's certificate is no reason to wait", async () => {
  const kube = open({ caPem: otherCa.certPem });
  await expect(kube.get('/readyz')).rejects.toMatchObject({ why: 'untrusted' });
  await expect(kube.ready()).rejects.toThrow(KubernetesUnreachable);
});

test('ready is what /readyz says', async () => {
  answers = [{ status: 200 }, { status: 500 }];
  const kube = open();
  expect(await kube.ready()).toBe(true);
  expect(await kube.ready()).toBe(false);
});
