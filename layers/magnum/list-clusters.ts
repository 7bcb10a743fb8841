/** Lists clusters of both generations. */
import type { Cluster } from '../cluster/cluster.ts';
import { getClusterByUuid, listClusters as listOwn } from '../store/clusters.ts';
import { listNodeGroupsOf } from '../store/node-groups.ts';
import type { MagnumCluster, MagnumClusterSummary } from '../../schemas/generated/types.ts';
import type { MagnumRequest, Reply } from './api.ts';
import { clusterSummary, clusterView, templateIdOf } from './cluster-view.ts';
import { withPowers } from './first-generation.ts';
import { mergedList } from './merged-list.ts';
import { pageOf, sorted, type Page } from './page.ts';
import { listTemplates } from './templates.ts';

const sortKeys = ['uuid', 'name', 'cluster_template_id', 'keypair', 'docker_volume_size', 'labels', 'status', 'master_flavor_id', 'flavor_id', 'create_timeout',
  'health_status', 'stack_id', 'project_id', 'user_id', 'created_at', 'updated_at', 'api_address', 'coe_version', 'discovery_url'];
/** Of a project, when they are not asked for in the order they have in the table. */
const mostSorted = 10_000;

export const listClusters = (request: MagnumRequest): Promise<Reply> => mergedList(request, pageOf(request, sortKeys), {
  key: 'clusters', path: '/clusters', complete: (items) => withPowers(request, items),
  list: (page) => pageOfOwn(request, page, async (clusters) => clusters.map((cluster) => clusterSummary(cluster, request))),
});

export const detailClusters = (request: MagnumRequest): Promise<Reply> => mergedList(request, pageOf(request, sortKeys), {
  key: 'clusters', path: '/clusters/detail', complete: (items) => withPowers(request, items),
  list: (page) => pageOfOwn(request, page, (clusters) => viewsOf(request, clusters)),
});

/** Many at once: node groups in reads of a hundred, templates once. */
async function viewsOf(request: MagnumRequest, clusters: readonly Cluster[]): Promise<MagnumCluster[]> {
  const [groups, templates] = await Promise.all([listNodeGroupsOf(clusters), listTemplates(request)]);
  return clusters.map((cluster) => clusterView(cluster, (groups.get(cluster.id) ?? []).filter(({ phase }) => phase !== 'deleted'), request,
    templates.find(({ uuid }) => uuid === templateIdOf(cluster))));
}

async function pageOfOwn<View extends MagnumClusterSummary>(
  { caller: { projectId } }: MagnumRequest, page: Page, view: (clusters: readonly Cluster[]) => Promise<View[]>,
): Promise<View[] | undefined> {
  const { limit, marker, sortKey, descending } = page;
  const from = marker === undefined ? undefined : await getClusterByUuid(projectId, marker);
  if (marker !== undefined && !from) return undefined;
  if (sortKey === 'id' && !descending) return view((await listOwn(projectId, limit, from)).clusters);
  const all = sorted(await view((await listOwn(projectId, mostSorted)).clusters), page);
  const start = marker === undefined ? 0 : all.findIndex(({ uuid }) => uuid === marker) + 1;
  return all.slice(start, start + limit);
}
