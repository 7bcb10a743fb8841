/** What a cluster takes up, summed over its machines: what its service project's quotas are set to, what is checked before. */
import type { Cluster, NodeGroup } from './cluster.ts';

export interface FlavorSize { vcpus: number; ram: number }
export interface Needs { instances: number; cores: number; ramMiB: number; volumes: number; gigabytes: number; serverGroups: number }

type Sizes = (flavorId: string) => FlavorSize;
type Disks = { bootDiskGiB: number; etcdDiskGiB: number };

export function needsOf(cluster: Pick<Cluster, 'masters'>, groups: readonly Pick<NodeGroup, 'flavorId' | 'size' | 'limits' | 'disk' | 'nodes'>[], sizeOf: Sizes, disks: Disks): Needs {
  const master = sizeOf(cluster.masters.flavorId);
  const { count } = cluster.masters;
  const needs: Needs = {
    instances: count, cores: count * master.vcpus, ramMiB: count * master.ram, volumes: 2 * count,
    gigabytes: count * (disks.bootDiskGiB + disks.etcdDiskGiB), serverGroups: 1 + groups.length,
  };
  for (const { flavorId, size, limits, disk, nodes } of groups) {
    const most = Math.max(size, limits?.max ?? 0, nodes.length);
    const { vcpus, ram } = sizeOf(flavorId);
    needs.instances += most;
    needs.cores += most * vcpus;
    needs.ramMiB += most * ram;
    needs.volumes += most;
    needs.gigabytes += most * disk.size;
  }
  return needs;
}
