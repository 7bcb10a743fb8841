/** The group's nodes in the user's cluster: Ready, with the group's labels and taints, within reach of the API; drained before they go. */
import { done, gone, wait } from '../../layers/engine/step.ts';
import { drain } from '../../layers/kubernetes/drain.ts';
import { isNotYet } from '../../layers/kubernetes/errors.ts';
import { labelAndTaint } from '../../layers/kubernetes/node-settings.ts';
import { isReady, listNodes, mastersWithoutWay } from '../../layers/kubernetes/nodes.ts';
import { onKube, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { awaitedNodes, leavingNodes } from '../../layers/lifecycle/group-nodes.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

/** Pods get this long to leave; then their node goes all the same. */
const drainMs = 600_000;

export const nodes = groupStep({
  name: 'nodes',
  title: 'Nodes ready',
  async run(context, { apiEndpoint }: { nodeServers: object; joinToken: object; tunnelListener: object; apiEndpoint: { address: string } }) {
    const { cluster, group } = context;
    const wanted = awaitedNodes(context);
    return onKube(await userKube(cluster, apiEndpoint.address), async (kube) => {
      const known = new Map((await listNodes(kube)).map((node) => [node.metadata.name, node]));
      const joined = wanted.flatMap(({ name }) => known.get(name) ?? []);
      await Promise.all(joined.map((node) => labelAndTaint(kube, node, group)));
      const ready = joined.filter(isReady).length;
      if (ready < wanted.length) return wait(`${ready} of ${wanted.length} nodes are Ready, ${wanted.length - joined.length} have not joined yet`);
      const without = await mastersWithoutWay(kube, joined, cluster.masters.count);
      return without === 0 ? done({ ready }) : wait(`${without} of ${cluster.masters.count} API servers do not reach the nodes yet`);
    });
  },
  async undo(context) {
    const { cluster, record, now } = context;
    const leaving = leavingNodes(context);
    // A cluster that goes as a whole is not drained: its pods have nowhere to go.
    if (cluster.phase === 'deleting' || leaving.length === 0 || !cluster.addresses.external) return gone;
    const late = record.waitingSince !== undefined && now() - record.waitingSince > drainMs;
    const kube = await userKube(cluster, cluster.addresses.external);
    try {
      const left = await drain(kube, leaving.map(({ name }) => name));
      return left === 0 || late ? gone : wait(`${left} pods are leaving the nodes that go`);
    } catch (error) {
      if (late) return gone;
      if (isNotYet(error)) return wait('the Kubernetes API does not answer');
      throw error;
    } finally {
      kube.close();
    }
  },
});

export const handler = stepFunction(nodes);
