/** A node group: read, change, delete. */
import { changeOf } from '../../layers/admission/admit-node-group.ts';
import type { NodeGroup } from '../../layers/cluster/cluster.ts';
import { bodyEndpoint, endpoint, type Request } from '../../layers/http/endpoint.ts';
import { changeGroup, removeGroup } from '../../layers/http/group-change.ts';
import { conflict } from '../../layers/http/http-error.ts';
import { requireOwnCluster, requireOwnNodeGroup } from '../../layers/http/owned.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { nodeGroupView } from '../../layers/http/views/node-group.ts';
import type { NodeGroupAnswer, NodeGroupEdit } from '../../schemas/generated/types.ts';
import isNodeGroupEdit from '../../schemas/generated/validate/NodeGroupEdit.js';

export const show = endpoint('read', (request) => view(request));

async function view({ caller, part }: Request): Promise<NodeGroupAnswer> {
  const group = await requireOwnNodeGroup(caller, part('id'));
  return { node_group: nodeGroupView(group, await requireOwnCluster(caller, group.clusterId, 'deleted-too')) };
}

export const edit = bodyEndpoint('change', isNodeGroupEdit, async (request, body) => {
  await untilWritten(() => editOnce(request, body));
  return view(request);
});

async function editOnce(request: Request, body: NodeGroupEdit): Promise<true | undefined> {
  const { caller, part } = request;
  const group = await requireOwnNodeGroup(caller, part('id'));
  const cluster = await requireOwnCluster(caller, group.clusterId);
  requireSameFlavor(group, body);
  return changeGroup(request, { cluster, group }, changeOf(group, body));
}

function requireSameFlavor(group: NodeGroup, { vm_engine }: NodeGroupEdit): void {
  const flavorId = vm_engine?.nova_engine.flavor_id ?? group.flavorId;
  if (flavorId === group.flavorId) return;
  const action = 'Create a group with the other flavor, then delete this one.';
  throw conflict('not_offered_yet', 'Changing the flavor of a node group is not offered yet.', { action });
}

export const remove = endpoint('change', async (request) => {
  await untilWritten(() => removeOnce(request));
  return {};
});

async function removeOnce(request: Request): Promise<true | undefined> {
  const { caller, part } = request;
  const group = await requireOwnNodeGroup(caller, part('id'), 'deleted-too');
  if (group.phase === 'deleted') return true;
  return removeGroup(request, { cluster: await requireOwnCluster(caller, group.clusterId, 'deleted-too'), group });
}
