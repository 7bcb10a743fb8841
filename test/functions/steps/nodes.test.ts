import { expect, test, vi } from 'vitest';
import { nodes } from '../../../functions/steps/nodes.ts';
import type { KubeNode } from '../../../layers/kubernetes/nodes.ts';

const user = vi.hoisted(() => ({ nodes: [] as KubeNode[], reached: [] as boolean[] }));
vi.mock('../../../layers/lifecycle/cluster-kube.ts', async (original) => ({
  ...await original<object>(),
  userKube: async () => ({ list: async () => user.nodes, patch: async () => ({}), reachesNode: async () => user.reached.shift(), close: () => {} }),
}));

const group = { id: 'g', name: 'workers', labels: {}, taints: [], nodes: [{ slot: 0 }] };
const cluster = { id: '3NsvRrbmWpeGPfLgUrVRpcQDZ0A', name: 'cluster', masters: { count: 3 } };
const context = { cluster, group, operation: { flow: 'createNodeGroup' }, settings: { serviceSubnetCidr: '100.96.0.0/20' } } as unknown as Parameters<typeof nodes.run>[0];
const run = () => nodes.run(context, { apiEndpoint: { address: '192.0.2.1' } } as Parameters<typeof nodes.run>[1]);
const node = (status: string): KubeNode => ({ metadata: { name: 'cluster-workers-0' }, spec: {}, status: { conditions: [{ type: 'Ready', status }] } });

test('done once the nodes are Ready and every API server reaches them: logs must not fail on a cluster that runs', async () => {
  expect(await run()).toMatchObject({ kind: 'wait', reason: '0 of 1 nodes are Ready, 1 have not joined yet' });
  user.nodes = [node('False')];
  expect(await run()).toMatchObject({ kind: 'wait', reason: '0 of 1 nodes are Ready, 0 have not joined yet' });
  user.nodes = [node('True')];
  user.reached = [true, false, true];
  expect(await run()).toMatchObject({ kind: 'wait', reason: '1 of 3 API servers do not reach the nodes yet' });
  user.reached = [true, true, true];
  expect(await run()).toMatchObject({ kind: 'done', output: { ready: 1 } });
});
