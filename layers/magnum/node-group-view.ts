/** Node groups of the second generation as the Magnum API shows them; the masters are one of them. */
import { createHash } from 'node:crypto';
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { addressesOf } from '../http/views/cluster.ts';
import { requireSettings } from '../platform/settings.ts';
import type { MagnumNodeGroup, MagnumNodeGroupSummary } from '../../schemas/generated/types.ts';
import { addressesOfNodes, labelsDiff, type ViewOf } from './cluster-view.ts';
import { masterGroupUuid, masterName } from './default-groups.ts';
import { linksOf } from './links.ts';
import { clusterStatus, groupReason, groupStatus, statusReason } from './status.ts';

/** In lists. */
export function groupSummary(group: MagnumNodeGroup): MagnumNodeGroupSummary {
  const { uuid, name, flavor_id, image_id, node_count, role, is_default, stack_id, status, min_node_count, max_node_count } = group;
  return {
    uuid, name, flavor_id, image_id, node_count, role, min_node_count, max_node_count, is_default, stack_id, status,
    merge_labels: false,
  } as MagnumNodeGroupSummary;
}

/** A group of workers. */
export function groupView(group: NodeGroup, cluster: Cluster, isDefault: boolean, of: ViewOf): MagnumNodeGroup {
  const { magnum, labels, taints, limits, phase, changed } = group;
  return {
    ...common(cluster, group.uuid, group.magnum?.labels ?? cluster.labels, of),
    name: group.name, docker_volume_size: magnum?.dockerVolumeSize ?? cluster.magnum?.dockerVolumeSize ?? null,
    flavor_id: magnum?.flavorId ?? group.flavorId, image_id: magnum?.imageId ?? imageOf(cluster),
    node_addresses: addressesOfNodes(group), node_count: group.size, role: 'worker',
    min_node_count: limits?.min ?? magnum?.minNodeCount ?? 0, max_node_count: limits?.max ?? null, is_default: isDefault,
    status: groupStatus(group, cluster), status_reason: groupReason(group, cluster),
    ...(of.version.minor >= 14 && { node_labels: labels, node_taints: taints }),
    created_at: group.createdAt, updated_at: phase !== 'creating' || changed ? group.updatedAt : null,
  };
}

/** The masters: the platform's, shown and not to be changed. */
export function masterView(cluster: Cluster, of: ViewOf): MagnumNodeGroup {
  const { masters, magnum, createdAt } = cluster;
  const { external, internal } = addressesOf(cluster);
  return {
    ...common(cluster, masterGroupUuid(cluster), cluster.labels, of),
    name: masterName, docker_volume_size: magnum?.dockerVolumeSize ?? null,
    flavor_id: magnum?.masterFlavorId ?? masters.flavorId, image_id: imageOf(cluster),
    node_addresses: [external || internal].filter(Boolean), node_count: masters.count, role: 'master',
    min_node_count: 1, max_node_count: null, is_default: true,
    status: clusterStatus(cluster), status_reason: statusReason(cluster),
    ...(of.version.minor >= 14 && { node_labels: {}, node_taints: [] }),
    created_at: createdAt, updated_at: null,
  };
}

function common(cluster: Cluster, uuid: string, labels: Record<string, string>, { base }: ViewOf) {
  return {
    id: numberOf(uuid), uuid, cluster_id: cluster.uuid, project_id: cluster.projectId, labels, ...labelsDiff(cluster.labels, labels),
    links: linksOf(base, 'clusters', cluster.uuid, 'nodegroups', uuid), stack_id: cluster.uuid, version: null, merge_labels: false,
  };
}

const imageOf = ({ version }: Cluster): string => `${requireSettings().imagePrefix}${version}`;

/** Clients read a number here, and do nothing with it. */
const numberOf = (uuid: string): number => createHash('sha256').update(uuid).digest().readUInt32BE() % 2 ** 31 || 1;
