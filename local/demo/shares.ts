/** What the time of a cluster's creation was spent on. */
import { createCluster } from '../../flows/create-cluster.ts';
import { createNodeGroup } from '../../flows/create-node-group.ts';
import type { Operation, OperationStep } from '../../schemas/generated/types.ts';

export interface Share { title: string; ms: number; share: number }

/** The chain of steps that the end waited for, each with the time from the end of what it needed to its own. */
export function shares(operation: Operation): Share[] {
  const part = operation.parts.find(({ flow }) => flow === createNodeGroup.name);
  const ended = new Map<string, OperationStep>([
    ...operation.steps.map((step) => [step.name, step] as const),
    ...(part?.steps ?? []).map((step) => [`group ${step.name}`, step] as const),
  ]);
  const own = new Set(createNodeGroup.nodes.map(({ key }) => key));
  const needs = new Map<string, readonly string[]>([
    ...createCluster.nodes.map((node) => [node.key, node.needs] as const),
    ...createNodeGroup.nodes.map((node) => [`group ${node.key}`, node.needs.map((need) => (own.has(need) ? `group ${need}` : need))] as const),
  ]);
  const startedAt = Date.parse(operation.created_at);
  const doneAt = (name: string | undefined): number => Date.parse(ended.get(name ?? '')?.done_at ?? operation.created_at);
  const latest = (names: readonly string[]): string | undefined => names.toSorted((a, b) => doneAt(b) - doneAt(a))[0];
  const last = latest([...ended.keys()].filter((name) => name !== 'nodeGroups'));
  const whole = doneAt(last) - startedAt;
  const chain: Share[] = [];
  for (let name = last; name !== undefined;) {
    const before = latest((needs.get(name) ?? []).filter((need) => ended.has(need)));
    const ms = doneAt(name) - (before === undefined ? startedAt : doneAt(before));
    chain.unshift({ title: ended.get(name)!.title, ms, share: ms / whole });
    name = before;
  }
  return chain;
}
