/** Node groups: create, list. */
import { nodeGroupWish } from '../../layers/admission/read-request.ts';
import { bodyEndpoint, endpoint } from '../../layers/http/endpoint.ts';
import { createGroup, existingGroup } from '../../layers/http/group-creation.ts';
import { wrongRequest } from '../../layers/http/http-error.ts';
import { identityOf } from '../../layers/http/idempotency.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { nodeGroupView } from '../../layers/http/views/node-group.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import type { NodeGroupCreated, NodeGroupList } from '../../schemas/generated/types.ts';
import isNodeGroupCreate from '../../schemas/generated/validate/NodeGroupCreate.js';

export const create = bodyEndpoint('change', isNodeGroupCreate, async (request, body): Promise<NodeGroupCreated> => {
  const cluster = await requireOwnCluster(request.caller, body.cluster_id);
  const identity = identityOf([cluster.id, 'nodeGroup'], undefined, request, body);
  if (!identity.repeatable || !await existingGroup(identity)) {
    await createGroup(request, cluster, nodeGroupWish(body.node_group_spec, requireSettings()), identity);
  }
  return { node_group_id: identity.id };
});

export const list = endpoint('read', async ({ caller, query }): Promise<NodeGroupList> => {
  const message = 'is missing: say whose node groups are meant';
  if (!query.cluster_id) throw wrongRequest([{ path: '$.cluster_id', code: 'required', message }]);
  const cluster = await requireOwnCluster(caller, query.cluster_id);
  const groups = (await listNodeGroups(cluster)).filter(({ phase }) => phase !== 'deleted');
  return { node_groups: groups.map((group) => nodeGroupView(group, cluster)) };
});
