/** A persistent volume of a cluster is handed over to its owner's project: looked at first, then done by an operation. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Kube } from '../kubernetes/client.ts';
import { isNotYet } from '../kubernetes/errors.ts';
import { cinderDriver, getPersistentVolume, nodesOfVolume } from '../kubernetes/persistent-volumes.ts';
import { userKube } from '../lifecycle/cluster-kube.ts';
import { newId } from '../store/ids.ts';
import { getOperation } from '../store/operations.ts';
import { startOperation } from '../store/start-operation.ts';
import type { Request } from './endpoint.ts';
import { hint } from './hint.ts';
import { conflict, notFound, unavailable } from './http-error.ts';
import { requireOwnCluster } from './owned.ts';
import { requireReady } from './ready.ts';
import { resume } from './resume.ts';

const flow = 'handOverVolume';
export interface HandOver { volumeId: string; operationId: string }

/** The operation that hands it over, begun or gone on with. Undefined: the cluster has been written meanwhile, read again. */
export async function handOverVolume(request: Request, name: string): Promise<HandOver | undefined> {
  const { caller, now, part } = request;
  const cluster = await requireOwnCluster(caller, part('id'));
  requireReady(cluster);
  const begun = await openHandOver(cluster, name);
  if (begun) {
    await resume(begun.operationId, now);
    return begun;
  }
  const volumeId = await volumeToHandOver(cluster, name);
  const id = newId(now);
  const operation = {
    id, flow, clusterId: cluster.id, given: cluster.createOperationId, requestedBy: caller.userId, subject: { volumeId, persistentVolume: name },
  };
  if (!await startOperation(operation, { cluster }, now)) return undefined;
  await hint(id, cluster.projectId);
  return { volumeId, operationId: id };
}

async function openHandOver({ operations }: Cluster, name: string): Promise<HandOver | undefined> {
  const ids = Object.entries(operations).filter(([, open]) => open.flow === flow).map(([id]) => id);
  const found = (await Promise.all(ids.map(getOperation))).find((operation) => operation?.subject?.persistentVolume === name);
  return found && { volumeId: found.subject!.volumeId!, operationId: found.id };
}

/** Cinder's id of it. Throws what the caller is to be told when it cannot be handed over now. */
async function volumeToHandOver(cluster: Cluster, name: string): Promise<string> {
  const kube = await userKube(cluster, cluster.addresses.external ?? '');
  try {
    return await lookAt(kube, name);
  } catch (error) {
    if (isNotYet(error)) throw unavailable('kubernetes_unavailable', 'The cluster\'s Kubernetes API does not answer.');
    throw error;
  } finally {
    kube.close();
  }
}

async function lookAt(kube: Kube, name: string): Promise<string> {
  const [volume, nodes] = await Promise.all([getPersistentVolume(kube, name), nodesOfVolume(kube, name)]);
  if (!volume) throw notFound('persistent volume', name);
  const { csi } = volume.spec;
  if (csi?.driver !== cinderDriver) throw conflict('not_a_cinder_volume', `${name} is not a volume of the cloud's block storage.`);
  if (nodes.length > 0) {
    throw conflict('volume_attached', `${name} is attached to ${nodes.join(', ')}.`, { action: 'Delete the pods that use it, then ask again.' });
  }
  return csi.volumeHandle;
}
