/**
 * Every minute: looks whether clusters are as they were made. What a user changed on their nodes' ports, or took from their security group, is put back;
 * what is lost is made anew, by an operation that is seen like any other; either is told as an event.
 */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { nameOf } from '../../layers/cluster/names.ts';
import { rotationOf } from '../../layers/cluster/rotation.ts';
import { session } from '../../layers/lifecycle/sessions.ts';
import { logger } from '../../layers/platform/logger.ts';
import { count } from '../../layers/platform/metrics.ts';
import { queue } from '../../layers/platform/queue.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { changeCluster, requireCluster } from '../../layers/store/clusters.ts';
import { putEvent } from '../../layers/store/events.ts';
import { newId } from '../../layers/store/ids.ts';
import { listDueClusters, watchedAgain } from '../../layers/store/watched-clusters.ts';
import { listNodeGroups, requireNodeGroup } from '../../layers/store/node-groups.ts';
import { startOperation } from '../../layers/store/start-operation.ts';
import { lookAtApiWay } from '../../layers/watch/api-way.ts';
import type { Finding, Lost } from '../../layers/watch/findings.ts';
import { lookAtMachines } from '../../layers/watch/machines.ts';
import { lookAtNodesGroup } from '../../layers/watch/nodes-group.ts';

/** Looked at in one run; the rest is due in the next. */
const limit = 200;
const together = 8;

export const handler = async (): Promise<void> => {
  const now = Date.now();
  const due = await listDueClusters(now, limit);
  for (let from = 0; from < due.length; from += together) {
    const results = await Promise.allSettled(due.slice(from, from + together).map((id) => watch(id, now)));
    for (const result of results) if (result.status === 'rejected') logger.error('A cluster could not be looked at', { cause: result.reason as Error });
  }
  count('ClustersWatched', due.length);
};

async function watch(id: string, now: number): Promise<void> {
  // First, so that two runs that meet do not look at the same cluster, and a look that fails comes again.
  if (!await watchedAgain(id, now)) return;
  const cluster = await requireCluster(id);
  if (cluster.phase !== 'ready' || Object.keys(cluster.operations).length > 0) return;
  const groups = (await listNodeGroups(cluster)).filter(({ phase }) => phase === 'ready');
  const settings = requireSettings();
  // One purpose and one project for all looks, so that what is asked at one moment for many clusters is booked at once.
  const purpose = `watch/${Math.floor(now / 60_000)}`;
  const service = session(settings, { projectName: nameOf(id), projectDomainName: settings.serviceDomainName }, { purpose, projectId: 'watch' });
  const findings = (await Promise.all([lookAtNodesGroup(service, cluster, groups, settings.serviceSubnetCidr), lookAtMachines(service, cluster, groups), lookAtApiWay(service, cluster)])).flat();
  await tell(cluster, findings, now);
  await repair(cluster, findings.filter((finding) => finding.kind === 'lost'), now);
}

async function tell({ id, health }: Cluster, findings: readonly Finding[], now: number): Promise<void> {
  for (const { reason, message, kind } of findings) {
    await putEvent({ clusterId: id, level: 'warning', reason, message }, now);
    logger.warn(message, { clusterId: id, reason });
    count('WatchFindings', 1, { kind });
  }
  const reasons = findings.filter(({ kind }) => kind === 'lost').map(({ message }) => message);
  const status = reasons.length > 0 ? 'unhealthy' : 'healthy';
  if (health?.status !== status || health.reasons.join() !== reasons.join()) await changeCluster(id, () => ({ health: { status, reasons } }), now);
}

/** One operation for the cluster itself, one for each group that lost something. Whoever writes meanwhile goes first. */
async function repair({ id: clusterId }: Cluster, lost: readonly Lost[], now: number): Promise<void> {
  for (const groupId of new Set(lost.map((finding) => finding.groupId))) {
    const cluster = await requireCluster(clusterId);
    if (cluster.phase !== 'ready' || rotationOf(cluster)) return;
    const id = newId(now);
    const flow = groupId ? 'resizeNodeGroup' : 'repairCluster';
    const group = groupId ? await requireNodeGroup(groupId) : undefined;
    const operation = { id, flow, clusterId, given: cluster.createOperationId, requestedBy: 'platform', ...(groupId && { groupId }) };
    if (await startOperation(operation, { cluster, ...(group && { group }) }, now)) await queue.send({ operationId: id, projectId: cluster.projectId });
  }
}
