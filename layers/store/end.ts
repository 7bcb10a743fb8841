/** The end of an operation, with everything that follows from it for cluster and node group, in one write. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import type { Operation } from '../engine/ports.ts';
import { clusters, getCluster, type ClusterRow } from './clusters.ts';
import { due, notDue } from './due.ts';
import { endedExpiresAt, letGo } from './let-go.ts';
import { getNodeGroup, nodeGroups, type NodeGroupRow } from './node-groups.ts';
import { operations } from './operations.ts';
import { isRevision, transact, type Change } from './table.ts';
import { watchEveryMs } from './watched-clusters.ts';

/** Deleted rows stay for a month: who repeats a request learns what became of it, and the janitor knows what was whose. */
const keepDeletedSeconds = 30 * 86_400;

/** going → succeeded or turning → stopped. `false`: it is not in that state any more. */
export async function end({ id, clusterId, groupId }: Operation, status: 'succeeded' | 'stopped', now: number): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const [row, cluster, group] = await Promise.all([operations.get({ id }), getCluster(clusterId), groupId ? getNodeGroup(groupId) : undefined]);
    if (row?.status !== (status === 'succeeded' ? 'going' : 'turning')) return false;
    // First, so that it is done again when this dies before the end is written.
    if (attempt === 0) await letGo(...notBuiltOn(row, cluster, status), now);
    const updatedAt = new Date(now).toISOString();
    const expiresAt = isBuiltOn(row, status) ? undefined : endedExpiresAt(now);
    const ended = { status, endedAt: now, failure: undefined, revision: row.revision + 1, ...notDue, ...(expiresAt && { expiresAt }) };
    const parts = [operations.updating({ id }, ended, isRevision(row.revision))];
    if (cluster) {
      const change = { ...clusterAfter(cluster, group, row, status, now), revision: cluster.revision + 1, updatedAt };
      parts.push(clusters.updating({ id: clusterId }, change, isRevision(cluster.revision)));
    }
    if (group) {
      const change = { ...groupAfter(group, row, status, now), revision: group.revision + 1, updatedAt };
      parts.push(nodeGroups.updating({ id: group.id }, change, isRevision(group.revision)));
    }
    if (await transact(parts)) return true;
  }
  return false;
}

/** Later operations of the cluster take what its create, or its last repair, has made. */
const isBuiltOn = ({ flow }: Operation, status: 'succeeded' | 'stopped'): boolean =>
  status === 'succeeded' && (flow === 'createCluster' || flow === 'repairCluster');

/** This operation itself, and what it takes the place of, or takes along. */
function notBuiltOn(operation: Operation, cluster: Cluster | undefined, status: 'succeeded' | 'stopped'): [string | undefined, string[]] {
  const { id, flow } = operation;
  const before = status === 'succeeded' && (flow === 'repairCluster' || flow === 'deleteCluster') && cluster && cluster.createOperationId !== id;
  return [isBuiltOn(operation, status) ? undefined : id, before ? [cluster.createOperationId] : []];
}

function clusterAfter(
  cluster: Cluster, group: NodeGroup | undefined, { id, flow, groupId }: Operation, status: 'succeeded' | 'stopped', now: number,
): Partial<Change<ClusterRow>> {
  const { [id]: _ended, ...open } = cluster.operations;
  if (status === 'stopped') return { operations: open };
  // From here on it is watched.
  if (flow === 'createCluster' && cluster.phase === 'creating') return { operations: open, phase: 'ready', ...due(cluster.id, now + watchEveryMs) };
  // What was made anew is what later operations build on.
  if (flow === 'repairCluster') return { operations: open, createOperationId: id };
  if (flow === 'deleteCluster') {
    return { operations: open, phase: 'deleted', ...notDue, expiresAt: Math.floor(now / 1_000) + keepDeletedSeconds };
  }
  if (flow === 'deleteNodeGroup') return { operations: open, groups: without(cluster.groups, groupId), slots: without(cluster.slots, groupId), workers: withoutKey(cluster.workers, groupId) };
  const left = new Set(group?.nodes.filter((node) => node.leaving).map((node) => String(node.slot)));
  return { operations: open, slots: Object.fromEntries(Object.entries(cluster.slots).filter(([slot]) => !left.has(slot))) };
}

/** What is left of a map when every entry with this value is taken out. */
const without = (map: Record<string, string>, value: string | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([, other]) => other !== value));

const withoutKey = <T>(map: Record<string, T>, key: string | undefined): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([each]) => each !== key));

function groupAfter(group: NodeGroup, { id, flow }: Operation, status: 'succeeded' | 'stopped', now: number): { [K in keyof NodeGroupRow]?: NodeGroupRow[K] | undefined } {
  const operationId = group.operationId === id ? undefined : group.operationId;
  if (status === 'stopped') return { operationId };
  if (flow === 'deleteNodeGroup') return { operationId, phase: 'deleted', nodes: [], expiresAt: Math.floor(now / 1_000) + keepDeletedSeconds };
  return { operationId, phase: 'ready', nodes: group.nodes.filter((node) => !node.leaving) };
}
