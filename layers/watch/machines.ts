/** The servers of a cluster: all there, and on. Where Nova knows who did something to one that is not, it is told. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { masterName, workerName } from '../cluster/names.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';
import type { Lost } from './findings.ts';

const wrong = new Set(['ERROR', 'SHUTOFF', 'DELETED', 'PAUSED', 'SUSPENDED']);

interface Wanted { name: string; groupId?: string; serverId?: string }

export async function lookAtMachines(service: Session, cluster: Cluster, groups: readonly NodeGroup[]): Promise<Lost[]> {
  const found = new Map((await nova.listServers(service)).map((server) => [server.name, server]));
  const wanted: Wanted[] = [
    ...Array.from({ length: cluster.masters.count }, (_, index) => ({ name: masterName(cluster, index) })),
    ...groups.flatMap((group) => group.nodes.filter(({ leaving }) => !leaving)
      .map(({ slot, serverId }) => ({ name: workerName(cluster, group, slot), groupId: group.id, ...(serverId && { serverId }) }))),
  ];
  const findings = await Promise.all(wanted.map(async ({ name, groupId, serverId }): Promise<Lost[]> => {
    const server = found.get(name);
    if (server && !wrong.has(server.status)) return [];
    const message = `Server ${name} is ${server?.status ?? 'gone'}.${await lastAction(service, server?.id ?? serverId)}`;
    return [{ kind: 'lost', reason: server ? 'ServerDown' : 'ServerGone', message, ...(groupId && { groupId }) }];
  }));
  return findings.flat();
}

/** A sentence on what Nova was asked last for that server, and by whom; nothing where it does not say. */
async function lastAction(service: Session, serverId: string | undefined): Promise<string> {
  const [last] = serverId ? await nova.listServerActions(service, serverId).catch(() => []) : [];
  return last ? ` Last it was told to ${last.action}, by user ${last.user_id} of project ${last.project_id} at ${last.start_time}Z (${last.request_id}).` : '';
}
