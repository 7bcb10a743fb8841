/** Magnum's clusters. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, asInteger, asText, asTexts, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { addressesOf } from '../nova/server-view.ts';
import { magnumTime, minorOf, nextOrder, page, patched, requireMinor, requireNamed } from './magnum.ts';
import { limitOf } from './quotas.ts';
import type { MagnumClusterRow, MagnumNodeGroupRow, MagnumTemplateRow } from './rows.ts';
import { beginStack, groupsOf, scaleGroup } from './stacks.ts';
import { requireTemplate } from './templates.ts';

export function clusterRoutes(core: Core): Route[] {
  const one = (call: Call): MagnumClusterRow => requireCluster(core, call);
  const accepted = ({ id }: MagnumClusterRow): Reply => ({ status: 202, body: { uuid: id } });
  const all = (call: Call): Readonly<MagnumClusterRow>[] => visible(core, call);
  return [
    route('GET', '/v1/clusters', (call) => page(call, 'clusters', all(call), (row) => summary(core, call, row))),
    route('GET', '/v1/clusters/detail', (call) => page(call, 'clusters', all(call), (row) => showCluster(core, call, row))),
    route('POST', '/v1/clusters', (call) => accepted(create(core, call))),
    route('GET', '/v1/clusters/{cluster}', (call) => ({ status: 200, body: showCluster(core, call, one(call)) })),
    route('PATCH', '/v1/clusters/{cluster}', (call) => {
      const { node_count } = patched(call.body, ['node_count', 'health_status', 'health_status_reason']);
      const cluster = one(call);
      if (node_count !== undefined) resize(core, cluster, defaultWorkers(core, cluster), asInteger(node_count));
      return accepted(cluster);
    }),
    route('DELETE', '/v1/clusters/{cluster}', (call) => {
      const cluster = one(call);
      for (const group of groupsOf(core, cluster.id)) scaleGroup(core, cluster, { ...group, node_count: 0 });
      beginStack(core, 'DELETE', cluster);
      return { status: 204 };
    }),
    route('POST', '/v1/clusters/{cluster}/actions/resize', (call) => {
      requireMinor(call, 7);
      const cluster = one(call);
      const { nodegroup, node_count, nodes_to_remove } = asAttributes(call.body) ?? {};
      const group = typeof nodegroup === 'string'
        ? requireNamed(groupsOf(core, cluster.id), 'Nodegroup', nodegroup) : defaultWorkers(core, cluster);
      resize(core, cluster, group, asInteger(node_count), asTexts(nodes_to_remove));
      return accepted(cluster);
    }),
    route('POST', '/v1/clusters/{cluster}/actions/upgrade', (call) => {
      requireMinor(call, 8);
      const cluster = one(call);
      requireSettled(cluster, 'upgrade');
      const template = requireTemplate(core, call, String(asAttributes(call.body)?.['cluster_template']));
      core.state.table('magnumClusters').update(cluster.id, { cluster_template_id: template.id });
      beginStack(core, 'UPDATE', cluster);
      return accepted(cluster);
    }),
  ];
}

export const requireCluster = (core: Core, call: Call): MagnumClusterRow =>
  requireNamed(visible(core, call), 'Cluster', call.param('cluster'));

const visible = (core: Core, { caller }: Call): Readonly<MagnumClusterRow>[] =>
  core.state.table('magnumClusters').list(({ project_id }) => project_id === caller.projectId);

/** Changes begin only where nothing else is under way. */
export function requireSettled({ status, id }: MagnumClusterRow, what: string): void {
  if (status.endsWith('_COMPLETE') || (what === 'resize' && status.startsWith('UPDATE_'))) return;
  throw new Refusal(400, `Operation ${what} on cluster ${id} is not supported when its status is "${status}".`);
}

const defaultWorkers = (core: Core, { id }: MagnumClusterRow): MagnumNodeGroupRow =>
  groupsOf(core, id).find(({ is_default, role }) => is_default && role === 'worker')!;

function resize(
  core: Core, cluster: MagnumClusterRow, group: MagnumNodeGroupRow, wanted: number | undefined, leaving: readonly string[] = [],
): void {
  requireSettled(cluster, 'resize');
  const { min_node_count: min, max_node_count: max } = group;
  if (wanted === undefined || wanted < min || (max !== null && wanted > max)) {
    throw new Refusal(400, `Resizing ${group.name} outside the allowed range: min_node_count = ${min}, max_node_count = ${max ?? 'None'}`);
  }
  const changed = core.state.table('magnumNodeGroups').update(group.id, { node_count: wanted })!;
  scaleGroup(core, cluster, changed, leaving);
  beginStack(core, 'UPDATE', cluster, changed);
}

