/** Changes of a cluster as a whole: its size, which is that of its default worker group; its version. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { parseBody } from '../http/body.ts';
import { changeGroup } from '../http/group-change.ts';
import { untilWritten } from '../http/until-written.ts';
import { requireCluster } from '../store/clusters.ts';
import type { MagnumUuid } from '../../schemas/generated/types.ts';
import isPatch from '../../schemas/generated/validate/MagnumPatch.js';
import isResize from '../../schemas/generated/validate/MagnumResize.js';
import isUpgrade from '../../schemas/generated/validate/MagnumUpgrade.js';
import type { MagnumRequest } from './api.ts';
import { requireZero } from './create-cluster.ts';
import { defaultWorker, masterGroupUuid, masterName } from './default-groups.ts';
import { invalid, refused } from './errors.ts';
import { groupsOf, ofCluster, unknownGroup } from './find.ts';
import { patched } from './patch.ts';
import { clusterStatus } from './status.ts';
import { findTemplate } from './templates.ts';

const shown = ['name', 'node_count', 'master_count', 'labels', 'keypair', 'cluster_template_id', 'docker_volume_size', 'master_flavor_id', 'flavor_id',
  'create_timeout', 'discovery_url', 'status', 'status_reason', 'coe_version', 'container_version', 'project_id', 'user_id', 'fixed_network',
  'fixed_subnet', 'floating_ip_enabled', 'master_lb_enabled', 'health_status', 'health_status_reason'];
const internal = ['api_address', 'node_addresses', 'master_addresses', 'stack_id', 'uuid', 'id', 'created_at', 'updated_at', 'links', 'trust_id'];
const usualCount = 1;

/** `node_count` alone; the platform itself watches over the health of these clusters. */
export const updateCluster = ofCluster(async (request, cluster): Promise<MagnumUuid> => {
  const patch = parseBody(request.event, isPatch);
  const { node_count } = patched(Object.fromEntries([...shown, ...internal].map((field) => [field, ''])), patch, {
    allowed: ['node_count'],
    refusal: (field) => refused(400, internal.includes(field) ? `'/${field}' is an internal attribute and can not be updated`
      : `cannot change cluster property(ies) ${field}.`),
  });
  const wanted = patch.some(({ path }) => path === '/node_count') ? countOf(node_count ?? usualCount) : undefined;
  if (wanted === 0) requireZero(request);
  requireStatus(cluster, 'Updating', ['CREATE_COMPLETE', 'UPDATE_COMPLETE']);
  if (wanted !== undefined) await resize(request, cluster, undefined, wanted, []);
  return { uuid: cluster.uuid };
});

function countOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 5_000) return value;
  throw refused(400, `Invalid input for field/attribute node_count. Value: '${String(value)}'. Value should be a whole number from 0 to 5000`);
}

/** Also after a change that failed, and while another group changes: autoscalers ask again until it is done. */
export const resizeCluster = ofCluster(async (request, cluster): Promise<MagnumUuid> => {
  const { node_count, nodes_to_remove = [], nodegroup } = parseBody(request.event, isResize);
  if (node_count === 0) requireZero(request);
  requireStatus(cluster, 'Resizing', ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_FAILED', 'UPDATE_IN_PROGRESS']);
  await resize(request, cluster, nodegroup, node_count, nodes_to_remove);
  return { uuid: cluster.uuid };
});

export const upgradeCluster = ofCluster(async (request, cluster): Promise<never> => {
  const { cluster_template: ident = 'Unset' } = parseBody(request.event, isUpgrade);
  if (!await findTemplate(request, ident)) throw refused(404, `ClusterTemplate ${ident} could not be found.`);
  throw refused(400, `Upgrading a cluster of the second generation in place is not supported yet; ${cluster.uuid} stays at ${cluster.version}.`);
});

function requireStatus(cluster: Cluster, doing: string, allowed: string[]): void {
  const status = clusterStatus(cluster);
  if (!allowed.includes(status)) throw refused(400, `${doing} a cluster when status is "${status}" is not supported.`);
}

async function resize(request: MagnumRequest, { id }: Cluster, ident: string | undefined, size: number, remove: readonly string[]): Promise<void> {
  await untilWritten(async () => {
    const cluster = await requireCluster(id);
    const group = workersOf(cluster, await groupsOf(cluster), ident);
    requireWithin(group, size);
    return changeGroup(request, { cluster, group }, size === group.size ? {} : { size }, { leaving: slotsOf(group, remove), refusal: problemsOfSize });
  });
}

/** The group that is named, the default one otherwise. The masters are the platform's. */
function workersOf(cluster: Cluster, groups: readonly NodeGroup[], ident: string | undefined): NodeGroup {
  if (ident === masterName || ident === masterGroupUuid(cluster)) throw refused(400, 'Resizing a master nodegroup is not supported.');
  const group = ident === undefined ? defaultWorker(groups) : groups.find(({ uuid, name }) => uuid === ident || name === ident);
  if (group) return group;
  throw ident === undefined ? refused(400, 'The cluster has no worker nodegroup: create one first.') : unknownGroup(ident);
}

function requireWithin({ name, limits, magnum }: NodeGroup, size: number): void {
  const { min = magnum?.minNodeCount ?? 0, max } = limits ?? {};
  if (size >= min && (max === undefined || size <= max)) return;
  throw refused(400, `Resizing ${name} outside the allowed range: min_node_count = ${min}, max_node_count = ${max ?? 'None'}`);
}

/** Nodes are named by their server's id, as Kubernetes tells it. */
function slotsOf({ name, nodes }: NodeGroup, remove: readonly string[]): number[] {
  return remove.map((id) => {
    const node = nodes.find(({ serverId, leaving }) => serverId === id && !leaving);
    if (node) return node.slot;
    throw refused(400, `Invalid input for field/attribute nodes_to_remove. Value: '${id}'. There is no such server in nodegroup ${name}`);
  });
}

const problemsOfSize = (problems: Parameters<typeof invalid>[0]): Error => invalid(problems.map((problem) => ({ ...problem, path: '$.node_count' })));
