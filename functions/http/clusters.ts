/** Clusters: create, list, read, delete. */
import { admitCluster } from '../../layers/admission/admit-cluster.ts';
import { clusterWish, pathsOf } from '../../layers/admission/read-request.ts';
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { bodyEndpoint, endpoint } from '../../layers/http/endpoint.ts';
import { removeCluster } from '../../layers/http/cluster-removal.ts';
import { conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { hint } from '../../layers/http/hint.ts';
import { checkSame, identityOf, type Identity } from '../../layers/http/idempotency.ts';
import { isId, requireOwnCluster } from '../../layers/http/owned.ts';
import { limitOf, nextPage, unknownMarker } from '../../layers/http/page.ts';
import { admit } from '../../layers/http/remembered.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { clusterSummary, clusterView } from '../../layers/http/views/cluster.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { getCluster, listClusters } from '../../layers/store/clusters.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { startCluster } from '../../layers/store/start-operation.ts';
import type { ClusterCreated, ClusterList } from '../../schemas/generated/types.ts';
import isClusterCreate from '../../schemas/generated/validate/ClusterCreate.js';

export const create = bodyEndpoint('change', isClusterCreate, async (request, body): Promise<ClusterCreated> => {
  const { caller, now } = request;
  const { projectId, userId } = caller;
  const identity = identityOf([projectId], body.uuid, request, body);
  const { id } = identity;
  if (identity.repeatable && await existing(identity)) return { id };

  const createOperationId = idFrom(id, 'createCluster');
  const origin = { ...identity, projectId, createdBy: userId, createOperationId, now };
  const settings = requireSettings();
  const admitted = await admit(request, (sessions) => admitCluster(clusterWish(body, settings), pathsOf(body), origin, sessions, settings));
  if ('problems' in admitted) throw wrongRequest(admitted.problems);

  const operation = { id: createOperationId, flow: 'createCluster', clusterId: id, requestedBy: userId };
  await untilWritten(async () => {
    if (await startCluster(admitted.cluster, admitted.groups, operation, now)) await hint(createOperationId, projectId);
    else if (!await existing(identity)) return undefined;
    return true;
  });
  return { id };
});

/** The cluster that a request like this one made before. */
async function existing(identity: Identity): Promise<Cluster | undefined> {
  const cluster = await getCluster(identity.id);
  if (!cluster) return undefined;
  checkSame(cluster, identity);
  if (cluster.phase !== 'deleted') return cluster;
  const action = 'Ask with a new uuid for a new cluster.';
  throw conflict('cluster_deleted', 'The cluster of this uuid has been deleted.', { action });
}

export const list = endpoint('read', async (request): Promise<ClusterList> => {
  const { projectId } = request.caller;
  const { marker } = request.query;
  const from = marker === undefined || !isId(marker) ? undefined : await getCluster(marker);
  if (marker !== undefined && from?.projectId !== projectId) throw unknownMarker();
  const { clusters, more } = await listClusters(projectId, limitOf(request), from);
  return { clusters: clusters.map(clusterSummary), ...nextPage(request, more ? clusters.at(-1)?.id : undefined) };
});

export const show = endpoint('read', async ({ caller, part }) => view(await requireOwnCluster(caller, part('id'))));

const view = async (cluster: Cluster) => clusterView(cluster, await listNodeGroups(cluster), requireSettings());

export const remove = endpoint('change', async (request) => {
  const { caller, part } = request;
  await untilWritten(async () => removeCluster(await requireOwnCluster(caller, part('id'), 'deleted-too'), request));
  return {};
});
