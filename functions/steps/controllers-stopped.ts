/** The cluster's own controllers make nothing any more: else what is removed from the user's project would come back. */
import { done, gone } from '../../layers/engine/step.ts';
import { isNotYet, KubernetesUnreachable } from '../../layers/kubernetes/errors.ts';
import { namespace } from '../../layers/kubernetes/control-plane-layout.ts';
import { systemKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { nameOf } from '../../layers/cluster/names.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { getSecret } from '../../layers/store/secrets.ts';

/** Those that make things in OpenStack. */
const cloudControllers = ['cloud-service-controller', 'cloud-node-controller', 'cinder-csi-controller'];

export const controllersStopped = step({
  name: 'controllersStopped',
  title: 'Controllers of the cluster stopped',
  async run(context, _needs: { changesEnded: object }) {
    await disableUser(context);
    await stopControllers(context);
    return done({ stopped: true });
  },
  undo: async () => gone,
});

/** A disabled user's tokens are void at once, whatever becomes of the machines that hold them. */
async function disableUser({ platform, cluster }: Context): Promise<void> {
  for (const { id } of await keystone.listUsers(platform, { name: nameOf(cluster.id) })) await keystone.updateUser(platform, id, { enabled: false });
}

/** Tokens may be cached in the services for minutes, so the controllers are asked to go as well, where they can be. */
async function stopControllers({ cluster }: Context): Promise<void> {
  const { external } = cluster.addresses;
  if (!external || !await getSecret(cluster.id, 'certificates')) return;
  const kube = await systemKube(cluster, external);
  try {
    await Promise.all(cloudControllers.map((name) => kube.remove(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)));
  } catch (error) {
    // Without its API the system cluster does not run controllers for long either; their user is disabled.
    if (!isNotYet(error) && !(error instanceof KubernetesUnreachable)) throw error;
  } finally {
    kube.close();
  }
}

export const handler = stepFunction(controllersStopped);
