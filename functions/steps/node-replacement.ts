/** Every node of the cluster gives way to a new one that knows the new authority alone: group after group, some nodes at a time. */
import type { NodeGroup } from '../../layers/cluster/cluster.ts';
import { replacedAtOnce } from '../../layers/cluster/replacement.ts';
import { newNodes } from '../../layers/cluster/slots.ts';
import { TerminalError } from '../../layers/engine/failure.ts';
import { hintAt, type Operation } from '../../layers/engine/ports.ts';
import { done, gone, more, wait, waitToBeWoken, type Outcome } from '../../layers/engine/step.ts';
import { isPublished } from '../../layers/kubernetes/root-authority.ts';
import { certificatesOf, onKube, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { queue } from '../../layers/platform/queue.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { getOperation } from '../../layers/store/operations.ts';
import { startChild } from '../../layers/store/start-child.ts';
import { takingSlots } from '../../layers/store/take-slots.ts';

type Replaced = Outcome<{ replaced: true }>;

export const nodeReplacement = step({
  name: 'nodeReplacement',
  title: 'Nodes replaced',
  async run(context, { apiEndpoint }: { apiEndpoint: { address: string } }): Promise<Replaced> {
    const groups = (await listNodeGroups(context.cluster)).filter(({ phase }) => phase !== 'deleted');
    const group = groups.find((each) => each.operationId !== undefined || leftOf(context, each).length > 0);
    if (!group) return done({ replaced: true });
    // A pod keeps the authority that it was started with: the first new node must not come before the new one is published.
    const isFirst = groups.every(({ nodes }) => nodes.every(({ madeFor }) => madeFor !== context.operation.id));
    return isFirst ? oncePublished(context, apiEndpoint.address, () => replaceSome(context, group)) : replaceSome(context, group);
  },
  // Groups and their nodes go by themselves.
  undo: async () => gone,
});

/** Nodes that are of before the operation. */
const leftOf = ({ operation }: Context, { nodes }: NodeGroup) => nodes.filter(({ leaving, madeFor }) => !leaving && madeFor !== operation.id);

async function oncePublished({ cluster }: Context, address: string, then: () => Promise<Replaced>): Promise<Replaced> {
  const { user } = await certificatesOf(cluster.id);
  return onKube(await userKube(cluster, address), async (kube) =>
    (await isPublished(kube, user.ca.certPem) ? then() : wait('the new authority is still to be published in every namespace')));
}

async function replaceSome(context: Context, group: NodeGroup): Promise<Replaced> {
  const child = group.operationId === undefined ? await start(context, group) : await getOperation(group.operationId);
  if (!child) return wait('the cluster is being written by somebody else');
  const { status, failure } = child;
  if (status === 'held') throw new TerminalError(failure?.code ?? 'held', failure?.cause ?? 'Nodes could not be replaced.', failure?.action ?? 'Retry the operation.');
  // It has ended since its group was read.
  if (status === 'succeeded' || status === 'stopped') return more(`nodes of ${group.name} have been replaced`);
  const left = leftOf(context, group).length;
  return waitToBeWoken(`nodes of ${group.name} are being replaced${left > 0 ? `; ${left} of before are left` : ''}`);
}

/** The operation that replaces the next nodes of the group: whose they were follows from the nodes, so that it is begun once. */
async function start(context: Context, group: NodeGroup): Promise<Operation | undefined> {
  const { cluster, operation, record, now } = context;
  const leaving = leftOf(context, group).slice(0, replacedAtOnce(group)).map(({ slot }) => slot);
  const marked = group.nodes.map((node) => (leaving.includes(node.slot) ? { ...node, leaving: true } : node));
  const added = newNodes(cluster, { ...group, nodes: marked }, leaving.length).map((node) => ({ ...node, madeFor: operation.id }));
  const child = await startChild({
    id: idFrom(operation.id, 'replaceNodes', group.id, String(leaving[0])), flow: 'replaceNodes', clusterId: cluster.id, groupId: group.id,
    given: cluster.createOperationId, requestedBy: operation.requestedBy, parent: { operationId: operation.id, key: record.key },
  }, [], group, { nodes: [...marked, ...added] }, now(), [takingSlots(cluster, group.id, added.map(({ slot }) => slot))]);
  if (child && !child.laidOut && child.status === 'going') await queue.send(hintAt(child));
  return child;
}

export const handler = stepFunction(nodeReplacement);
