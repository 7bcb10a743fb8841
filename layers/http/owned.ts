/** What belongs to the caller's project; everything else does not exist. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { getCluster } from '../store/clusters.ts';
import { getNodeGroup } from '../store/node-groups.ts';
import type { Caller } from './authenticate.ts';
import { notFound } from './http-error.ts';

/** Whether it looks like an id: what does not is not asked for. */
export const isId = (id: string): boolean => /^[0-9A-Za-z]{27}$/.test(id);

type Deleted = 'deleted-too' | 'not-deleted';

/** A cluster of the caller's project, a deleted one only where that is asked for. */
export const requireOwnCluster = (caller: Owner, id: string, deleted: Deleted = 'not-deleted'): Promise<Cluster> =>
  requireOwn('cluster', getCluster, caller, id, deleted);

/** A node group of the caller's project, as above. */
export const requireOwnNodeGroup = (caller: Owner, id: string, deleted: Deleted = 'not-deleted'): Promise<NodeGroup> =>
  requireOwn('node group', getNodeGroup, caller, id, deleted);

type Owner = Pick<Caller, 'projectId'>;

async function requireOwn<T extends Pick<Cluster, 'projectId' | 'phase'>>(
  what: string, get: (id: string) => Promise<T | undefined>, { projectId }: Owner, id: string, deleted: Deleted,
): Promise<T> {
  const found = isId(id) ? await get(id) : undefined;
  if (found?.projectId !== projectId) throw notFound(what, id);
  if (found.phase === 'deleted' && deleted === 'not-deleted') throw notFound(what, id);
  return found;
}
