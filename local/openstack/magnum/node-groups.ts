/** Node groups of Magnum's clusters. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, asInteger, asText, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { flavorOf, insertGroup, requireCluster, requireSettled } from './clusters.ts';
import { magnumTime, page, patched, requireMinor, requireNamed } from './magnum.ts';
import type { MagnumNodeGroupRow } from './rows.ts';
import { beginStack, groupsOf, scaleGroup } from './stacks.ts';

export function nodeGroupRoutes(core: Core): Route[] {
  const path = '/v1/clusters/{cluster}/nodegroups';
  const one = (call: Call): MagnumNodeGroupRow => {
    requireMinor(call, 9);
    return requireNamed(groupsOf(core, requireCluster(core, call).id), 'Nodegroup', call.param('group'));
  };
  return [
    route('GET', path, (call) => {
      requireMinor(call, 9);
      const role = call.query.get('role');
      const groups = groupsOf(core, requireCluster(core, call).id).filter((group) => role === null || group.role === role);
      return page(call, 'nodegroups', groups, (row) => show(core, call, row));
    }),
    route('POST', path, (call) => create(core, call)),
    route('GET', `${path}/{group}`, (call) => ({ status: 200, body: show(core, call, one(call)) })),
    route('PATCH', `${path}/{group}`, (call) => {
      const { min_node_count, max_node_count } = patched(call.body, ['min_node_count', 'max_node_count']);
      const row = core.state.table('magnumNodeGroups').update(one(call).id, {
        ...(min_node_count !== undefined && { min_node_count: asInteger(min_node_count) ?? 0 }),
        ...(max_node_count !== undefined && { max_node_count: asInteger(max_node_count) ?? null }), updated_at: magnumTime(),
      });
      return { status: 202, body: show(core, call, row!) };
    }),
    route('DELETE', `${path}/{group}`, (call) => {
      const group = one(call);
      if (group.is_default) throw new Refusal(400, 'Deleting a default nodegroup is not supported.');
      const cluster = requireCluster(core, call);
      scaleGroup(core, cluster, { ...group, node_count: 0 });
      beginStack(core, 'DELETE', cluster, group);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  requireMinor(call, 9);
  const cluster = requireCluster(core, call);
  requireSettled(cluster, 'update');
  const given = asAttributes(call.body) ?? {};
  const name = asText(given['name']) ?? '';
  const groups = groupsOf(core, cluster.id);
  if (groups.some((group) => group.name === name)) throw new Refusal(409, `A node group with name ${name} already exists.`);
  if (given['role'] === 'master') throw new Refusal(400, 'Creating master nodegroups is currently not supported.');
  const [, workers] = groups;
  const row = insertGroup(core, cluster, {
    name, role: asText(given['role']) ?? 'worker', is_default: false, node_count: asInteger(given['node_count']) ?? 1,
    min_node_count: asInteger(given['min_node_count']) ?? 0, max_node_count: asInteger(given['max_node_count']) ?? null,
    flavor_id: flavorOf(core, given['flavor_id'] ?? workers?.flavor_id), image_id: asText(given['image_id']) ?? workers?.image_id ?? '',
    stack_id: core.random.uuid(),
  });
  scaleGroup(core, cluster, row);
  beginStack(core, 'CREATE', cluster, row);
  return { status: 202, body: show(core, call, core.state.table('magnumNodeGroups').get(row.id)!) };
}

function show(core: Core, call: Call, { id, order, servers, cluster_id, ...row }: MagnumNodeGroupRow): Attributes {
  const project_id = core.state.table('magnumClusters').get(cluster_id)?.project_id;
  const place = `/clusters/${cluster_id}/nodegroups/${id}`;
  const links = ['self', 'bookmark'].map((rel) => ({ rel, href: `${call.serviceUrl}${rel === 'self' ? '/v1' : ''}${place}` }));
  return {
    id: order, uuid: id, cluster_id, project_id, ...row, docker_volume_size: null, node_addresses: [], status_reason: null, version: null,
    labels_overridden: {}, labels_added: {}, labels_skipped: {}, links,
  };
}