function create(core: Core, call: Call): MagnumClusterRow {
  const given = asAttributes(call.body) ?? {};
  const template = requireTemplateOf(core, call, given);
  const masters = count(given, 'master_count', 1);
  const workers = count(given, 'node_count', minorOf(call) >= 10 ? 0 : 1);
  const limit = limitOf(core, call.caller.projectId ?? '');
  if (visible(core, call).length >= limit) {
    throw new Refusal(403, `You have reached the maximum clusters per project, ${limit}. You may delete a cluster to make room for a new one.`);
  }
  const row = core.state.table('magnumClusters').insert({
    id: core.random.uuid(), project_id: call.caller.projectId ?? '', user_id: call.caller.userId,
    name: asText(given['name']) ?? `zeta-${nextOrder(core)}-cluster`, cluster_template_id: template.id,
    keypair: asText(given['keypair']) ?? null, create_timeout: asInteger(given['create_timeout']) ?? 60,
    labels: (asAttributes(given['labels']) ?? template.spec['labels'] ?? {}) as Record<string, string>, status: 'CREATE_IN_PROGRESS',
    status_reason: null, stack_id: core.random.uuid(), created_at: magnumTime(), updated_at: null, order: nextOrder(core),
  });
  for (const [role, node_count, flavor] of [['master', masters, 'master_flavor_id'], ['worker', workers, 'flavor_id']] as const) {
    const group = insertGroup(core, row, {
      name: `default-${role}`, role, node_count, is_default: true, flavor_id: flavorOf(core, given[flavor] ?? template.spec[flavor]),
      image_id: String(template.spec['image_id']), stack_id: row.stack_id, min_node_count: role === 'master' ? 1 : 0,
    });
    scaleGroup(core, row, group);
  }
  beginStack(core, 'CREATE', row);
  return row;
}

function requireTemplateOf(core: Core, call: Call, given: Attributes): MagnumTemplateRow {
  const wanted = asText(given['cluster_template_id']);
  if (!wanted) throw new Refusal(400, 'Invalid input for field/attribute cluster_template_id. Value: \'None\'. Mandatory field missing.');
  return requireTemplate(core, call, wanted);
}

function count(given: Attributes, name: string, least: number): number {
  const value = given[name] === undefined ? 1 : asInteger(given[name]);
  if (value !== undefined && value >= least) return value;
  throw new Refusal(400, `Invalid input for field/attribute ${name}. Value: '${String(given[name])}'. Value should be greater or equal to ${least}`);
}

/** By id or name; Magnum takes both. */
export function flavorOf(core: Core, wanted: unknown): string {
  const flavors = core.state.table('flavors');
  const found = wanted == null ? flavors.list()[0] : flavors.find(({ id, name }) => id === wanted || name === wanted);
  if (!found) throw new Refusal(400, `Unable to find flavor ${String(wanted)}.`);
  return found.id;
}

type NewGroup = Pick<MagnumNodeGroupRow, 'name' | 'role' | 'node_count' | 'is_default' | 'flavor_id' | 'image_id' | 'stack_id' | 'min_node_count'>
  & Partial<MagnumNodeGroupRow>;

export const insertGroup = (core: Core, { id }: MagnumClusterRow, group: NewGroup): MagnumNodeGroupRow =>
  core.state.table('magnumNodeGroups').insert({
    id: core.random.uuid(), order: nextOrder(core), cluster_id: id, max_node_count: null, labels: {}, servers: [],
    status: 'CREATE_IN_PROGRESS', created_at: magnumTime(), updated_at: null, ...group,
  });

function summary(core: Core, call: Call, row: MagnumClusterRow): Attributes {
  const groups = groupsOf(core, row.id);
  const sum = (role: string): number => groups.filter((group) => group.role === role).reduce((total, { node_count }) => total + node_count, 0);
  const flavor = (role: string): string | undefined => groups.find((group) => group.is_default && group.role === role)?.flavor_id;
  return {
    uuid: row.id, name: row.name, cluster_template_id: row.cluster_template_id, keypair: row.keypair, docker_volume_size: null,
    labels: row.labels, node_count: sum('worker'), master_count: sum('master'), flavor_id: flavor('worker'),
    master_flavor_id: flavor('master'), create_timeout: row.create_timeout, status: row.status, health_status: null, stack_id: row.stack_id,
    links: ['self', 'bookmark'].map((rel) => ({ rel, href: `${call.serviceUrl}${rel === 'self' ? '/v1' : ''}/clusters/${row.id}` })),
  };
}

function showCluster(core: Core, call: Call, row: MagnumClusterRow): Attributes {
  const addresses = (role: string): unknown[] => groupsOf(core, row.id).filter((group) => group.role === role)
    .flatMap(({ servers }) => servers.flatMap((id) => core.state.table('servers').get(id) ?? []))
    .flatMap((server) => Object.values(addressesOf(core, server)).flat().map(({ addr }) => addr));
  return {
    ...summary(core, call, row), status_reason: row.status_reason, health_status_reason: {}, discovery_url: null,
    api_address: row.status.startsWith('CREATE_IN') ? null : 'https://127.0.0.1:6443', coe_version: 'v1.23.3', container_version: null,
    project_id: row.project_id, user_id: row.user_id, node_addresses: addresses('worker'), master_addresses: addresses('master'),
    fixed_network: null, fixed_subnet: null, floating_ip_enabled: false, master_lb_enabled: false, labels_overridden: {},
    labels_added: {}, labels_skipped: {}, created_at: row.created_at, updated_at: row.updated_at,
  };
}
