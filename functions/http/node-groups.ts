/** Node groups: create, list. */
import { admitNodeGroup, placeProblems } from '../../layers/admission/admit-node-group.ts';
import { nodeGroupRecord, withGroup } from '../../layers/admission/records.ts';
import type { NodeGroupWish } from '../../layers/admission/wish.ts';
import { bodyEndpoint, endpoint, type Request } from '../../layers/http/endpoint.ts';
import { conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { checkSame, identityOf, type Identity } from '../../layers/http/idempotency.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { requireReady } from '../../layers/http/ready.ts';
import { sessionsOf } from '../../layers/http/sessions.ts';
import { startGroupOperation } from '../../layers/http/start-group-operation.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { nodeGroupView } from '../../layers/http/views/node-group.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { getNodeGroup, listNodeGroups } from '../../layers/store/node-groups.ts';
import type { NodeGroupCreated, NodeGroupList } from '../../schemas/generated/types.ts';
import isNodeGroupCreate from '../../schemas/generated/validate/NodeGroupCreate.js';

export const create = bodyEndpoint('change', isNodeGroupCreate, async (request, body): Promise<NodeGroupCreated> => {
  const cluster = await requireOwnCluster(request.caller, body.cluster_id);
  const identity = identityOf([cluster.id, 'nodeGroup'], undefined, request, body);
  const answer = { node_group_id: identity.id };
  if (identity.repeatable && await existing(identity)) return answer;

  requireReady(cluster);
  const admitted = await admitNodeGroup(body.node_group_spec, cluster, sessionsOf(request), requireSettings());
  if ('problems' in admitted) throw wrongRequest(admitted.problems);
  await untilWritten(() => createOnce(request, cluster.id, admitted.wish, identity));
  return answer;
});

async function existing(identity: Identity): Promise<boolean> {
  const group = await getNodeGroup(identity.id);
  if (!group) return false;
  checkSame(group, identity);
  if (group.phase !== 'deleted') return true;
  const action = 'Use a new key.';
  throw conflict('node_group_deleted', 'The node group of this Idempotency-Key has been deleted.', { action });
}

/** Others may create groups of the same cluster at the same time: name and slots are looked at again. */
async function createOnce(
  request: Request, clusterId: string, wish: NodeGroupWish, identity: Identity,
): Promise<true | undefined> {
  const { caller, now } = request;
  const cluster = await requireOwnCluster(caller, clusterId);
  if (identity.repeatable && await existing(identity)) return true;
  requireReady(cluster);
  const problems = placeProblems(wish, cluster, requireSettings());
  if (problems.length > 0) throw wrongRequest(problems);

  const operationId = idFrom(identity.id, 'createNodeGroup');
  const group = { ...nodeGroupRecord(wish, cluster, { ...identity, now }), operationId };
  const { groups, slots } = withGroup(cluster, group);
  const changes = { change: { groups, slots }, newGroup: group };
  return startGroupOperation('createNodeGroup', operationId, { cluster, group, caller, now }, changes);
}

export const list = endpoint('read', async ({ caller, query }): Promise<NodeGroupList> => {
  const message = 'is missing: say whose node groups are meant';
  if (!query.cluster_id) throw wrongRequest([{ path: '$.cluster_id', code: 'required', message }]);
  const cluster = await requireOwnCluster(caller, query.cluster_id);
  const groups = (await listNodeGroups(cluster)).filter(({ phase }) => phase !== 'deleted');
  return { node_groups: groups.map((group) => nodeGroupView(group, cluster)) };
});
