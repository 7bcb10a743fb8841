/** A node group: read, change, delete. */
import { changeOf, editProblems, staying, type GroupChange } from '../../layers/admission/admit-node-group.ts';
import type { Cluster, ClusterNode, NodeGroup } from '../../layers/cluster/cluster.ts';
import { leavingNodes, newNodes } from '../../layers/cluster/slots.ts';
import { bodyEndpoint, endpoint, type Request } from '../../layers/http/endpoint.ts';
import { beingChanged, conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { requireOwnCluster, requireOwnNodeGroup } from '../../layers/http/owned.ts';
import { requireReady } from '../../layers/http/ready.ts';
import { resume } from '../../layers/http/resume.ts';
import { sessionsOf } from '../../layers/http/sessions.ts';
import { startGroupOperation } from '../../layers/http/start-group-operation.ts';
import { supersede } from '../../layers/http/supersede.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { nodeGroupView } from '../../layers/http/views/node-group.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { idFrom, newId } from '../../layers/store/ids.ts';
import { changeNodeGroup } from '../../layers/store/node-groups.ts';
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
  const { caller, part, now } = request;
  const group = await requireOwnNodeGroup(caller, part('id'));
  const cluster = await requireOwnCluster(caller, group.clusterId);
  const change = changeOf(group, body);
  requireEditable(group, cluster, body);
  const problems = await editProblems(change, group, cluster, sessionsOf(request), requireSettings());
  if (problems.length > 0) throw wrongRequest(problems);

  const { parallelUpgradeChunk, ...nodesChange } = change;
  const chunk = parallelUpgradeChunk === undefined ? {} : { parallelUpgradeChunk };
  if (Object.keys(nodesChange).length === 0) {
    if (parallelUpgradeChunk !== undefined) await changeNodeGroup(group.id, () => chunk, now);
    return true;
  }
  if (group.operationId) {
    if (await supersede(group.operationId, now)) return undefined; // It is read again, as it is without.
    throw beingChanged('node group', group.operationId);
  }
  const { slots, nodes } = nodesAfter(group, cluster, change);
  const groupChange = { ...change, nodes } as Partial<NodeGroup>;
  const changes = { change: { slots }, group, groupChange };
  return startGroupOperation('resizeNodeGroup', newId(now), { cluster, group, caller, now }, changes);
}

function requireEditable(group: NodeGroup, cluster: Cluster, { vm_engine }: NodeGroupEdit): void {
  requireReady(cluster);
  if (group.phase === 'deleting') throw conflict('node_group_deleting', 'The node group is being deleted.');
  const flavorId = vm_engine?.nova_engine.flavor_id ?? group.flavorId;
  if (flavorId === group.flavorId) return;
  const action = 'Create a group with the other flavor, then delete this one.';
  throw conflict('not_offered_yet', 'Changing the flavor of a node group is not offered yet.', { action });
}

interface After { nodes: ClusterNode[]; slots: Cluster['slots'] }

/** Who leaves is marked, who comes has a slot; both in the same write as the operation that makes it so. */
function nodesAfter(group: NodeGroup, cluster: Cluster, { size = group.size }: GroupChange): After {
  const more = size - staying(group);
  const leaving = new Set(leavingNodes(group.nodes, Math.max(0, -more)));
  const added = newNodes(cluster, group, Math.max(0, more));
  return {
    nodes: [...group.nodes.map((node) => (leaving.has(node.slot) ? { ...node, leaving: true } : node)), ...added],
    slots: { ...cluster.slots, ...Object.fromEntries(added.map(({ slot }) => [slot, group.id])) },
  };
}

/** Also while something else is being done to it, or is held: the flow turns that round. */
export const remove = endpoint('change', async (request) => {
  await untilWritten(() => removeOnce(request));
  return {};
});

async function removeOnce({ caller, part, now }: Request): Promise<true | undefined> {
  const group = await requireOwnNodeGroup(caller, part('id'), 'deleted-too');
  if (group.phase === 'deleted') return true;
  const cluster = await requireOwnCluster(caller, group.clusterId, 'deleted-too');
  if (cluster.phase === 'deleting' || cluster.phase === 'deleted') return true;
  const operationId = idFrom(group.id, 'deleteNodeGroup');
  if (group.phase === 'deleting') {
    await resume(operationId, now);
    return true;
  }
  requireReady(cluster);
  const groupChange = { phase: 'deleting' as const, nodes: group.nodes.map((node) => ({ ...node, leaving: true })) };
  return startGroupOperation('deleteNodeGroup', operationId, { cluster, group, caller, now }, { group, groupChange });
}
