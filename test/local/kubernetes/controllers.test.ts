import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Kube } from '../../../layers/kubernetes/client.ts';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { rolloutComplete } from '../../../layers/kubernetes/rollout.ts';
import { runControllers } from '../../../local/kubernetes/controllers/control.ts';
import { daemonSets } from '../../../local/kubernetes/controllers/daemon-sets.ts';
import { deployments, replicaSets } from '../../../local/kubernetes/controllers/deployments.ts';
import { disruptionBudgets } from '../../../local/kubernetes/controllers/disruption-budgets.ts';
import { garbage, orphanedPods } from '../../../local/kubernetes/controllers/garbage.ts';
import { isReady, resources, type Pod } from '../../../local/kubernetes/controllers/kinds.ts';
import { kubelets } from '../../../local/kubernetes/controllers/kubelets.ts';
import { namespaces } from '../../../local/kubernetes/controllers/namespaces.ts';
import { nodeLifecycle } from '../../../local/kubernetes/controllers/node-lifecycle.ts';
import { scheduler } from '../../../local/kubernetes/controllers/scheduler.ts';
import { serviceAddresses } from '../../../local/kubernetes/controllers/service-addresses.ts';
import { statefulSets } from '../../../local/kubernetes/controllers/stateful-sets.ts';
import { testCluster, type TestCluster } from './cluster.ts';

interface Running extends TestCluster {
  down: Set<string>;
  pods(): Pod[];
  loop: { nudge(): void };
}

async function runningCluster(nodes: number): Promise<Running> {
  const cluster = await testCluster();
  const { api } = cluster;
  const down = new Set<string>();
  const nodeRuns = (name: string): boolean => !down.has(name);
  const loop = runControllers(
    api,
    [
      namespaces,
      serviceAddresses('10.254.0.0/16'),
      nodeLifecycle({ nodeRuns, secondMs: 1 }),
      deployments,
      replicaSets,
      statefulSets,
      daemonSets,
      scheduler,
      kubelets({ nodeRuns, readyAfterMs: () => 5 }),
      disruptionBudgets,
      garbage,
      orphanedPods,
    ],
    {
      enabled: () => true,
      warn: (text) => {
        throw new Error(text);
      },
    },
  );
  onTestFinished(() => loop.stop());
  for (let index = 0; index < nodes; index += 1) {
    api.create(
      resources.nodes,
      undefined,
      { metadata: { name: `node-${index}`, labels: { 'kubernetes.io/hostname': `node-${index}` } }, spec: {} },
      { manager: 'kubelet' },
    );
    api.writeStatus({ resource: resources.nodes, name: `node-${index}` }, () => ({
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: `10.0.0.${index}` }],
    }));
  }
  return { ...cluster, down, loop, pods: () => api.list(resources.pods) as Pod[] };
}

const until = (test_: () => Promise<boolean> | boolean): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await test_())) throw new Error(`still not: ${test_.toString()}`);
    },
    { timeout: 15_000, interval: 10 },
  );

const labels = { app: 'web' };
function workload(kind: string, image: string, spec: object = {}, pod: object = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }], ...pod } },
      ...spec,
    },
  };
}
const plural: Record<string, string> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};
const rolledOut = async (kube: Kube, kind: string): Promise<boolean> =>
  rolloutComplete(await kube.get<Manifest>(`/apis/apps/v1/namespaces/default/${plural[kind]}/web`));
const imagesOf = (pods: Pod[]): string[] => pods.map(({ spec }) => spec.containers[0]!.image);

