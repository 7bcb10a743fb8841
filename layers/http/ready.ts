/** Changes need a cluster that is there, and stays. */
import type { Cluster } from '../cluster/cluster.ts';
import { conflict } from './http-error.ts';

export function requireReady({ phase, createOperationId }: Pick<Cluster, 'phase' | 'createOperationId'>): void {
  if (phase === 'ready') return;
  if (phase === 'creating') {
    const more = { action: 'Wait until it is RUNNING.', operationId: createOperationId };
    throw conflict('cluster_not_ready', 'The cluster is still being created.', more);
  }
  throw conflict('cluster_deleting', 'The cluster is being deleted.');
}
