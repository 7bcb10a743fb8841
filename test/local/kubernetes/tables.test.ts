import { expect, test } from 'vitest';
import { resources } from '../../../local/kubernetes/controllers/kinds.ts';
import { request, testCluster } from './cluster.ts';

const token = 'abcdef.0123456789abcdef';
const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

test('kubectl gets tables when it asks for them, objects when it does not', async () => {
  const cluster = await testCluster();
  const { admin, api } = cluster;
  await admin.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' },
  });
  await admin.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'all' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'Group', name: 'system:bootstrappers' }],
  });
  api.create(
    resources.nodes,
    undefined,
    { metadata: { name: 'one' }, spec: { unschedulable: true } },
    { manager: 'test' },
  );
  api.writeStatus({ resource: resources.nodes, name: 'one' }, () => ({
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: { kubeletVersion: 'v1.34.2' },
  }));
  const table = (path: string) => request(cluster, 'GET', path, { token, accept });
  for (const path of ['/api/v1/nodes', '/api/v1/nodes/one']) {
    const { body } = await table(path);
    expect(body).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['one', 'Ready,SchedulingDisabled', 'v1.34.2', expect.any(String)] }],
    });
  }
  expect(await table('/api/v1/nodes/none')).toMatchObject({ status: 404, body: { kind: 'Status' } });
  expect((await request(cluster, 'GET', '/api/v1/nodes', { token })).body).toMatchObject({
    kind: 'NodeList',
    items: [{ kind: 'Node' }],
  });
});
