/** The stacks of Magnum's clusters and node groups: servers that come and go, and what becomes of the cluster then. */
import { nextNumber, timestamp, type Core } from '../core.ts';
import { beginBuild, beginDeletion } from '../nova/server-build.ts';
import { magnumTime } from './magnum.ts';
import type { MagnumClusterRow, MagnumNodeGroupRow } from './rows.ts';

/** Beyond its servers: what a stack takes to be made, changed or removed. */
const STACK_MS = 30_000;

type Verb = 'CREATE' | 'UPDATE' | 'DELETE';

export function registerStacks(core: Core): void {
  core.jobs.on('magnum-cluster', (id, { detail }) => settleCluster(core, id, detail as Verb));
  core.jobs.on('magnum-group', (id, { detail }) => settleGroup(core, id, detail as Verb));
}

export const groupsOf = (core: Core, clusterId: string): Readonly<MagnumNodeGroupRow>[] =>
  core.state.table('magnumNodeGroups').list(({ cluster_id }) => cluster_id === clusterId);

/** Makes the group have as many servers as it says; those of `leaving` go first, then the youngest. */
export function scaleGroup(core: Core, cluster: MagnumClusterRow, group: MagnumNodeGroupRow, leaving: readonly string[] = []): void {
  const staying = group.servers.filter((id) => !leaving.includes(id)).slice(0, group.node_count);
  for (const id of group.servers.filter((server) => !staying.includes(server))) {
    const server = core.state.table('servers').get(id);
    if (server) beginDeletion(core, server, null);
  }
  const servers = [...staying];
  for (let index = servers.length; index < group.node_count; index++) servers.push(bootServer(core, cluster, group, index));
  core.state.table('magnumNodeGroups').update(group.id, { servers });
}

function bootServer(core: Core, cluster: MagnumClusterRow, group: MagnumNodeGroupRow, index: number): string {
  const now = timestamp();
  const server = core.state.table('servers').insert({
    id: core.random.uuid(), name: `${cluster.name}-${group.name.replace('default-', '')}-${index}`, project_id: cluster.project_id,
    user_id: cluster.user_id, status: 'BUILD', vm_state: 'building', task_state: 'scheduling', power_state: 0, metadata: {}, tags: [],
    user_data: null, key_name: cluster.keypair, config_drive: false, description: null, fault: null, doom: null, created: now,
    updated: now, launched_at: null, requestId: null, order: nextNumber(core, 'serverOrder'), flavor_id: group.flavor_id,
    image_id: null, group_id: null, networks: [], availability_zone: null, devices: [],
  });
  beginBuild(core, server);
  return server.id;
}

/** Begins what ends in `<verb>_COMPLETE`, of the cluster, or of one of its groups beside it. */
export function beginStack(core: Core, verb: Verb, cluster: MagnumClusterRow, group?: MagnumNodeGroupRow): void {
  const status = `${verb}_IN_PROGRESS`;
  const updated_at = verb === 'CREATE' ? null : magnumTime();
  if (group) core.state.table('magnumNodeGroups').update(group.id, { status, updated_at });
  core.state.table('magnumClusters').update(cluster.id, {
    status: group && verb !== 'UPDATE' ? 'UPDATE_IN_PROGRESS' : status, status_reason: null, updated_at,
  });
  core.jobs.begin(group ? 'magnum-group' : 'magnum-cluster', group?.id ?? cluster.id, STACK_MS, {
    resource: `magnum-${verb.toLowerCase()}`, resourceId: cluster.id, name: cluster.name, projectId: cluster.project_id, requestId: null,
  }, verb);
}

function settleCluster(core: Core, id: string, verb: Verb): void {
  const groups = groupsOf(core, id);
  if (verb === 'DELETE') {
    for (const group of groups) core.state.table('magnumNodeGroups').remove(group.id);
    core.state.table('magnumClusters').remove(id);
    return;
  }
  for (const group of groups) core.state.table('magnumNodeGroups').update(group.id, { status: `${verb}_COMPLETE` });
  core.state.table('magnumClusters').update(id, { status: `${verb}_COMPLETE`, status_reason: null });
}

function settleGroup(core: Core, id: string, verb: Verb): void {
  const group = core.state.table('magnumNodeGroups').get(id);
  if (!group) return;
  if (verb === 'DELETE') core.state.table('magnumNodeGroups').remove(id);
  else core.state.table('magnumNodeGroups').update(id, { status: `${verb}_COMPLETE` });
  core.state.table('magnumClusters').update(group.cluster_id, { status: 'UPDATE_COMPLETE', status_reason: null });
}
