/** Clusters go the same way, whichever API it was asked in. */
import type { Cluster } from '../cluster/cluster.ts';
import { idFrom } from '../store/ids.ts';
import { startOperation } from '../store/start-operation.ts';
import type { Request } from './endpoint.ts';
import { hint } from './hint.ts';
import { resume } from './resume.ts';

/** At any moment, whatever else goes on: the flow turns that round. Undefined: written meanwhile, read again. */
export async function removeCluster(cluster: Cluster, { caller, now }: Pick<Request, 'caller' | 'now'>): Promise<true | undefined> {
  if (cluster.phase === 'deleted') return true;
  const id = idFrom(cluster.id, 'deleteCluster');
  if (cluster.phase === 'deleting') {
    await resume(id, now);
    return true;
  }
  const operation = { id, flow: 'deleteCluster', clusterId: cluster.id, requestedBy: caller.userId };
  if (!await startOperation(operation, { cluster, change: { phase: 'deleting' } }, now)) return undefined;
  await hint(id, cluster.projectId);
  return true;
}
