/** Changes need a cluster that is there, and stays. */
import type { Cluster } from '../cluster/cluster.ts';
import { rotationOf } from '../cluster/rotation.ts';
import { beingChanged, conflict } from './http-error.ts';

export function requireReady(cluster: Pick<Cluster, 'phase' | 'createOperationId' | 'operations'>): void {
  const { phase, createOperationId } = cluster;
  if (phase === 'creating') {
    const more = { action: 'Wait until it is RUNNING.', operationId: createOperationId };
    throw conflict('cluster_not_ready', 'The cluster is still being created.', more);
  }
  if (phase !== 'ready') throw conflict('cluster_deleting', 'The cluster is being deleted.');
  const rotation = rotationOf(cluster);
  if (rotation) throw beingChanged('cluster', rotation.operationId);
}
