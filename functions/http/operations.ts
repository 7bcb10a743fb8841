/** Operations: what has been done to a cluster and what is being done, with live progress; retry of a held one. */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import type { Operation } from '../../layers/engine/ports.ts';
import { endpoint, type Request } from '../../layers/http/endpoint.ts';
import { conflict, notFound } from '../../layers/http/http-error.ts';
import { treeOf } from '../../layers/http/operation-tree.ts';
import { isId, requireOwnCluster } from '../../layers/http/owned.ts';
import { limitOf, nextPage, unknownMarker } from '../../layers/http/page.ts';
import { resume } from '../../layers/http/resume.ts';
import { byVerb } from '../../layers/http/verbs.ts';
import { operationSummary, operationView } from '../../layers/http/views/operation.ts';
import { percentOf } from '../../layers/http/views/progress.ts';
import { getOperation } from '../../layers/store/operations.ts';
import { pageOperations } from '../../layers/store/page-operations.ts';
import type { Operation as OperationView, OperationList } from '../../schemas/generated/types.ts';

/** Each one that has not succeeded costs a reading of its steps. */
const mostAPage = 50;

export const list = endpoint('read', async (request): Promise<OperationList> => {
  const cluster = await requireOwnCluster(request.caller, request.part('id'), 'deleted-too');
  const { marker } = request.query;
  const from = marker === undefined || !isId(marker) ? undefined : await getOperation(marker);
  if (marker !== undefined && from?.clusterId !== cluster.id) throw unknownMarker();
  const page = await pageOperations(cluster.id, limitOf(request, mostAPage), from);
  const operations = await Promise.all(page.operations.map(async (operation) =>
    operationSummary(operation, await percent(operation, cluster))));
  return { operations, ...nextPage(request, page.more ? operations.at(-1)?.id : undefined) };
});

const percent = async (operation: Operation, cluster: Cluster): Promise<number> =>
  operation.status === 'succeeded' ? 100 : percentOf(await treeOf(operation), partsOf(operation, cluster));

/** Every node group of the cluster becomes a part of its creation and of its deletion; a rotation knows its rounds. */
const partsOf = ({ flow, subject }: Operation, { groups }: Cluster): number =>
  flow === 'createCluster' || flow === 'deleteCluster' ? Object.keys(groups).length : Number(subject?.rounds ?? 0);

export const show = endpoint('read', async (request): Promise<OperationView> => {
  const { cluster, operation } = await required(request);
  return operationView(await treeOf(operation), partsOf(operation, cluster));
});

/** A part that is held goes on with the whole that waits for it. */
const retry = endpoint('change', async (request): Promise<OperationView> => {
  const { cluster, operation } = await required(request);
  const root = await rootOf(operation);
  const resumed = await resume(root.id, request.now);
  if (!resumed && operation.status !== 'going') {
    throw conflict('operation_not_held', `The operation is not held, it is ${operation.status}.`);
  }
  const now = await required(request);
  return operationView(await treeOf(now.operation), partsOf(now.operation, cluster));
});

export const post = byVerb('operation', { retry });

async function rootOf(operation: Operation): Promise<Operation> {
  const parent = operation.parent && await getOperation(operation.parent.operationId);
  return parent ? rootOf(parent) : operation;
}

async function required({ caller, part }: Request): Promise<{ cluster: Cluster; operation: Operation }> {
  const [cluster, operation] = await Promise.all([
    requireOwnCluster(caller, part('id'), 'deleted-too'), isId(part('operation')) ? getOperation(part('operation')) : undefined,
  ]);
  if (operation?.clusterId !== cluster.id) throw notFound('operation', part('operation'));
  return { cluster, operation };
}
