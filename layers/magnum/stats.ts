/** How many clusters and nodes a project has, of both generations. */
import { isOpenStackError } from '../openstack/error.ts';
import { listClusters } from '../store/clusters.ts';
import type { MagnumStats } from '../../schemas/generated/types.ts';
import { Reply, type Handler } from './api.ts';
import { refused } from './errors.ts';
import { askMagnum, isAbsent } from './pass-on.ts';
import { missingHeaders } from './merged-list.ts';

const most = 10_000;
const nothing: MagnumStats = { clusters: 0, nodes: 0 };

export const stats: Handler = async (request) => {
  const { caller: { projectId, roles }, query: { project_id = projectId, type = 'cluster' }, event } = request;
  if (type.toLowerCase() !== 'cluster') throw refused(400, 'Invalid stats type. Allowed values are \'cluster\'');
  if (project_id !== projectId && !roles.includes('admin')) throw refused(403, 'Not authorized.');
  const [own, { status, body }] = await Promise.all([count(project_id), theirs()]);
  if (status === 403) throw refused(403, 'Not authorized.');
  const magnums = status === 200 ? JSON.parse(body) as MagnumStats : nothing;
  const sum: MagnumStats = { clusters: own.clusters + magnums.clusters, nodes: own.nodes + magnums.nodes };
  return new Reply(200, JSON.stringify(sum), status === 200 || status === 0 ? {} : missingHeaders);

  async function theirs(): Promise<{ status: number; body: string }> {
    try {
      return await askMagnum(request, { method: 'GET', path: '/stats', query: event.rawQueryString ? `?${event.rawQueryString}` : '' });
    } catch (error) {
      if (!isOpenStackError(error)) throw error;
      return { status: isAbsent(error) ? 0 : 503, body: '' };
    }
  }
};

/** Masters are nodes too. */
async function count(projectId: string): Promise<MagnumStats> {
  const { clusters } = await listClusters(projectId, most);
  const nodes = clusters.reduce((sum, { masters, workers }) => sum + masters.count + Object.values(workers).reduce((all, { size }) => all + size, 0), 0);
  return { clusters: clusters.length, nodes };
}
