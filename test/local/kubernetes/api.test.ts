import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import type { KubeObject } from '../../../local/kubernetes/objects.ts';
import { request, testCluster } from './cluster.ts';

const config = (name: string, labels: Record<string, string> = {}): Manifest =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data: { a: '1' } });
const configs = '/api/v1/namespaces/default/configmaps';

describe('Kubernetes API', () => {
  test('lists by label and by field, page by page', async () => {
    const { admin } = await testCluster();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await admin.apply(config(name, { even: String(['b', 'd'].includes(name)) }));
    const names = async (options: object) => (await admin.list(configs, options)).map(({ metadata }) => metadata.name);
    expect(await names({ pageSize: 2 })).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await names({ labelSelector: 'even=true' })).toEqual(['b', 'd']);
    expect(await names({ labelSelector: 'even in (false),!odd' })).toEqual(['a', 'c', 'e']);
    expect(await names({ fieldSelector: 'metadata.name=c' })).toEqual(['c']);
  });

  test('objects, certificates and revisions are there after a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kubernetes-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'cluster.jsonl');
    const first = await testCluster(path);
    const kept = await first.admin.apply<KubeObject>(config('kept'));
    await first.admin.apply(config('gone'));
    await first.admin.remove(config('gone'));
    const second = await testCluster(path, first.ca);
    expect(await second.admin.get(`${configs}/kept`)).toEqual(kept);
    expect(await second.admin.get(`${configs}/gone`)).toBeUndefined();
    const next = await second.admin.apply<KubeObject>(config('next'));
    expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(kept.metadata.resourceVersion) + 2);
  });

  test('errors are Status objects', async () => {
    const { admin, api } = await testCluster();
    await expect(admin.apply({ ...config('x'), metadata: { name: 'x', namespace: 'nowhere' } }))
      .rejects.toThrow('404 NotFound: namespaces "nowhere" not found');
    await expect(admin.apply({ ...config('UPPER') })).rejects.toMatchObject({ status: 422, reason: 'Invalid' });
    await expect(admin.list('/apis/nothing.org/v1/things')).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
    const selector = { matchLabels: { app: 'x' } };
    const template = { metadata: { labels: { app: 'y' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    await expect(admin.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', namespace: 'default' }, spec: { selector, template } }))
      .rejects.toThrow('`selector` does not match template `labels`');
    expect(api.list(api.resources.ofKind('apps/v1', 'Deployment')!)).toEqual([]);
  });

  test('an object changed meanwhile is not overwritten', async () => {
    const { admin, api } = await testCluster();
    const old = await admin.apply<KubeObject>(config('x'));
    await admin.patch(config('x'), { data: { a: '2' } });
    const target = { resource: api.resources.ofKind('v1', 'ConfigMap')!, namespace: 'default', name: 'x' };
    expect(() => api.update(target, old, { manager: 'test' })).toThrow('the object has been modified');
  });

  test('a kubelet is asked for its health through the API', async () => {
    const { admin, api } = await testCluster();
    const resource = api.resources.ofKind('v1', 'Node')!;
    api.create(resource, undefined, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, { manager: 'test' });
    expect(await admin.reachesNode('n')).toBe(false);
    api.writeStatus({ resource, name: 'n' }, () => ({ conditions: [{ type: 'Ready', status: 'True' }] }));
    expect(await admin.reachesNode('n')).toBe(true);
    expect(await admin.reachesNode('nobody')).toBe(false);
    expect(await admin.get('/api/v1/nodes/n/proxy/metrics')).toBeUndefined();
  });

  test('finalizers hold an object until they are gone', async () => {
    const { admin } = await testCluster();
    await admin.apply(config('x'));
    await admin.patch(config('x'), { metadata: { finalizers: ['example.org/hold'] } });
    await admin.remove(config('x'));
    expect((await admin.get<KubeObject>(`${configs}/x`))?.metadata.deletionTimestamp).toBeDefined();
    await admin.patch(config('x'), { metadata: { finalizers: null } });
    expect(await admin.get(`${configs}/x`)).toBeUndefined();
  });

  test('without a quorum it answers nothing but that it is alive', async () => {
    const cluster = await testCluster();
    cluster.quorum.is = false;
    expect(await cluster.admin.ready()).toBe(false);
    await expect(cluster.admin.apply(config('x'))).rejects.toMatchObject({ status: 500 });
    cluster.quorum.is = true;
    expect(await cluster.admin.ready()).toBe(true);
  });

  test('kubectl finds its way: discovery, version, openapi', async () => {
    const cluster = await testCluster();
    expect(await cluster.admin.get('/version')).toMatchObject({ gitVersion: 'v1.34.2', minor: '34' });
    expect(await cluster.admin.get('/apis/apps/v1')).toMatchObject({ groupVersion: 'apps/v1' });
    expect(await cluster.admin.get('/openapi/v3')).toHaveProperty(['paths', 'apis/apps/v1']);
    const nodes = await request(cluster, 'GET', '/api/v1/nodes');
    expect(nodes).toMatchObject({ status: 401, body: { kind: 'Status', reason: 'Unauthorized' } });
    expect((await request(cluster, 'GET', '/apis')).status).toBe(401);
    expect((await request(cluster, 'GET', '/readyz')).status).toBe(200);
  });
});
