/** The longest chain of waits that cloud and machines really imposed on one creation: what no engine could avoid. */
import { createCluster } from '../../flows/create-cluster.ts';
import { createNodeGroup } from '../../flows/create-node-group.ts';
import { requestIdOf } from '../../layers/lifecycle/sessions.ts';

export interface Interval { startedAt: number; endedAt: number }
/** With the request id of the call that began it where the cloud tells; else what is waited for tells the step. */
export interface CloudWait { resource: string; name: string; requestId?: string | undefined; startedAt: number; endedAt: number | undefined }
export interface MachineWait { name: string; startedAt: number; endedAt: number | null }

/** Machines begin some waits by themselves, before the step that looks for their end: what each really follows on. */
const machineWaits: Record<string, { name: string; needs: string[]; of: string }> = {
  'system cluster': { name: 'masters boot', needs: ['masterServers'], of: 'systemCluster' },
  'node ready': { name: 'nodes join', needs: ['group nodeServers', 'group joinToken', 'controlPlane', 'apiListener'], of: 'group nodes' },
};

/** Milliseconds, with the steps of the chain and the wait of each. `partIds`: the operations of the node groups. */
export function criticalPath(operationId: string, partIds: readonly string[], cloud: readonly CloudWait[], machines: readonly MachineWait[]): { ms: number; chain: string[] } {
  const waits = new Map<string, Interval[]>();
  const add = (step: string, { startedAt, endedAt }: { startedAt: number; endedAt: number | null | undefined }) => {
    if (endedAt) waits.set(step, [...waits.get(step) ?? [], { startedAt, endedAt }]);
  };
  const stepOf = new Map([
    ...createCluster.nodes.map(({ key }) => [requestIdOf(`${operationId}/${key}`), key] as const),
    ...partIds.flatMap((id) => createNodeGroup.nodes.map(({ key }) => [requestIdOf(`${id}/${key}`), `group ${key}`] as const)),
  ]);
  for (const wait of cloud) {
    const step = wait.requestId ? stepOf.get(wait.requestId) : stepByName(wait);
    if (step) add(step, wait);
  }
  for (const wait of machines) add(machineWaits[wait.name]?.name ?? 'controlPlane', wait);

  // Longest path over both flows: a group's step needs its own steps, else what the cluster's creation gives.
  const own = new Set(createNodeGroup.nodes.map(({ key }) => key));
  const longest = new Map<string, { ms: number; chain: string[] }>();
  const visit = (name: string, needs: readonly string[]) => {
    const before = needs.map((need) => longest.get(need)!).reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, chain: [] });
    const ms = covered(waits.get(name) ?? []);
    longest.set(name, { ms: before.ms + ms, chain: ms > 0 ? [...before.chain, `${name} ${(ms / 1_000).toFixed(1)} s`] : before.chain });
  };
  const visitStep = (name: string, needs: readonly string[]) => {
    const before = Object.values(machineWaits).filter(({ of }) => of === name);
    for (const wait of before) visit(wait.name, wait.needs);
    visit(name, [...needs, ...before.map((wait) => wait.name)]);
  };
  for (const { key, needs } of createCluster.nodes) visitStep(key, needs);
  for (const { key, needs } of createNodeGroup.nodes) visitStep(`group ${key}`, needs.map((need) => (own.has(need) ? `group ${need}` : need)));
  return [...longest.values()].reduce((a, b) => (b.ms > a.ms ? b : a));
}

const listenerSteps: Record<string, string> = { system: 'systemListener', kubernetes: 'apiListener', tunnel: 'tunnelListener' };

/** The step that makes what is called so. */
function stepByName({ resource, name }: CloudWait): string | undefined {
  if (resource === 'server') return /-master-\d+$/.test(name) ? 'masterServers' : 'group nodeServers';
  if (resource === 'load balancer') return name.endsWith('-api') ? 'apiLoadBalancer' : undefined;
  return resource === 'listener' ? listenerSteps[name.slice(name.lastIndexOf('-') + 1)] : undefined;
}

/** The time covered by any of them: waits side by side count once. */
function covered(intervals: readonly Interval[]): number {
  let sum = 0;
  let until = -Infinity;
  for (const { startedAt, endedAt } of intervals.toSorted((a, b) => a.startedAt - b.startedAt)) {
    sum += Math.max(0, endedAt - Math.max(startedAt, until));
    until = Math.max(until, endedAt);
  }
  return sum;
}
