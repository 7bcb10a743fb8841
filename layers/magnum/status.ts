/** The second generation's state in Magnum's words. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { failureOf } from '../cluster/status.ts';

type Phase = 'CREATE' | 'UPDATE' | 'DELETE';
export type Status = `${Phase}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`;

/**
 * A cluster that has been changed once stays UPDATE_COMPLETE: who waits for an update takes nothing else for its end.
 * What is held is FAILED, whatever else goes on.
 */
export function clusterStatus({ phase, operations, changed }: Pick<Cluster, 'phase' | 'operations' | 'changed'>): Status {
  const open = Object.values(operations);
  const isHeld = (of: typeof open) => of.some(({ state }) => state === 'held');
  if (phase === 'deleted') return 'DELETE_COMPLETE';
  if (phase === 'deleting') return isHeld(open.filter(({ flow }) => flow === 'deleteCluster')) ? 'DELETE_FAILED' : 'DELETE_IN_PROGRESS';
  if (phase === 'creating') return isHeld(open) ? 'CREATE_FAILED' : 'CREATE_IN_PROGRESS';
  if (isHeld(open)) return 'UPDATE_FAILED';
  if (open.length > 0) return 'UPDATE_IN_PROGRESS';
  return changed ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
}

/** Of a node group; what its cluster's own creation or deletion does to it counts as well. */
export function groupStatus({ id, phase, operationId, changed }: NodeGroup, cluster: Cluster): Status {
  const held = Object.values(cluster.operations).find(({ groupId, state }) => groupId === id && state === 'held');
  const failed = held !== undefined || (operationId !== undefined && cluster.phase === 'creating' && clusterStatus(cluster) === 'CREATE_FAILED');
  if (phase === 'deleted') return 'DELETE_COMPLETE';
  if (phase === 'deleting' || cluster.phase === 'deleting') return failed ? 'DELETE_FAILED' : 'DELETE_IN_PROGRESS';
  if (phase === 'creating') return failed ? 'CREATE_FAILED' : 'CREATE_IN_PROGRESS';
  if (failed) return 'UPDATE_FAILED';
  if (operationId) return 'UPDATE_IN_PROGRESS';
  return changed ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
}

/** `[CODE] text`, of the operation that is held. */
export function statusReason({ operations }: Pick<Cluster, 'operations'>): string | null {
  const failure = failureOf({ operations });
  return failure ? `[${failure.code.toUpperCase()}] ${failure.cause} ${failure.action}` : null;
}

/** As above, of an operation on the group. */
export function groupReason({ id }: NodeGroup, { operations }: Cluster): string | null {
  return statusReason({ operations: Object.fromEntries(Object.entries(operations).filter(([, { groupId }]) => groupId === id)) });
}
