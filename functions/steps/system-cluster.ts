/** The system cluster: answers, and has every master as a Ready node. */
import { done, gone, wait } from '../../layers/engine/step.ts';
import { readyNodes } from '../../layers/kubernetes/nodes.ts';
import { onKube, systemKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

const api = 'the API of the system cluster';

export const systemCluster = step({
  name: 'systemCluster',
  title: 'System cluster',
  async run({ cluster }, { apiEndpoint }: { apiEndpoint: { address: string }; systemListener: object; masterServers: object }) {
    return onKube(await systemKube(cluster, apiEndpoint.address), async (kube) => {
      if (!await kube.ready()) return wait(`${api} does not answer yet`);
      const ready = (await readyNodes(kube)).length;
      return ready < cluster.masters.count ? wait(`${ready} of ${cluster.masters.count} masters are Ready`) : done({ nodes: ready });
    }, api);
  },
  // It goes with its machines.
  undo: async () => gone,
});

export const handler = stepFunction(systemCluster);
