import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KeyPair } from '../../../layers/pki/authority.ts';
import { clusterRequest, startHarness, type Harness } from './harness.ts';

let api: Harness;
let engine: typeof import('../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../layers/store/clusters.ts');
let ca: KeyPair;
beforeAll(async () => {
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../layers/store/engine-store.ts'));
  clusters = await import('../../../layers/store/clusters.ts');
  const { newAuthority } = await import('../../../layers/pki/authority.ts');
  ca = await newAuthority('kubernetes', new Date());
});
afterAll(() => api.stop());

let id: string;
beforeEach(async () => {
  const { replaceSecret } = await import('../../../layers/store/secrets.ts');
  id = (await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) })).json.id;
  await replaceSecret(id, 'certificates', { user: { ca } });
});
const issue = (query = '') => api.call('POST', `/v2/clusters/${id}/kube_config${query}`);
const come = async (addresses: object, network: object = {}) => {
  await clusters.changeCluster(id, (cluster) => ({ addresses, api: { ...cluster.api, ...network } }), Date.now());
  await engine.end((await engine.getOperation((await clusters.requireCluster(id)).createOperationId))!, 'succeeded',
    Date.now());
};
const certificateOf = (text: string): X509Certificate => {
  const [{ user }] = parse(text).users;
  return new X509Certificate(Buffer.from(user['client-certificate-data'], 'base64'));
};

test('carries a certificate of the caller, signed by the cluster\'s authority, that ends in a day', async () => {
  await come({ external: '127.64.0.9', internal: '100.96.0.5' });
  const { status, headers, text } = await issue();
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, 'application/yaml', 'no-store']);
  const config = parse(text);
  expect(config.clusters[0].cluster.server).toBe('https://127.64.0.9:6443');
  expect(Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString()).toBe(ca.certPem);
  const certificate = certificateOf(text);
  expect(certificate.subject.split('\n').toSorted()).toEqual(['CN=demo', 'O=moorage:admins']);
  expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  const hours = (Date.parse(certificate.validTo) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThan(24.1);
  expect((await api.call('GET', `/v2/clusters/${id}/events`)).json.events[0])
    .toMatchObject({ reason: 'KubeconfigIssued', message: expect.stringContaining('demo') });
});

test('ends when it is asked to, within bounds', async () => {
  await come({ external: '127.64.0.9' });
  const minutes = (Date.parse(certificateOf((await issue('?ttl=600')).text).validTo) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(9);
  expect(minutes).toBeLessThan(11);
  for (const ttl of ['10', '9999999', 'long']) expect((await issue(`?ttl=${ttl}`)).status).toBe(400);
});

test('leads to the user\'s own network when the API is not public', async () => {
  await come({ external: '127.64.0.9', internal: '10.10.0.7' }, { public: false, subnetId: 's' });
  expect(parse((await issue()).text).clusters[0].cluster.server).toBe('https://10.10.0.7:6443');
});

test('is there from the control plane\'s first moment on, not before', async () => {
  const waiting = { status: 409, json: { error: { code: 'control_plane_not_ready' } } };
  expect(await issue()).toMatchObject(waiting);
  await clusters.changeCluster(id, () => ({ addresses: { external: '127.64.0.9' } }), Date.now());
  const operation = (await engine.getOperation((await clusters.requireCluster(id)).createOperationId))!;
  const policy = { timeoutMs: 1, attempts: 1, backoffMs: 1, weight: 1 };
  const record = { operationId: operation.id, key: 'controlPlane', step: 'controlPlane', phase: 'run' as const,
    title: '', position: 0, needs: [], policy, status: 'ready' as const, fence: 0, attempt: 0, notBefore: 0,
      leaseUntil: 0, deadline: 0 };
  await engine.layOut(operation, [record]);
  expect(await issue()).toMatchObject(waiting);
  await engine.settle((await engine.claim({ operationId: operation.id, key: 'controlPlane' }, 1, 2))!,
    { status: 'done' });
  expect((await issue()).status).toBe(200);
  await api.call('DELETE', `/v2/clusters/${id}`);
  expect(await issue()).toMatchObject({ status: 409, json: { error: { code: 'cluster_deleting' } } });
});
