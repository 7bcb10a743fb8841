/** Node groups come to be the same way, whichever API it was asked in. */
import { newGroupProblems, placeProblems } from '../admission/admit-node-group.ts';
import type { Problem } from '../admission/problem.ts';
import { nodeGroupRecord, withGroup } from '../admission/records.ts';
import type { NodeGroupWish } from '../admission/wish.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { requireSettings } from '../platform/settings.ts';
import { idFrom } from '../store/ids.ts';
import { getNodeGroup } from '../store/node-groups.ts';
import type { Request } from './endpoint.ts';
import { conflict, wrongRequest } from './http-error.ts';
import { checkSame, type Identity } from './idempotency.ts';
import { requireOwnCluster } from './owned.ts';
import { requireReady } from './ready.ts';
import { sessionsOf } from './sessions.ts';
import { startGroupOperation } from './start-group-operation.ts';
import { untilWritten } from './until-written.ts';

type Refusal = (problems: Problem[]) => Error;

/** Begins the operation that makes it, unless a request like this one has. `refusal`: what its problems are told as. */
export async function createGroup(
  request: Request, cluster: Cluster, wish: NodeGroupWish, identity: Identity, refusal: Refusal = wrongRequest,
): Promise<void> {
  requireReady(cluster);
  const problems = await newGroupProblems(wish, cluster, sessionsOf(request), requireSettings());
  if (problems.length > 0) throw refusal(problems);
  await untilWritten(() => createOnce(request, cluster.id, wish, identity, refusal));
}

/** Whether a request like this one made it before. */
export async function existingGroup(identity: Identity): Promise<boolean> {
  const group = await getNodeGroup(identity.id);
  if (!group) return false;
  checkSame(group, identity);
  if (group.phase !== 'deleted') return true;
  const action = 'Use a new key.';
  throw conflict('node_group_deleted', 'The node group of this Idempotency-Key has been deleted.', { action });
}

/** Others may create groups of the same cluster at the same time: name and slots are looked at again. */
async function createOnce(
  request: Request, clusterId: string, wish: NodeGroupWish, identity: Identity, refusal: Refusal,
): Promise<true | undefined> {
  const { caller, now } = request;
  const cluster = await requireOwnCluster(caller, clusterId);
  if (identity.repeatable && await existingGroup(identity)) return true;
  requireReady(cluster);
  const problems = placeProblems(wish, cluster, requireSettings());
  if (problems.length > 0) throw refusal(problems);

  const operationId = idFrom(identity.id, 'createNodeGroup');
  const group = { ...nodeGroupRecord(wish, cluster, { ...identity, now }), operationId };
  const { groups, slots, workers } = withGroup(cluster, group);
  const changes = { change: { groups, slots, workers }, newGroup: group };
  return startGroupOperation('createNodeGroup', operationId, { cluster, group, caller, now }, changes);
}
