import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import type { KubeObject } from '../../../local/kubernetes/objects.ts';
import { testCluster } from './cluster.ts';

const config = (data: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'default' },
  data,
});

function deployment(containers: object[], metadata: object = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    },
  };
}
const containersOf = (object: unknown): object[] =>
  (object as { spec: { template: { spec: { containers: object[] } } } }).spec.template.spec.containers;

describe('server-side apply', () => {
  test('creates, and what the next config no longer names goes', async () => {
    const { admin } = await testCluster();
    await admin.apply(config({ a: '1', b: '2' }));
    const changed = await admin.apply<KubeObject>(config({ b: '3' }));
    expect(changed.data).toEqual({ b: '3' });
    expect(changed.metadata.managedFields).toMatchObject([
      { manager: 'moorage', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } },
    ]);
  });

  test('what another manager owns stays when it is no longer named', async () => {
    const { admin } = await testCluster();
    await admin.apply(config({ a: '1', shared: 'x' }), { fieldManager: 'one' });
    await admin.apply(config({ b: '2', shared: 'x' }), { fieldManager: 'other' });
    const changed = await admin.apply(config({}), { fieldManager: 'one' });
    expect(changed.data).toEqual({ b: '2', shared: 'x' });
  });

  test("another manager's value is a conflict, unless forced: then the field changes hands", async () => {
    const { admin } = await testCluster();
    await admin.apply(config({ a: '1' }), { fieldManager: 'one' });
    await expect(admin.apply(config({ a: '2' }), { fieldManager: 'other', force: false })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
    await admin.apply(config({ a: '2' }), { fieldManager: 'other', force: true });
    const after = await admin.apply(config({}), { fieldManager: 'one' });
    expect(after.data).toEqual({ a: '2' });
  });

  test('what somebody wrote by a patch is theirs', async () => {
    const { admin } = await testCluster();
    await admin.apply(config({ a: '1' }), { fieldManager: 'one' });
    await admin.patch(config({}), { data: { a: '5' } });
    await expect(admin.apply(config({ a: '1' }), { fieldManager: 'one', force: false })).rejects.toMatchObject({
      status: 409,
    });
  });

  test('containers are merged by name, and taken away by name', async () => {
    const { admin } = await testCluster();
    await admin.apply(
      deployment([
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1', env: [{ name: 'X', value: '1' }] },
      ]),
    );
    await admin.apply(deployment([{ name: 'side', image: 's:1' }]), { fieldManager: 'injector' });
    const changed = await admin.apply(deployment([{ name: 'b', image: 'b:2' }]));
    expect(containersOf(changed)).toEqual([
      { name: 'b', image: 'b:2' },
      { name: 'side', image: 's:1' },
    ]);
  });

  test('the same config again changes nothing, not even the revision', async () => {
    const { admin } = await testCluster();
    const first = await admin.apply<KubeObject>(
      deployment([{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }]),
    );
    const second = await admin.apply<KubeObject>(
      deployment([{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }]),
    );
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('a new generation comes with the spec, not with labels or status', async () => {
    const { admin, api } = await testCluster();
    await admin.apply(deployment([{ name: 'a', image: 'a:1' }]));
    await admin.apply(deployment([{ name: 'a', image: 'a:1' }], { labels: { x: 'y' } }));
    const target = { resource: api.resources.ofKind('apps/v1', 'Deployment')!, namespace: 'default', name: 'web' };
    api.writeStatus(target, () => ({ replicas: 1 }));
    expect(api.get(target).metadata.generation).toBe(1);
    await admin.apply(deployment([{ name: 'a', image: 'a:2' }]));
    expect(api.get(target)).toMatchObject({ metadata: { generation: 2 }, status: { replicas: 1 } });
  });

  test('a custom resource can be applied once it is defined', async () => {
    const { admin } = await testCluster();
    const path = '/apis/example.org/v1/widgets/w';
    await expect(admin.list('/apis/example.org/v1/widgets')).rejects.toMatchObject({ status: 404 });
    await admin.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Cluster',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
    await expect(admin.list('/apis/example.org/v1/widgets')).resolves.toEqual([]);
    await expect(admin.get(path)).resolves.toBeUndefined();
  });
});
