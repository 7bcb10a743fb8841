/** First-generation clusters are stopped and started by Moorage: Magnum has no word for it. */
import { isOpenStackError } from '../openstack/error.ts';
import { getCluster, type MagnumCluster } from '../openstack/magnum.ts';
import { lendAuthority } from '../lifecycle/authority.ts';
import { idFrom, newId } from '../store/ids.ts';
import { getOperation } from '../store/operations.ts';
import { getPower, listPowers, removePower, startPower, type PowerRow } from '../store/powers.ts';
import type { Request } from './endpoint.ts';
import { hint } from './hint.ts';
import { beingChanged, conflict, HttpError, notFound } from './http-error.ts';
import { resume } from './resume.ts';
import { userSession } from './sessions.ts';
import { supersede } from './supersede.ts';
import { untilWritten } from './until-written.ts';

/** What is shown instead of Magnum's own status while there is something to show. */
export interface Power { status: 'SHUTOFF' | 'UPDATE_IN_PROGRESS' | 'UPDATE_FAILED'; reason: string; operationId: string }

const towards = {
  stop: { flow: 'stopMagnumCluster', going: 'stopping', reached: 'stopped' },
  start: { flow: 'startMagnumCluster', going: 'starting', reached: 'running' },
} as const;
export type Switch = keyof typeof towards;

/** Begins to stop or start the cluster (Magnum's uuid or name), or goes on with that; the operation that does it. */
export async function switchPower(request: Request, nameOrId: string, to: Switch): Promise<{ uuid: string; operationId: string }> {
  const cluster = await requireMagnumCluster(request, nameOrId);
  const operationId = await untilWritten(() => switchOnce(request, cluster, to));
  return { uuid: cluster.uuid, operationId };
}

async function requireMagnumCluster({ caller, requestId }: Request, nameOrId: string): Promise<MagnumCluster> {
  const cluster = await getCluster(userSession(caller, requestId), nameOrId).catch((error: unknown) => {
    // A cloud without a first generation has no cluster of it.
    if (isOpenStackError(error) && error.type === 'EndpointNotFound') return undefined;
    if (!isOpenStackError(error, 409)) throw error;
    throw conflict('several_clusters', error.message, { action: 'Name it by its id.' });
  });
  // An administrator sees those of other projects too; the token that would act there is of this one.
  if (!cluster || cluster.project_id !== caller.projectId) throw notFound('cluster', nameOrId);
  return cluster;
}

/** Undefined when somebody else began something at the same moment. */
async function switchOnce(request: Request, cluster: MagnumCluster, to: Switch): Promise<string | undefined> {
  const { caller, now } = request;
  const { going, flow } = towards[to];
  const before = await getPower(caller.projectId, cluster.uuid);
  const current = before && isOnItsWay(before) ? before : undefined;
  if (current?.state === going) {
    // Held or not, it goes on with this token, which lasts longer than the last one.
    await lend(request, current.operationId);
    await resume(current.operationId, now);
    return current.operationId;
  }
  if (current && !await supersede(current.operationId, now)) throw beingChanged('cluster', current.operationId);
  if (cluster.status.endsWith('_IN_PROGRESS')) throw beingChanged('cluster', undefined);
  const id = before ? idFrom(before.operationId, to) : newId(now);
  await lend(request, id);
  const operation = { id, flow, clusterId: cluster.uuid, requestedBy: caller.userId };
  if (!await startPower({ projectId: caller.projectId, clusterId: cluster.uuid, state: going }, operation, before, now)) return undefined;
  await hint(id, caller.projectId);
  return id;
}

const isOnItsWay = ({ state }: PowerRow): boolean => state === 'stopping' || state === 'starting';

/** For a token that ends too soon, the machines would be left half-way. */
const longEnoughMs = 5 * 60_000;

async function lend({ caller: { token, projectId, tokenEndsAt }, now }: Request, operationId: string): Promise<void> {
  if (tokenEndsAt - now < longEnoughMs) {
    throw new HttpError({
      status: 403, code: 'token_ends_too_soon', action: 'Get a new token and ask again.',
      message: 'Machines are stopped and started with your token, and it ends within five minutes.',
    });
  }
  await lendAuthority(operationId, { token, projectId }, tokenEndsAt);
}

/** The cluster's, if there is something to show. */
export async function powerOf(projectId: string, uuid: string): Promise<Power | undefined> {
  const row = await getPower(projectId, uuid);
  return row && view(row);
}

/** By uuid, of all clusters of the project of which there is something to show. */
export async function powersOf(projectId: string): Promise<Map<string, Power>> {
  const views = await Promise.all((await listPowers(projectId)).map(async (row) => [row.clusterId, await view(row)] as const));
  return new Map(views.filter((entry): entry is readonly [string, Power] => entry[1] !== undefined));
}

/** The cluster is gone, and with it what there was to show. */
export const forgetPower = removePower;

async function view({ state, operationId }: PowerRow): Promise<Power | undefined> {
  if (state === 'running') return undefined;
  if (state === 'stopped') return { status: 'SHUTOFF', reason: 'The cluster is stopped; start it to use it.', operationId };
  const operation = await getOperation(operationId);
  const { failure } = operation ?? {};
  if (failure) return { status: 'UPDATE_FAILED', reason: `[${failure.code}] ${failure.cause} ${failure.action}`, operationId };
  return { status: 'UPDATE_IN_PROGRESS', reason: `The cluster is ${state}.`, operationId };
}
