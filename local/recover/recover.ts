/** What an operator is told, and may have done, when tables and cloud are not of the same time. */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { nameOf } from '../../layers/cluster/names.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import { compareMachines } from '../../layers/recovery/compare-machines.ts';
import { compare, wordsOf, type Difference } from '../../layers/recovery/compare.ts';
import { deleteAgain } from '../../layers/recovery/delete-again.ts';
import { foundCluster, type FoundCluster } from '../../layers/recovery/found-cluster.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { sessionOf } from '../doctor/visit.ts';
import type { CloudAccess } from '../clouds.ts';

type Say = (line: string) => void;

/** Every cluster that the cloud has, by the marks of service projects. */
export async function findClusters(cloud: CloudAccess): Promise<FoundCluster[]> {
  const projects = await keystone.listProjects(sessionOf(cloud, cloud.platform), { tags: 'moorage' });
  return projects.map(foundCluster).filter((found) => found !== undefined).toSorted((a, b) => (a.clusterId < b.clusterId ? -1 : 1));
}

/** The clusters without any table: what each is made of and where it is reached. Reads, and nothing else. */
export async function tellFound(cloud: CloudAccess, say: Say): Promise<number> {
  const found = await findClusters(cloud);
  for (const cluster of found) {
    const session = sessionOf(cloud, cloud.platform, { projectId: cluster.projectId });
    const [servers, addresses] = await Promise.all([nova.listServers(session), neutron.listFloatingIps(session, { project_id: cluster.projectId })]);
    const reached = addresses.find(({ fixed_ip_address }) => fixed_ip_address !== null)?.floating_ip_address;
    say(`${wordsOf(cluster)}${cluster.uuid ? `, UUID ${cluster.uuid}` : ''}`);
    say(`  service project ${cluster.projectId}; API ${reached ? `https://${reached}:6443` : 'has no address of the external network'}`);
    for (const { name, status } of servers.toSorted((a, b) => (a.name < b.name ? -1 : 1))) say(`  server ${name} ${status}`);
  }
  return found.length;
}

export interface Recovery { differences: Difference[]; machines: number; begun: number }

/**
 * Tells what differs and what follows. With `apply` the flow that deletes is begun for clusters of which that is what
 * follows; nothing else is ever written. Throws before anything is, when the cloud looks like another one than that of the tables.
 */
export async function recover(cloud: CloudAccess, rows: readonly Cluster[], { apply, now }: { apply: boolean; now: number }, say: Say): Promise<Recovery> {
  const found = await findClusters(cloud);
  const differences = compare(found, rows);
  for (const { kind, what, follows } of differences) say(`${kind.padEnd(11)} ${what}\n            ${apply ? '' : 'would follow: '}${follows}`);
  const there = new Set(found.map(({ clusterId }) => clusterId));
  const machines = await tellMachines(cloud, rows.filter(({ id, phase }) => phase === 'ready' && there.has(id)), say);
  return { differences, machines, begun: apply ? await begin(differences, rows, there, now, say) : 0 };
}

async function tellMachines(cloud: CloudAccess, rows: readonly Cluster[], say: Say): Promise<number> {
  let differing = 0;
  for (const cluster of rows) {
    const servers = await serversOf(cloud, cluster);
    for (const words of compareMachines(cluster, await listNodeGroups(cluster), servers)) {
      say(`machines    cluster ${cluster.name} (${cluster.id}): ${words}`);
      differing++;
    }
  }
  return differing;
}

async function serversOf(cloud: CloudAccess, { id }: Cluster): Promise<string[]> {
  const scope = { projectName: nameOf(id), projectDomainName: cloud.platform.domainName ?? cloud.platform.userDomainName };
  try {
    return (await nova.listServers(sessionOf(cloud, cloud.platform, scope))).map(({ name }) => name);
  } catch (error) {
    // Deleted between two looks.
    if (isOpenStackError(error, 401)) return [];
    throw error;
  }
}

async function begin(differences: readonly Difference[], rows: readonly Cluster[], there: ReadonlySet<string>, now: number, say: Say): Promise<number> {
  const wanted = differences.filter(({ isDeleted }) => isDeleted);
  const alive = rows.filter(({ phase, serviceProjectId }) => phase === 'ready' && serviceProjectId !== undefined);
  if (alive.length > 0 && !alive.some(({ id }) => there.has(id))) {
    throw new Error(`None of the ${alive.length} clusters of the table is in this cloud: it is another cloud or domain than theirs. Nothing was changed.`);
  }
  let begun = 0;
  for (const { clusterId, what } of wanted) {
    const operationId = await deleteAgain(rows.find(({ id }) => id === clusterId)!, 'recover', `Found by an operator: ${what}.`, now);
    say(operationId ? `begun       deleteCluster ${operationId} of ${clusterId}` : `skipped     ${clusterId}: its row was written meanwhile; run this again`);
    if (operationId) begun++;
  }
  return begun;
}
