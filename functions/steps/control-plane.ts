/** The user's control plane, running in the system cluster. */
import { done, gone, wait } from '../../layers/engine/step.ts';
import { isNotYet } from '../../layers/kubernetes/errors.ts';
import { namespace } from '../../layers/kubernetes/control-plane-layout.ts';
import { controlPlaneManifests } from '../../layers/kubernetes/manifests/control-plane.ts';
import { applyAll, listRollouts } from '../../layers/lifecycle/apply.ts';
import { certificatesOf, specOf, systemKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { volumeZoneOf } from '../../layers/lifecycle/volume-zones.ts';
import { requireSecret } from '../../layers/store/secrets.ts';

interface Needs {
  systemCluster: object;
  apiEndpoint: { address: string };
  credentials: { serviceCredentialId: string; userCredentialId: string };
}

export const controlPlane = step({
  name: 'controlPlane',
  title: 'Kubernetes control plane',
  async run(context, { apiEndpoint, credentials }: Needs) {
    const { cluster, settings, record } = context;
    const kube = await systemKube(cluster, apiEndpoint.address);
    try {
      // Applied by the first run and again after an error; while it only waits for the rollouts, looking is enough.
      if (record.waitingSince === undefined || record.failure) {
        const clouds = {
          service: await cloudCredential(context, 'service', credentials.serviceCredentialId),
          user: await cloudCredential(context, 'user', credentials.userCredentialId),
        };
        const { subnetId, externalNetworkId } = cluster.network;
        const loadBalancers = { subnetId, ...(externalNetworkId && { floatingNetworkId: externalNetworkId }) };
        const ignoreVolumeZones = await volumeZoneOf(context) !== undefined;
        await applyAll(kube, controlPlaneManifests({ spec: specOf(cluster, settings), certificates: await certificatesOf(cluster.id), clouds, loadBalancers, ignoreVolumeZones }));
      }
      const { unfinished, all } = await listRollouts(kube, namespace);
      return unfinished.length > 0 ? wait(`rolling out: ${unfinished.join(', ')}`) : done({ workloads: all });
    } catch (error) {
      // Applied only in part: throw, so that the next run applies again.
      if (isNotYet(error) && record.waitingSince !== undefined && !record.failure) return wait('the API of the system cluster does not answer');
      throw error;
    } finally {
      kube.close();
    }
  },
  // It goes with its machines.
  undo: async () => gone,
});

async function cloudCredential({ cluster, settings }: Context, name: 'service' | 'user', applicationCredentialId: string) {
  const { secret } = await requireSecret<{ secret: string }>(cluster.id, `credential-${name}`);
  return {
    authUrl: settings.authUrl, region: settings.regionName, applicationCredentialId, applicationCredentialSecret: secret,
    ...(settings.caCertificate && { caPem: settings.caCertificate }),
  };
}

export const handler = stepFunction(controlPlane);
