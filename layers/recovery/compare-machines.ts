/** The machines of one cluster as the cloud has them, held against what the tables say there should be. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { masterName, workerName } from '../cluster/names.ts';

/** `servers`: the names of those in its service project. In words; nothing where both are the same. */
export function compareMachines(cluster: Cluster, groups: readonly NodeGroup[], servers: readonly string[]): string[] {
  const wanted = [
    ...Array.from({ length: cluster.masters.count }, (_, index) => masterName(cluster, index)),
    ...groups.flatMap((group) => group.nodes.filter(({ leaving }) => !leaving).map(({ slot }) => workerName(cluster, group, slot))),
  ];
  const more = servers.filter((name) => !wanted.includes(name));
  const fewer = wanted.filter((name) => !servers.includes(name));
  return [
    ...(more.length > 0 ? [`machines that the table does not know: ${more.join(', ')}; left alone. Grown since: resize the node group to its size again, and they are found by their names`] : []),
    ...(fewer.length > 0 ? [`machines that are gone: ${fewer.join(', ')}; the watch makes them anew. Shrunk since: resize the node group down before Moorage is started`] : []),
  ];
}
