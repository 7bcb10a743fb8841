/** What belongs to the caller's project; everything else does not exist. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { getCluster } from '../store/clusters.ts';
import { getNodeGroup } from '../store/node-groups.ts';
import type { Caller } from './authenticate.ts';
import { notFound } from './http-error.ts';

const isId = (id: string): boolean => /^[0-9A-Za-z]{27}$/.test(id);

/** A cluster of the caller's project, a deleted one only where that is asked for. */
export async function requireOwnCluster({ projectId }: Pick<Caller, 'projectId'>, id: string,
  deleted: 'deleted-too' | 'not-deleted' = 'not-deleted'): Promise<Cluster> {
  const cluster = isId(id) ? await getCluster(id) : undefined;
  if (cluster?.projectId !== projectId
    || (cluster.phase === 'deleted' && deleted === 'not-deleted')) throw notFound('cluster', id);
  return cluster;
}

export async function requireOwnNodeGroup({ projectId }: Pick<Caller, 'projectId'>, id: string,
  deleted: 'deleted-too' | 'not-deleted' = 'not-deleted'): Promise<NodeGroup> {
  const group = isId(id) ? await getNodeGroup(id) : undefined;
  if (group?.projectId !== projectId
    || (group.phase === 'deleted' && deleted === 'not-deleted')) throw notFound('node group', id);
  return group;
}
