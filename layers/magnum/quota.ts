/** How many clusters a project may have: Magnum's own quota, which both generations count against. */
import { isOpenStackError } from '../openstack/error.ts';
import { logger } from '../platform/logger.ts';
import { requireSettings } from '../platform/settings.ts';
import { countClusters } from '../store/clusters.ts';
import type { MagnumRequest } from './api.ts';
import { refused } from './errors.ts';
import { askMagnum } from './pass-on.ts';

/** Throws 403 when the project has as many as it may have. Without Magnum the installation's own limit holds. */
export async function requireRoom(request: MagnumRequest): Promise<void> {
  const { projectId } = request.caller;
  const [quota, stats] = await Promise.all([
    ask<{ hard_limit?: number }>(request, `/quotas/${projectId}/Cluster`), ask<{ clusters?: number }>(request, '/stats'),
  ]);
  const most = quota?.hard_limit ?? requireSettings().clustersPerProject;
  const left = most - (stats?.clusters ?? 0);
  const isFull = left <= 0 || await countClusters(projectId, left) >= left;
  if (!isFull) return;
  const room = 'You may delete a cluster to make room for a new one.';
  throw refused(403, `Resource limit exceeded: You have reached the maximum clusters per project, ${most}. ${room}`);
}

async function ask<T>(request: MagnumRequest, path: string): Promise<T | undefined> {
  try {
    const { status, body } = await askMagnum(request, { method: 'GET', path });
    return status === 200 ? JSON.parse(body) as T : undefined;
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    logger.warn('Magnum does not tell of quotas', { type: error.type, path });
    return undefined;
  }
}
