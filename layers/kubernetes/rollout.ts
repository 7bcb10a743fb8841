/** Whether a workload runs as it was last applied. */

interface Workload {
  kind?: unknown;
  metadata?: unknown;
  spec?: unknown;
  status?: unknown;
}

type Counts = Record<string, number | undefined>;

/**
 * True once every pod that should be there is of the newest revision and ready, by the rules of `kubectl rollout
 * status`. A status that the controller has not yet written for this generation counts as not complete.
 */
export function rolloutComplete(object: Workload | undefined): boolean {
  if (!object) return false;
  const generation = (object.metadata as { generation?: number } | undefined)?.generation ?? 0;
  const wanted = (object.spec as { replicas?: number } | undefined)?.replicas ?? 1;
  const status = (object.status ?? {}) as Counts;
  if ((status.observedGeneration ?? -1) < generation) return false;
  const count = (field: string): number => status[field] ?? 0;
  switch (object.kind) {
    case 'Deployment':
      return (
        count('updatedReplicas') >= wanted &&
        count('replicas') <= count('updatedReplicas') &&
        count('availableReplicas') >= wanted
      );
    case 'StatefulSet':
      return count('updatedReplicas') >= wanted && count('readyReplicas') >= wanted;
    case 'DaemonSet':
      return (
        count('updatedNumberScheduled') >= count('desiredNumberScheduled') &&
        count('numberAvailable') >= count('desiredNumberScheduled')
      );
    default:
      throw new Error(`${String(object.kind)} does not roll out`);
  }
}
