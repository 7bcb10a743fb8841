/** Node groups as the second-generation API shows them. */
import type { Cluster, NodeGroup } from '../../cluster/cluster.ts';
import { workerName } from '../../cluster/names.ts';
import type {
  ClusterStatus, Failure, NodeGroup as NodeGroupView, ScaleSpecAnswer,
} from '../../../schemas/generated/types.ts';

export function nodeGroupView(group: NodeGroup, cluster: Cluster): NodeGroupView {
  const { id, uuid, clusterId, name, createdAt, updatedAt, zones, labels, taints, disk, nodes, operationId } = group;
  const error = failureOf(group, cluster);
  return {
    id, uuid, cluster_id: clusterId, name, created_at: createdAt, updated_at: updatedAt,
    status: error ? 'ERROR' : statusOf(group, cluster),
    ...(operationId && { operation_id: operationId }),
    ...(error && { error }),
    zones, scale_spec: scaleOf(group), labels, taints,
    vm_engine: { nova_engine: { flavor_id: group.flavorId } },
    parallel_upgrade_chunk: group.parallelUpgradeChunk,
    disk_type: { cinder_volume_type: disk },
    nodes: nodes.map(({ slot, zone, leaving }) => ({ name: workerName(cluster, group, slot), zone, leaving })),
  };
}

function statusOf({ phase, operationId }: NodeGroup, cluster: Cluster): ClusterStatus {
  if (phase === 'deleted') return 'DELETED';
  if (phase === 'deleting' || cluster.phase === 'deleting') return 'DELETING';
  if (phase === 'creating') return 'PROVISIONING';
  return operationId ? 'RECONCILING' : 'RUNNING';
}

/** Of the held operation on the group; those that a cluster's own operation started are told of with the cluster. */
function failureOf({ id }: NodeGroup, { operations }: Cluster): Failure | undefined {
  for (const [operationId, { groupId, state, failure }] of Object.entries(operations)) {
    if (groupId !== id || state !== 'held' || !failure) continue;
    const { code, cause, action, step } = failure;
    return { code, cause, action, operation_id: operationId, ...(step && { step }) };
  }
  return undefined;
}

const scaleOf = ({ size, limits }: NodeGroup): ScaleSpecAnswer => limits
  ? { fixed_scale: null, auto_scale: { min_size: limits.min, max_size: limits.max, size } }
  : { fixed_scale: { size }, auto_scale: null };
