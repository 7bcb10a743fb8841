import type { Cluster } from './cluster.ts';

export type ClusterStatus = 'PROVISIONING' | 'RUNNING' | 'RECONCILING' | 'DELETING' | 'DELETED' | 'ERROR';

/** The one word clients wait for, from the record alone. A held operation is an ERROR whatever else goes on. */
export function statusOf({ phase, operations }: Pick<Cluster, 'phase' | 'operations'>): ClusterStatus {
  if (phase === 'deleted') return 'DELETED';
  const open = Object.values(operations);
  const relevant = phase === 'deleting' ? open.filter(({ flow }) => flow === 'deleteCluster') : open;
  if (relevant.some(({ state }) => state === 'held')) return 'ERROR';
  if (phase === 'deleting') return 'DELETING';
  if (phase === 'creating') return 'PROVISIONING';
  return open.length > 0 ? 'RECONCILING' : 'RUNNING';
}

/** Why it is in ERROR, and what to do: of the first held operation. */
export function failureOf({ operations }: Pick<Cluster, 'operations'>): { operationId: string; code: string; cause: string; action: string } | undefined {
  for (const [operationId, { state, failure }] of Object.entries(operations)) {
    if (state === 'held' && failure) return { operationId, code: failure.code, cause: failure.cause, action: failure.action };
  }
  return undefined;
}
