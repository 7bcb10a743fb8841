/** Tables and cloud held against each other: what differs, and what follows from it. Changes nothing. */
import type { Cluster } from '../cluster/cluster.ts';
import type { FoundCluster } from './found-cluster.ts';

/**
 * `unknown`: in the cloud and not in the table. `left-behind`: the table says that it was deleted. `vanished`: in the table,
 * and its service project is gone. `unfinished`: an operation was under way then, and goes on.
 */
export type Kind = 'unknown' | 'left-behind' | 'vanished' | 'unfinished';

export interface Difference {
  kind: Kind;
  clusterId: string;
  what: string;
  /** What is done about it, and by whom. */
  follows: string;
  /** Whether the flow that deletes a cluster is to be run. */
  isDeleted: boolean;
}

/** A service project, and the row of its cluster if there is one. Undefined: as it should be. */
export function compareFound(found: FoundCluster, cluster: Cluster | undefined): Difference | undefined {
  const { clusterId, projectId } = found;
  if (!cluster) {
    return {
      kind: 'unknown', clusterId, isDeleted: false, what: `${wordsOf(found)} is in the cloud (service project ${projectId}) and not in the table`,
      follows: 'left alone, whatever it is: see "Restore the tables" in docs/operate.md',
    };
  }
  if (cluster.phase !== 'deleted') return undefined;
  return {
    kind: 'left-behind', clusterId, isDeleted: true, what: `cluster ${cluster.name} was deleted, and its service project ${projectId} is there`,
    follows: 'it is deleted again, by the same flow',
  };
}

/** A row whose cluster has no service project. Undefined: it need not have one. */
export function compareMissing(cluster: Cluster): Difference | undefined {
  const { id: clusterId, name, phase, serviceProjectId } = cluster;
  // A create that has not come so far makes it; a delete that has, goes on to its end.
  if (phase === 'deleted' || phase === 'deleting' || serviceProjectId === undefined) return undefined;
  return {
    kind: 'vanished', clusterId, isDeleted: true, what: `cluster ${name} of project ${cluster.projectId} is in the table, and its service project ${serviceProjectId} is gone`,
    follows: 'it was deleted since: the flow that deletes takes what may be left, in its user\'s project too, and ends its row',
  };
}

function unfinished({ id: clusterId, name, operations }: Cluster): Difference | undefined {
  const open = Object.entries(operations).map(([id, { flow, state }]) => `${flow} ${id} (${state})`);
  if (open.length === 0) return undefined;
  return {
    kind: 'unfinished', clusterId, isDeleted: false, what: `cluster ${name} has operations that had not ended: ${open.join(', ')}`,
    follows: 'they go on; what was made or deleted since is looked for first',
  };
}

/** Everything that differs, clusters in the order of their ids. */
export function compare(found: readonly FoundCluster[], rows: readonly Cluster[]): Difference[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const there = new Set(found.map(({ clusterId }) => clusterId));
  const missing = rows.filter(({ id }) => !there.has(id)).map(compareMissing);
  const gone = new Set(missing.map((difference) => difference?.clusterId));
  return [
    ...found.map((one) => compareFound(one, known.get(one.clusterId))), ...missing,
    ...rows.filter(({ id, phase }) => phase !== 'deleted' && !gone.has(id)).map(unfinished),
  ].filter((difference) => difference !== undefined).toSorted((a, b) => (a.clusterId < b.clusterId ? -1 : a.clusterId > b.clusterId ? 1 : 0));
}

export const wordsOf = ({ clusterId, name = '(its name is not known)', ownerId }: FoundCluster): string =>
  `cluster ${name} (${clusterId})${ownerId ? ` of project ${ownerId}` : ''}`;
