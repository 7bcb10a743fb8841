/** The servers of a first-generation cluster, found through its Heat stacks, and switched on or off several at once. */
import { TerminalError } from '../engine/failure.ts';
import { done, gone, wait, type Outcome } from '../engine/step.ts';
import { getStack, listStackServers } from '../openstack/heat.ts';
import { getCluster, listNodeGroups, type MagnumNodeGroup } from '../openstack/magnum.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';

export type Role = 'master' | 'worker';

/** A run asks for at most this many, so that it ends well within its function's timeout. */
const batch = 20;

/** The servers of that role which there are; undefined when the cluster is gone. */
async function serversOf(session: Session, clusterId: string, role: Role): Promise<nova.Server[] | undefined> {
  const [cluster, groups] = await Promise.all([
    getCluster(session, clusterId), listNodeGroups(session, clusterId).catch(noneIfGone),
  ]);
  if (!cluster) return undefined;
  const stackIds = [...new Set([cluster.stack_id, ...groups.map(({ stack_id }) => stack_id)])].filter(Boolean);
  const ids = await Promise.all(stackIds.map((stackId) => serverIdsOf(session, stackId, role, groups)));
  const wanted = new Set(ids.flat());
  if (wanted.size === 0) return [];
  return (await nova.listServers(session)).filter(({ id }) => wanted.has(id));
}

/**
 * The default groups share the cluster's stack; there Magnum's templates tell masters by name (`kube-master`). Every other
 * group has a stack of its own, with servers of its role. Source: magnum/drivers/heat and its templates.
 */
async function serverIdsOf(session: Session, stackId: string, role: Role, groups: readonly MagnumNodeGroup[]): Promise<string[]> {
  const stack = await getStack(session, stackId);
  if (!stack) return [];
  const own = groups.filter((group) => group.stack_id === stackId && !group.is_default);
  const servers = (await listStackServers(session, stack)).filter((resource) => resource.physical_resource_id);
  return servers
    .filter(({ resource_name: name }) => roleOf(name, own) === role)
    .map(({ physical_resource_id: id }) => id);
}

const roleOf = (resourceName: string, [group]: readonly MagnumNodeGroup[]): Role => {
  const isMaster = group ? group.role === 'master' : /master/.test(resourceName);
  return isMaster ? 'master' : 'worker';
};

const noneIfGone = (error: unknown): MagnumNodeGroup[] => {
  if ((error as { status?: number }).status === 404) return [];
  throw error;
};

/** Every server of the role runs. One that is broken stays so, whoever starts it: then a person has to look. */
export async function ensureOn(session: Session, clusterId: string, role: Role): Promise<Outcome<{ servers: number } | undefined>> {
  const servers = await serversOf(session, clusterId, role);
  if (!servers) throw new TerminalError('cluster_gone', 'Magnum does not know the cluster any more.', 'There is nothing left to start.');
  const broken = servers.filter(({ status }) => status === 'ERROR');
  if (broken.length > 0) {
    const names = broken.map(({ name, fault }) => (fault ? `${name}: ${fault.message}` : name));
    throw new TerminalError('server_broken', `Servers are in ERROR and cannot be started. ${names.join('; ')}`,
      'Repair or replace them in the project, then start the cluster again.');
  }
  const off = servers.filter(({ status }) => status !== 'ACTIVE');
  await Promise.all(idle(off).filter(({ status }) => status === 'SHUTOFF').slice(0, batch).map(({ id }) => nova.startServer(session, id)));
  return off.length === 0 ? done({ servers: servers.length }) : wait(`${off.length} of ${servers.length} servers not ACTIVE yet`);
}

/** No server of the role runs; also when the cluster has gone meanwhile. */
export async function ensureOff(session: Session, clusterId: string, role: Role): Promise<Outcome<undefined>> {
  const servers = await serversOf(session, clusterId, role) ?? [];
  const on = servers.filter(({ status }) => !isOff.has(status));
  await Promise.all(idle(on).slice(0, batch).map(({ id }) => nova.stopServer(session, id)));
  return on.length === 0 ? gone : wait(`${on.length} of ${servers.length} servers still to stop`);
}

/** None of them computes; one that its user has paused or put away is theirs to wake. */
const isOff = new Set(['SHUTOFF', 'PAUSED', 'SUSPENDED', 'SHELVED', 'SHELVED_OFFLOADED', 'ERROR', 'DELETED', 'SOFT_DELETED']);

/** Those that Nova is doing nothing with at the moment: any other would refuse. */
const idle = (servers: readonly nova.Server[]): nova.Server[] =>
  servers.filter((server) => server['OS-EXT-STS:task_state'] === null && server.status !== 'BUILD');