describe('workloads', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) {
    test(`a ${kind} rolls out, and out again when its template changes`, async () => {
      const { admin, pods } = await runningCluster(3);
      const spec = kind === 'DaemonSet' ? {} : { replicas: 3 };
      await admin.apply(workload(kind, 'web:1', spec));
      await until(() => rolledOut(admin, kind));
      expect(imagesOf(pods())).toEqual(['web:1', 'web:1', 'web:1']);
      await admin.apply(workload(kind, 'web:2', spec));
      expect(await rolledOut(admin, kind)).toBe(false);
      await until(() => rolledOut(admin, kind));
      expect(imagesOf(pods())).toEqual(['web:2', 'web:2', 'web:2']);
      expect(pods().every(isReady)).toBe(true);
      await admin.remove(workload(kind, 'web:2'));
      await until(() => pods().length === 0);
    });
  }

  test('a roll-out never takes away more than it may', async () => {
    const { admin, api, pods } = await runningCluster(3);
    const spec = {
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    };
    await admin.apply(workload('Deployment', 'web:1', spec));
    await until(() => rolledOut(admin, 'Deployment'));
    let fewest = 3;
    let most = 3;
    api.store.changes.on('change', () => {
      fewest = Math.min(fewest, pods().filter(isReady).length);
      most = Math.max(most, pods().length);
    });
    await admin.apply(workload('Deployment', 'web:2', spec));
    await until(() => rolledOut(admin, 'Deployment'));
    expect({ fewest, most }).toEqual({ fewest: 2, most: 3 });
  });

  test('pods that may not share a node wait for one of their own, and say so', async () => {
    const { admin, pods } = await runningCluster(2);
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
        ],
      },
    };
    await admin.apply(workload('Deployment', 'web:1', { replicas: 3 }, { affinity }));
    await until(() => pods().filter(isReady).length === 2);
    const waiting = pods().find(({ spec }) => !spec.nodeName)!;
    expect(waiting.status?.conditions).toMatchObject([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
      },
    ]);
    expect(new Set(pods().map(({ spec }) => spec.nodeName)).size).toBe(3);
  });

  test('what its pods need and is not there keeps a Deployment from being ready', async () => {
    const { admin } = await runningCluster(1);
    const reason = async (): Promise<string> =>
      JSON.stringify((await admin.get<Manifest>('/apis/apps/v1/namespaces/default/deployments/web'))?.status ?? '');
    const volumes = [{ name: 'files', secret: { secretName: 'files' } }];
    await admin.apply(workload('Deployment', 'registry.invalid/web:1', {}, { volumes }));
    await until(async () => (await reason()).includes('secret \\"files\\" not found'));
    await admin.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'files', namespace: 'default' },
      stringData: { a: 'b' },
    });
    await until(async () => (await reason()).includes('failed to pull and unpack image'));
    await admin.apply(workload('Deployment', 'web:1', {}, { volumes }));
    await until(() => rolledOut(admin, 'Deployment'));
  });

  test('pods of a silent node are replaced elsewhere, and a budget keeps the others from leaving', async () => {
    const { admin, down, loop, pods } = await runningCluster(3);
    const tolerations = [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 200 },
    ];
    await admin.apply(workload('Deployment', 'web:1', { replicas: 2 }, { tolerations }));
    await admin.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    });
    await until(() => rolledOut(admin, 'Deployment'));
    const [first, second] = pods() as [Pod, Pod];
    const evict = ({ metadata: { name } }: Pod) => admin.evict({ name, namespace: 'default' });
    down.add(first.spec.nodeName!);
    loop.nudge();
    await until(
      async () =>
        (
          await admin.get<{ status?: { disruptionsAllowed: number } }>(
            '/apis/policy/v1/namespaces/default/poddisruptionbudgets/web',
          )
        )?.status?.disruptionsAllowed === 0,
    );
    expect(await evict(second)).toBe('refused');
    await until(
      () => pods().length === 2 && pods().every((pod) => isReady(pod) && pod.metadata.name !== first.metadata.name),
    );
    await until(async () => (await evict(second)) === 'evicted');
  });

  test('a namespace goes with everything in it', async () => {
    const { admin, pods } = await runningCluster(1);
    await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const deployment = workload('Deployment', 'web:1');
    await admin.apply({ ...deployment, metadata: { name: 'web', namespace: 'team' } });
    await until(() => pods().length === 1);
    await admin.remove({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    await until(async () => (await admin.get('/api/v1/namespaces/team')) === undefined);
    expect(pods()).toEqual([]);
    expect(await admin.list('/apis/apps/v1/deployments')).toEqual([]);
  });

  test('Services get addresses, and ports on the nodes where they need them', async () => {
    const { admin } = await runningCluster(0);
    const service = (name: string, type: string): Manifest => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type, ports: [{ port: 80 }] },
    });
    await admin.apply(service('plain', 'ClusterIP'));
    await admin.apply(service('outside', 'LoadBalancer'));
    const spec = async (name: string) =>
      (
        await admin.get<{ spec: { clusterIP?: string; ports: { nodePort?: number }[] } }>(
          `/api/v1/namespaces/default/services/${name}`,
        )
      )?.spec;
    await until(async () => (await spec('outside'))?.clusterIP !== undefined);
    expect((await spec('kubernetes'))?.clusterIP).toBe('10.254.0.1');
    expect((await spec('outside'))?.ports[0]?.nodePort).toBeGreaterThanOrEqual(30000);
    expect((await spec('plain'))?.ports[0]?.nodePort).toBeUndefined();
    expect((await spec('plain'))?.clusterIP).not.toBe((await spec('outside'))?.clusterIP);
  });
});
