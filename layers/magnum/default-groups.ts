/** Magnum's clusters have two default groups: one of masters, and the worker group that sizes of the cluster are about. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { uuidFrom } from '../platform/uuid.ts';

export const workerName = 'default-worker';
export const masterName = 'default-master';

/** The group of that name; of a cluster that was made without one, the oldest. */
export function defaultWorker(groups: readonly NodeGroup[]): NodeGroup | undefined {
  const there = groups.filter(({ phase }) => phase !== 'deleting' && phase !== 'deleted');
  const [oldest] = there.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name));
  return there.find(({ name }) => name === workerName) ?? oldest;
}

/** The masters are no group of ours; as one they have an id that follows from the cluster's. */
export const masterGroupUuid = ({ id }: Pick<Cluster, 'id'>): string => uuidFrom(`${id}/${masterName}`);
