/** Clusters: create, list, read, delete. */
import { admitCluster } from '../../layers/admission/admit-cluster.ts';
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { bodyEndpoint, endpoint, type Request } from '../../layers/http/endpoint.ts';
import { conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { hint } from '../../layers/http/hint.ts';
import { checkSame, identityOf, type Identity } from '../../layers/http/idempotency.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { limitOf, nextPage, unknownMarker } from '../../layers/http/page.ts';
import { resume } from '../../layers/http/resume.ts';
import { sessionsOf } from '../../layers/http/sessions.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { clusterSummary, clusterView } from '../../layers/http/views/cluster.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { getCluster, listClusters } from '../../layers/store/clusters.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { startCluster, startOperation } from '../../layers/store/start-operation.ts';
import type { ClusterCreated, ClusterList } from '../../schemas/generated/types.ts';
import isClusterCreate from '../../schemas/generated/validate/ClusterCreate.js';

export const create = bodyEndpoint('change', isClusterCreate, async (request, body): Promise<ClusterCreated> => {
  const { caller, now } = request;
  const { projectId, userId } = caller;
  const identity = identityOf([projectId], body.uuid, request, body);
  const { id, uuid } = identity;
  if (identity.repeatable && await existing(identity)) return { id };

  const createOperationId = idFrom(id, 'createCluster');
  const origin = { id, uuid, projectId, createdBy: userId, createOperationId, now };
  const admitted = await admitCluster(body, origin, sessionsOf(request), requireSettings());
  if ('problems' in admitted) throw wrongRequest(admitted.problems);

  const operation = { id: createOperationId, flow: 'createCluster', clusterId: id, requestedBy: userId };
  await untilWritten(async () => {
    if (await startCluster(admitted.cluster, admitted.groups, operation, now)) await hint(createOperationId);
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
  const from = marker === undefined ? undefined : await getCluster(marker);
  if (marker !== undefined && from?.projectId !== projectId) throw unknownMarker();
  const { clusters, more } = await listClusters(projectId, limitOf(request), from);
  return { clusters: clusters.map(clusterSummary), ...nextPage(request, more ? clusters.at(-1)?.id : undefined) };
});

export const show = endpoint('read', async ({ caller, part }) => view(await requireOwnCluster(caller, part('id'))));

const view = async (cluster: Cluster) => clusterView(cluster, await listNodeGroups(cluster), requireSettings());

/** At any moment, whatever else goes on: the flow turns that round. */
export const remove = endpoint('change', async (request) => {
  const { caller, part, now } = request;
  const id = part('id');
  const operationId = idFrom(id, 'deleteCluster');
  await untilWritten(async () => {
    const cluster = await requireOwnCluster(caller, id, 'deleted-too');
    if (cluster.phase === 'deleted') return true;
    if (cluster.phase === 'deleting') {
      await resume(operationId, now);
      return true;
    }
    return await startDelete(cluster, operationId, request) || undefined;
  });
  return {};
});

async function startDelete(cluster: Cluster, operationId: string, { caller, now }: Request): Promise<boolean> {
  const operation = { id: operationId, flow: 'deleteCluster', clusterId: cluster.id, requestedBy: caller.userId };
  const started = await startOperation(operation, { cluster, change: { phase: 'deleting' } }, now);
  if (started) await hint(operationId);
  return started;
}
