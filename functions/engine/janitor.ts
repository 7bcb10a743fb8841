/**
 * Every hour: looks for what carries our mark and nobody owns. What belongs to a cluster that was deleted is deleted
 * again, by the same flow; what belongs to a cluster that the table does not know is reported, and left alone.
 */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { session } from '../../layers/lifecycle/sessions.ts';
import { listProjects, type Project } from '../../layers/openstack/keystone.ts';
import { logger } from '../../layers/platform/logger.ts';
import { count } from '../../layers/platform/metrics.ts';
import { queue } from '../../layers/platform/queue.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { getCluster } from '../../layers/store/clusters.ts';
import { putEvent } from '../../layers/store/events.ts';
import { newId } from '../../layers/store/ids.ts';
import { startOperation } from '../../layers/store/start-operation.ts';

const markPrefix = 'moorage=';
/** Read side by side; the table answers each by key. */
const together = 25;

export const handler = async (): Promise<void> => {
  const settings = requireSettings();
  const platform = session(settings, { domainName: settings.serviceDomainName }, `janitor/${new Date().toISOString().slice(0, 13)}`);
  const projects = await listProjects(platform, { tags: 'moorage' });
  let unknown = 0;
  let leftBehind = 0;
  for (let from = 0; from < projects.length; from += together) {
    const found = await Promise.all(projects.slice(from, from + together).map(inspect));
    unknown += found.filter((verdict) => verdict === 'unknown').length;
    leftBehind += found.filter((verdict) => verdict === 'left-behind').length;
  }
  count('ProjectsUnknown', unknown);
  count('ProjectsLeftBehind', leftBehind);
  logger.info('The janitor looked at the service projects', { projects: projects.length, unknown, leftBehind });
};

async function inspect(project: Project): Promise<'owned' | 'unknown' | 'left-behind'> {
  const clusterId = project.tags.find((tag) => tag.startsWith(markPrefix))?.slice(markPrefix.length);
  const cluster = clusterId ? await getCluster(clusterId) : undefined;
  if (!cluster) {
    logger.error('A service project belongs to no cluster that is known; it is left alone', { projectId: project.id, name: project.name, clusterId });
    return 'unknown';
  }
  if (cluster.phase !== 'deleted') return 'owned';
  await deleteAgain(cluster);
  return 'left-behind';
}

async function deleteAgain(cluster: Cluster): Promise<void> {
  const now = Date.now();
  const id = newId(now);
  const started = await startOperation({ id, flow: 'deleteCluster', clusterId: cluster.id, requestedBy: 'janitor' }, { cluster, change: { phase: 'deleting' } }, now);
  if (!started) return; // Somebody else was first.
  await queue.send({ operationId: id });
  await putEvent({ clusterId: cluster.id, operationId: id, level: 'warning', reason: 'LeftBehind', message: 'Parts of the deleted cluster were still there; they are being deleted.' }, now);
  logger.warn('Parts of a deleted cluster were still there; they are being deleted', { clusterId: cluster.id, operationId: id });
}
