/** Node groups change and go the same way, whichever API it was asked in. */
import { editProblems, staying, type GroupChange } from '../admission/admit-node-group.ts';
import type { Problem } from '../admission/problem.ts';
import { workersOf } from '../admission/records.ts';
import type { Cluster, ClusterNode, NodeGroup, Workers } from '../cluster/cluster.ts';
import { leavingNodes, newNodes } from '../cluster/slots.ts';
import { requireSettings } from '../platform/settings.ts';
import { idFrom, newId } from '../store/ids.ts';
import { changeNodeGroup } from '../store/node-groups.ts';
import type { Request } from './endpoint.ts';
import { beingChanged, conflict, wrongRequest } from './http-error.ts';
import { requireReady } from './ready.ts';
import { resume } from './resume.ts';
import { sessionsOf } from './sessions.ts';
import { startGroupOperation } from './start-group-operation.ts';
import { supersede } from './supersede.ts';

interface Of { cluster: Cluster; group: NodeGroup }
export interface ChangeOptions {
  /** Slots of nodes that are to go first. */
  leaving?: readonly number[];
  /** What the problems of the change are told as; `wrongRequest` unless given. */
  refusal?: (problems: Problem[]) => Error;
}

/** True once the change is done, or an operation that does it has begun. Undefined: written meanwhile, read again. */
export async function changeGroup(
  request: Request, { cluster, group }: Of, change: GroupChange, { leaving = [], refusal = wrongRequest }: ChangeOptions = {},
): Promise<true | undefined> {
  const { caller, now } = request;
  requireChangeable(group, cluster);
  const problems = await editProblems(change, group, cluster, sessionsOf(request), requireSettings());
  if (problems.length > 0) throw refusal(problems);

  const { parallelUpgradeChunk, ...nodesChange } = change;
  const chunk = parallelUpgradeChunk === undefined ? {} : { parallelUpgradeChunk };
  if (Object.keys(nodesChange).length === 0 && leaving.length === 0) {
    if (parallelUpgradeChunk !== undefined) await changeNodeGroup(group.id, () => chunk, now);
    return true;
  }
  if (group.operationId) {
    if (await supersede(group.operationId, now)) return undefined; // It is read again, as it is without.
    throw beingChanged('node group', group.operationId);
  }
  const { slots, nodes, workers } = after({ cluster, group }, change, leaving);
  const groupChange = { ...change, nodes } as Partial<NodeGroup>;
  const changes = { change: { slots, workers }, group, groupChange };
  return startGroupOperation('resizeNodeGroup', newId(now), { cluster, group, caller, now }, changes);
}

function requireChangeable(group: NodeGroup, cluster: Cluster): void {
  requireReady(cluster);
  if (group.phase === 'deleting') throw conflict('node_group_deleting', 'The node group is being deleted.');
}

interface After { nodes: ClusterNode[]; slots: Cluster['slots']; workers: Record<string, Workers> }

/** Who leaves is marked, who comes has a slot; both in the same write as the operation that makes it so. */
function after({ cluster, group }: Of, { size = group.size }: GroupChange, chosen: readonly number[]): After {
  const marked = group.nodes.map((node) => (chosen.includes(node.slot) ? { ...node, leaving: true } : node));
  const more = size - staying({ nodes: marked });
  const leaving = new Set(leavingNodes(marked, Math.max(0, -more)));
  const added = newNodes(cluster, { ...group, nodes: marked }, Math.max(0, more));
  return {
    nodes: [...marked.map((node) => (leaving.has(node.slot) ? { ...node, leaving: true } : node)), ...added],
    slots: { ...cluster.slots, ...Object.fromEntries(added.map(({ slot }) => [slot, group.id])) },
    workers: { ...cluster.workers, [group.id]: workersOf({ ...group, size }) },
  };
}

/** Also while something else is being done to it, or is held: the flow turns that round. As above. */
export async function removeGroup({ caller, now }: Pick<Request, 'caller' | 'now'>, { cluster, group }: Of): Promise<true | undefined> {
  if (group.phase === 'deleted' || cluster.phase === 'deleting' || cluster.phase === 'deleted') return true;
  const operationId = idFrom(group.id, 'deleteNodeGroup');
  if (group.phase === 'deleting') {
    await resume(operationId, now);
    return true;
  }
  requireReady(cluster);
  const { [group.id]: _gone, ...workers } = cluster.workers;
  const groupChange = { phase: 'deleting' as const, nodes: group.nodes.map((node) => ({ ...node, leaving: true })) };
  return startGroupOperation('deleteNodeGroup', operationId, { cluster, group, caller, now }, { change: { workers }, group, groupChange });
}
