import type { Cluster, ClusterNode, NodeGroup } from './cluster.ts';

/** `count` slots that no worker of the cluster uses, lowest first. */
export function freeSlots(cluster: Cluster, count: number): number[] {
  const free: number[] = [];
  for (let slot = 0; free.length < count; slot++) if (!(slot in cluster.slots)) free.push(slot);
  return free;
}

/** New nodes for a group, spread over its zones so that the zones end up even. */
export function newNodes(cluster: Cluster, group: Pick<NodeGroup, 'zones' | 'nodes'>, count: number): ClusterNode[] {
  const perZone = new Map(group.zones.map((zone) => [zone, group.nodes.filter((node) => node.zone === zone && !node.leaving).length]));
  return freeSlots(cluster, count).map((slot) => {
    const [zone = ''] = [...perZone].toSorted(([, a], [, b]) => a - b)[0] ?? [];
    perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
    return { slot, zone, leaving: false };
  });
}

/** Which nodes leave when a group shrinks by `count`: of the fullest zone, the youngest (highest slot) first. */
export function leavingNodes(nodes: readonly ClusterNode[], count: number): number[] {
  const staying = nodes.filter((node) => !node.leaving);
  const leaving: number[] = [];
  while (leaving.length < count && staying.length > 0) {
    const size = (zone: string) => staying.filter((node) => node.zone === zone).length;
    const next = staying.toSorted((a, b) => size(b.zone) - size(a.zone) || b.slot - a.slot)[0]!;
    staying.splice(staying.indexOf(next), 1);
    leaving.push(next.slot);
  }
  return leaving;
}
