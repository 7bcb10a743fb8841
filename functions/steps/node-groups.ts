/** The cluster's node groups, each made and unmade by an operation of its own, all at the same time. */
import type { NodeGroup } from '../../layers/cluster/cluster.ts';
import { TerminalError } from '../../layers/engine/failure.ts';
import { hintAt, type Operation } from '../../layers/engine/ports.ts';
import { done, gone, wait, waitToBeWoken, type Outcome } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { queue } from '../../layers/platform/queue.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { startChild } from '../../layers/store/start-child.ts';

/** The outputs of a cluster's creation that its node groups need: a child is told when one of them is there. */
export const givenToGroups = [
  'serviceProject', 'serviceNetwork', 'securityGroups', 'certificates', 'apiEndpoint', 'clusterObjects', 'tunnelListener',
] as const;

export const nodeGroups = step({
  name: 'nodeGroups',
  title: 'Node groups',
  async run(context) {
    const groups = await listNodeGroups(context.cluster);
    const children = await Promise.all(groups.map((group) => start(context, 'createNodeGroup', group, {})));
    return children.length === 0 ? done({ groups: 0 }) : together(children);
  },
  async undo(context) {
    const groups = (await listNodeGroups(context.cluster)).filter(({ phase }) => phase !== 'deleted');
    const children = await Promise.all(groups.map((group) => start(context, 'deleteNodeGroup', group, {
      phase: 'deleting', nodes: group.nodes.map((node) => ({ ...node, leaving: true })),
    })));
    const outcome = together(children);
    return outcome.kind === 'wait' ? outcome : gone;
  },
});

async function start({ cluster, operation, record, now }: Context, flow: string, group: NodeGroup, change: Partial<NodeGroup>): Promise<Operation | undefined> {
  const id = idFrom(operation.id, flow, group.id);
  const child = await startChild({
    id, flow, clusterId: cluster.id, groupId: group.id, given: cluster.createOperationId, requestedBy: operation.requestedBy,
    parent: { operationId: operation.id, key: record.key },
  }, flow === 'createNodeGroup' ? givenToGroups : [], group, change, now());
  if (child && !child.laidOut && child.status === 'going') await queue.send(hintAt(child));
  return child;
}

/** Done when all are; held with the first that is held. */
function together(children: readonly (Operation | undefined)[]): Outcome<{ groups: number }> {
  const held = children.find((child) => child?.status === 'held');
  if (held) throw new TerminalError(held.failure?.code ?? 'held', held.failure?.cause ?? 'A node group could not be made.', held.failure?.action ?? 'Retry the operation.');
  const ended = children.filter((child) => child?.status === 'succeeded' || child?.status === 'stopped').length;
  if (children.includes(undefined)) return wait('a node group is being written by somebody else');
  return ended < children.length ? waitToBeWoken(`${ended} of ${children.length} node groups`) : done({ groups: ended });
}

export const handler = stepFunction(nodeGroups);
