/**
 * Every hour: holds what carries our mark against the table. What belongs to a cluster that was deleted is deleted again, by
 * the same flow; what belongs to a cluster that the table does not know, and clusters whose service project is gone, are
 * reported and left alone: a table that was restored shows so, and `npm run recover` says what to do.
 */
import { nameOf } from '../../layers/cluster/names.ts';
import { session } from '../../layers/lifecycle/sessions.ts';
import { listProjects } from '../../layers/openstack/keystone.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { logger } from '../../layers/platform/logger.ts';
import { count } from '../../layers/platform/metrics.ts';
import { queue } from '../../layers/platform/queue.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { compareFound, compareMissing, type Difference } from '../../layers/recovery/compare.ts';
import { deleteAgain } from '../../layers/recovery/delete-again.ts';
import { foundCluster, type FoundCluster } from '../../layers/recovery/found-cluster.ts';
import { getCluster } from '../../layers/store/clusters.ts';
import { listDueClusters, watchEveryMs } from '../../layers/store/watched-clusters.ts';

/** Read side by side; the table answers each by key. */
const together = 25;
/** Of each shard of the watched: far more than one look can be about. */
const mostWatched = 200_000;
/** Looked at one by one; when more are missing than this, something else is wrong, and the count says so. */
const mostMissing = 500;

export const handler = async (): Promise<void> => {
  const settings = requireSettings();
  const platform = session(settings, { domainName: settings.serviceDomainName }, { purpose: `janitor/${new Date().toISOString().slice(0, 13)}` });
  // First, so that a cluster that is deleted meanwhile is not missed.
  const watched = await listDueClusters(Date.now() + watchEveryMs, mostWatched);
  const projects = await listProjects(platform, { tags: 'moorage' });
  const found = projects.map(foundCluster).filter((one) => one !== undefined);
  const unknown = await inTurns(found, inspect);
  const there = new Set(found.map(({ clusterId }) => clusterId));
  const missing = watched.filter((id) => !there.has(id));
  const vanished = await inTurns(missing.slice(0, mostMissing), (id) => inspectMissing(platform, id));
  const told = { unknown: unknown.filter(({ kind }) => kind === 'unknown').length + projects.length - found.length, leftBehind: unknown.filter(({ kind }) => kind === 'left-behind').length, vanished: vanished.length };
  count('ProjectsUnknown', told.unknown);
  count('ProjectsLeftBehind', told.leftBehind);
  count('ClustersVanished', told.vanished);
  logger.info('The janitor looked at the service projects', { projects: projects.length, ...told });
};

async function inTurns<T>(all: readonly T[], look: (one: T) => Promise<Difference | undefined>): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (let from = 0; from < all.length; from += together) {
    differences.push(...(await Promise.all(all.slice(from, from + together).map(look))).filter((one) => one !== undefined));
  }
  return differences;
}

async function inspect(found: FoundCluster): Promise<Difference | undefined> {
  const cluster = await getCluster(found.clusterId);
  const difference = compareFound(found, cluster);
  if (!difference) return undefined;
  const { kind, what, follows, clusterId, isDeleted } = difference;
  if (kind === 'unknown') logger.error('A service project belongs to no cluster that is known; it is left alone', { ...found, what, follows });
  if (!isDeleted || !cluster) return difference;
  const operationId = await deleteAgain(cluster, 'janitor', 'Parts of the deleted cluster were still there; they are being deleted.', Date.now());
  if (operationId) await queue.send({ operationId, projectId: cluster.projectId });
  logger.warn('Parts of a deleted cluster were still there; they are being deleted', { clusterId, operationId });
  return difference;
}

/** Asked for by its name once more: a list may have been older than the table. */
async function inspectMissing(platform: Session, id: string): Promise<Difference | undefined> {
  const cluster = await getCluster(id);
  const difference = cluster && compareMissing(cluster);
  if (!difference || (await listProjects(platform, { name: nameOf(id) })).length > 0) return undefined;
  logger.error('A cluster\'s service project is gone; nothing is done by itself', { clusterId: id, what: difference.what });
  return difference;
}
