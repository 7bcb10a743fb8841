/**
 * A persistent volume that has become the user's own: in their project, and no longer the cluster's. One way. Until it is accepted it
 * is in the service project, as it was; whatever goes wrong before that leaves it with the cluster.
 */
import { done, gone, wait, type Outcome } from '../../layers/engine/step.ts';
import type { Kube } from '../../layers/kubernetes/client.ts';
import { claimReference, getPersistentVolume, volumeReference, type PersistentVolume } from '../../layers/kubernetes/persistent-volumes.ts';
import { onKube, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { session } from '../../layers/lifecycle/sessions.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { transferVolume } from '../../layers/lifecycle/volume-transfer.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { requireSecret } from '../../layers/store/secrets.ts';

interface Needs { clusterUser: { userId: string }; apiEndpoint: { address: string } }

export const userVolume = step({
  name: 'userVolume',
  title: 'Volume in the user\'s project',
  async run(context, { clusterUser, apiEndpoint }: Needs) {
    const { volumeId = '', persistentVolume = '' } = context.operation.subject ?? {};
    const transferred = await transferVolume(context.service, () => takerOf(context, clusterUser.userId), volumeId, context.operation.id);
    if (transferred.kind === 'wait') return transferred;
    return onKube(await userKube(context.cluster, apiEndpoint.address), async (kube) => {
      const forgotten = await forget(kube, persistentVolume, volumeId);
      return forgotten.kind === 'wait' ? forgotten : done({ volumeId });
    });
  },
  // What has become the user's stays theirs.
  undo: async () => gone,
});

/** In whose name the cluster makes load balancers in the user's project. */
async function takerOf({ cluster, settings, operation }: Context, userId: string): Promise<Session> {
  const { password } = await requireSecret<{ password: string }>(cluster.id, 'user');
  return session(settings, { projectId: cluster.projectId }, { purpose: `${operation.id}/userVolume/accept`, projectId: cluster.projectId, credential: { userId, password } });
}

/** The cluster has neither the PersistentVolume nor the claim that was bound to it. */
async function forget(kube: Kube, name: string, volumeId: string): Promise<Outcome<undefined>> {
  const volume = await getPersistentVolume(kube, name);
  if (volume?.spec.csi?.volumeHandle !== volumeId) return gone;
  await retain(kube, volume);
  const claim = claimReference(volume);
  if (claim) await kube.remove(claim);
  await kube.remove(volumeReference(name));
  return wait('the cluster is letting go of the volume\'s claim');
}

/** Its driver is not to look for what it would have to delete. */
async function retain(kube: Kube, { metadata: { name }, spec }: PersistentVolume): Promise<void> {
  if (spec.persistentVolumeReclaimPolicy === 'Retain') return;
  await kube.patch(volumeReference(name), { spec: { persistentVolumeReclaimPolicy: 'Retain' } });
}

export const handler = stepFunction(userVolume);
