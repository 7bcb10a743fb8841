/** What must hold of a node group by itself and within its cluster, without asking any cloud. */
import { labelProblems, taintProblems } from './kubernetes-rules.ts';
import { unless, type Problem } from './problem.ts';
import type { NodeGroupPaths, NodeGroupWish } from './wish.ts';

/** Nodes are named <cluster>-<group>-<number>, masters <cluster>-master-<number>. */
const reservedName = 'master';

export function nodeGroupProblems(
  group: NodeGroupWish, paths: NodeGroupPaths, clusterZones: readonly string[],
): Problem[] {
  const { name, zones, labels, taints } = group;
  const foreign = zones.filter((zone) => !clusterZones.includes(zone));
  return [
    ...unless(name !== reservedName, paths.name, 'name_reserved',
      `"${reservedName}" is what the masters' names are made of`),
    ...unless(foreign.length === 0, paths.zones, 'zone_not_in_cluster',
      `must be among the cluster's zones ${clusterZones.join(', ')}; not ${foreign.join(', ')}`),
    ...unless(new Set(zones).size === zones.length, paths.zones, 'duplicate_zone', 'must name each zone once'),
    ...scaleProblemsOf(group, paths),
    ...labelProblems(labels, paths.labels),
    ...taintProblems(taints, paths.taints),
  ];
}

/** min ≤ size ≤ max: else the wait for it would never end. */
export function scaleProblemsOf(
  { size, limits }: Pick<NodeGroupWish, 'size' | 'limits'>, paths: Pick<NodeGroupPaths, 'size' | 'minSize'>,
): Problem[] {
  if (!limits) return [];
  const { min, max } = limits;
  if (min > max) return unless(false, paths.minSize, 'limits_crossed', `is ${min}, more than the largest size ${max}`);
  return [
    ...unless(size >= min, paths.size, 'size_below_limit', `has size ${size}, less than the smallest size ${min}`),
    ...unless(size <= max, paths.size, 'size_above_limit', `has size ${size}, more than the largest size ${max}`),
  ];
}
