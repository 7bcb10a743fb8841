/** Places pods on nodes: where they fit, on the one with the fewest. */
import { timestamp } from '../api.ts';
import { fits } from '../selectors.ts';
import type { Control } from './control.ts';
import { resources, tolerates, withCondition, type Node, type Pod } from './kinds.ts';

/** Why the pod cannot go to the node, or undefined. */
function obstacle(pod: Pod, { metadata, spec }: Node, others: readonly Pod[]): string | undefined {
  const labels = metadata.labels ?? {};
  const { nodeSelector = {}, tolerations, affinity } = pod.spec;
  if (!Object.entries(nodeSelector)
    .every(([key, value]) => labels[key] === value)) return 'didn\'t match Pod\'s node affinity/selector';
  if (spec?.unschedulable && !tolerates(tolerations,
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })) return 'were unschedulable';
  const taint = (spec?.taints ?? []).find((one) => one.effect !== 'PreferNoSchedule' && !tolerates(tolerations, one));
  if (taint) return `had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  const apart = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const here = others.filter((other) =>
    other.spec.nodeName === metadata.name && other.metadata.namespace === pod.metadata.namespace);
  if (apart.some(({ labelSelector }) =>
    here.some((other) => fits(labelSelector, other.metadata.labels)))) return 'didn\'t match pod anti-affinity rules';
  return undefined;
}

function explain(obstacles: readonly string[]): string {
  const counts = Map.groupBy(obstacles, (one) => one);
  const list = [...counts].map(([why, all]) => `${all.length} node(s) ${why}`);
  return `0/${obstacles.length} nodes are available${list.length > 0 ? `: ${list.join(', ')}` : ''}.`;
}

export function scheduler({ api }: Control): void {
  const nodes = api.list(resources.nodes) as Node[];
  for (const pod of api.list(resources.pods) as Pod[]) {
    if (pod.spec.nodeName || pod.metadata.deletionTimestamp) continue;
    const others = api.list(resources.pods) as Pod[];
    const target = { resource: resources.pods, namespace: pod.metadata.namespace, name: pod.metadata.name };
    const load = (node: Node): number => others.filter(({ spec }) => spec.nodeName === node.metadata.name).length;
    const [best] = nodes.filter((node) => !obstacle(pod, node, others))
      .toSorted((one, other) => load(one) - load(other));
    const now = timestamp(api.now());
    if (best) {
      api.patch(target, (live) =>
        ({ ...live, spec: { ...live.spec as object, nodeName: best.metadata.name } }), { manager: 'kube-scheduler' });
    }
    const condition = best ? { type: 'PodScheduled', status: 'True' } : {
      type: 'PodScheduled', status: 'False', reason: 'Unschedulable',
        message: explain(nodes.map((node) => obstacle(pod, node, others) ?? '')),
    };
    api.writeStatus(target, (status) =>
      ({ phase: 'Pending', ...status,
        conditions: withCondition((status as Pod['status'])?.conditions, condition, now) }));
  }
}
