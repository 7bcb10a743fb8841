/** What belongs into the user's cluster itself: network, DNS, storage classes, the rights of nodes and users. */
import { done, gone, wait } from '../../layers/engine/step.ts';
import { clusterObjects as manifestsOf } from '../../layers/kubernetes/manifests/cluster-objects.ts';
import { applyAll } from '../../layers/lifecycle/apply.ts';
import { certificatesOf, onKube, specOf, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { storageClassesOf } from '../../layers/lifecycle/storage-classes.ts';

export const clusterObjects = step({
  name: 'clusterObjects',
  title: 'Network, DNS and storage classes of the cluster',
  async run(context, { apiEndpoint }: { controlPlane: object; apiListener: object; apiEndpoint: { address: string } }) {
    const { cluster, settings } = context;
    return onKube(await userKube(cluster, apiEndpoint.address), async (kube) => {
      if (!await kube.ready()) return wait('the Kubernetes API does not answer yet');
      const storageClasses = await storageClassesOf(context);
      await applyAll(kube, manifestsOf({ spec: specOf(cluster, settings), certificates: await certificatesOf(cluster.id), bootstrapTokens: [], storageClasses }));
      return done({ applied: true });
    });
  },
  // They go with the cluster.
  undo: async () => gone,
});

export const handler = stepFunction(clusterObjects);
