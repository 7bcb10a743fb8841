/** The servers of a cluster: all there, and on. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { masterName, workerName } from '../cluster/names.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';
import type { Lost } from './findings.ts';

const wrong = new Set(['ERROR', 'SHUTOFF', 'DELETED', 'PAUSED', 'SUSPENDED']);

export async function lookAtMachines(service: Session, cluster: Cluster, groups: readonly NodeGroup[]): Promise<Lost[]> {
  const found = new Map((await nova.listServers(service)).map((server) => [server.name, server]));
  const look = (name: string, groupId?: string): Lost[] => {
    const status = found.get(name)?.status;
    if (status && !wrong.has(status)) return [];
    const message = status ? `Server ${name} is ${status}.` : `Server ${name} is gone.`;
    return [{ kind: 'lost', reason: status ? 'ServerDown' : 'ServerGone', message, ...(groupId && { groupId }) }];
  };
  return [
    ...Array.from({ length: cluster.masters.count }, (_, index) => masterName(cluster, index)).flatMap((name) => look(name)),
    ...groups.flatMap((group) => group.nodes.filter(({ leaving }) => !leaving).flatMap(({ slot }) => look(workerName(cluster, group, slot), group.id))),
  ];
}
