import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { isRevision, Table } from './table.ts';

/** `expiresAt`: epoch seconds, of deleted ones. */
export type NodeGroupRow = NodeGroup & { expiresAt?: number };

export const nodeGroups = new Table<NodeGroupRow>('nodeGroups', {
  id: { type: String, hashKey: true },
  clusterId: String,
  revision: Number,
});

/** A node group by id, deleted ones included while their row is kept. */
export const getNodeGroup = async (id: string): Promise<NodeGroup | undefined> => nodeGroups.get({ id });

export async function requireNodeGroup(id: string): Promise<NodeGroup> {
  const group = await getNodeGroup(id);
  if (!group) throw new Error(`Node group ${id} is not in the table.`);
  return group;
}

/** A cluster's node groups, by name. */
export async function listNodeGroups({ groups }: Pick<Cluster, 'groups'>): Promise<NodeGroup[]> {
  const found = await Promise.all(Object.values(groups).map((id) => getNodeGroup(id)));
  return found.filter((group) => group !== undefined).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The node groups of many clusters, by the cluster's id: as few reads as there are hundreds of groups. */
export async function listNodeGroupsOf(of: readonly Pick<Cluster, 'groups'>[]): Promise<Map<string, NodeGroup[]>> {
  const rows = await nodeGroups.getMany(of.flatMap(({ groups }) => Object.values(groups)).map((id) => ({ id })));
  return Map.groupBy(rows, ({ clusterId }) => clusterId);
}

/** As changeCluster, for a node group. */
export async function changeNodeGroup(id: string, change: (group: NodeGroup) => Partial<NodeGroup> | undefined, now: number): Promise<NodeGroup> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const group = await requireNodeGroup(id);
    const changed = change(group);
    if (!changed) return group;
    const next = { ...changed, revision: group.revision + 1, updatedAt: new Date(now).toISOString() };
    const written = await nodeGroups.update({ id }, next, isRevision(group.revision));
    if (written) return written;
  }
  throw new Error(`Node group ${id} is being written by too many at once; try again.`);
}
