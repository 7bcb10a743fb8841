import type { Cluster } from '../cluster/cluster.ts';
import { dueAttributes, type Due } from './due.ts';
import { idFrom } from './ids.ts';
import { isRevision, Table } from './table.ts';

export type ClusterRow = Cluster & Due & { createdAtId: string; projectName: string; expiresAt?: number };

export const clusters = new Table<ClusterRow>('clusters', {
  id: { type: String, hashKey: true },
  projectId: { type: String, index: { type: 'global', name: 'byProject', rangeKey: 'createdAtId' } },
  createdAtId: String,
  projectName: { type: String, index: { type: 'global', name: 'byName' } },
  revision: Number,
  ...dueAttributes,
});

/** The row of a cluster, with what its indexes are sorted by. */
export const clusterRow = (cluster: Cluster): ClusterRow => ({
  ...cluster, createdAtId: `${cluster.createdAt}#${cluster.id}`, projectName: projectNameOf(cluster, cluster.renamedTo ?? cluster.name),
});

/** What the index of names is keyed by. */
export const projectNameOf = ({ projectId }: Pick<Cluster, 'projectId'>, name: string): string => `${projectId}#${name}`;

/** A cluster by id, deleted ones included while their row is kept. */
export const getCluster = async (id: string): Promise<Cluster | undefined> => clusters.get({ id });

/** A cluster of the project by its uuid: the id follows from both. */
export const getClusterByUuid = async (projectId: string, uuid: string): Promise<Cluster | undefined> => getCluster(idFrom(projectId, uuid));

/** Clusters of the project that are called so now and are not deleted: names may be given twice. */
export async function listClustersByName(projectId: string, name: string): Promise<Cluster[]> {
  const found = await clusters.queryAll({ index: 'byName', key: 'projectName', value: projectNameOf({ projectId }, name), limit: 50 });
  const rows = await Promise.all(found.map(({ id }) => getCluster(id)));
  return rows.filter((row) => row !== undefined).filter((row) => row.phase !== 'deleted');
}

export async function requireCluster(id: string): Promise<Cluster> {
  const cluster = await getCluster(id);
  if (!cluster) throw new Error(`Cluster ${id} is not in the table.`);
  return cluster;
}

/** How many clusters of a project are not deleted, counted until there are `enough`. */
export const countClusters = (projectId: string, enough: number): Promise<number> =>
  clusters.count({ index: 'byProject', key: 'projectId', value: projectId }, 'phase', 'deleted', enough);

/** Clusters of a project that are not deleted, oldest first. `next` is what to pass as `from` for the page after. */
export async function listClusters(projectId: string, limit: number, from?: Cluster): Promise<{ clusters: Cluster[]; more: boolean }> {
  const found: Cluster[] = [];
  let key = from && { id: from.id, projectId, createdAtId: clusterRow(from).createdAtId };
  for (let pages = 0; pages < 20; pages++) {
    const page = await clusters.query({ index: 'byProject', key: 'projectId', value: projectId, limit: limit + 1, ...(key && { from: key }) });
    found.push(...page.rows.filter((row) => row.phase !== 'deleted'));
    if (found.length > limit || !page.next) return { clusters: found.slice(0, limit), more: found.length > limit };
    key = page.next as NonNullable<typeof key>;
  }
  return { clusters: found, more: true };
}

/**
 * Changes a cluster as `change` says from what it is now, once; tried again when someone else wrote meanwhile. Answers
 * the cluster as it is after; without a change (undefined) nothing is written.
 */
export async function changeCluster(id: string, change: (cluster: Cluster) => Partial<Cluster> | undefined, now: number): Promise<Cluster> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const cluster = await requireCluster(id);
    const changed = change(cluster);
    if (!changed) return cluster;
    const renamed = changed.renamedTo !== undefined && { projectName: projectNameOf(cluster, changed.renamedTo) };
    const next = { ...changed, ...renamed, revision: cluster.revision + 1, updatedAt: new Date(now).toISOString() };
    const written = await clusters.update({ id }, next, isRevision(cluster.revision));
    if (written) return written;
  }
  throw new Error(`Cluster ${id} is being written by too many at once; try again.`);
}
