/** Nodes whose machine is silent: not ready, tainted, and after a while without the pods that do not bear it. */
import { timestamp } from '../api.ts';
import { sameJson } from '../objects.ts';
import type { Control, Controller } from './control.ts';
import { controllerOf, resources, tolerates, withCondition, type Node, type Pod, type Taint } from './kinds.ts';

export interface NodeLifecycleOptions {
  nodeRuns: (name: string) => boolean;
  /** Kubernetes' seconds to milliseconds here: tolerations count in them. */
  secondMs: number;
}

const state = (name: string, effect: string): Taint => ({ key: `node.kubernetes.io/${name}`, effect });

/** The taints that follow from the Ready condition, beside those that others set. */
function taintsOf(node: Node, now: string): Taint[] {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
  const wanted = ready === 'True' ? []
    : ['NoSchedule', 'NoExecute'].map((effect) => state(ready === 'False' ? 'not-ready' : 'unreachable', effect));
  const before = node.spec?.taints ?? [];
  const others = before.filter(({ key }) =>
    !['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].includes(key));
  return [...others, ...wanted.map((taint) =>
    before.find(({ key, effect }) => key === taint.key && effect === taint.effect) ?? { ...taint, timeAdded: now })];
}

function evictIntolerant(control: Control, node: Node, { secondMs }: NodeLifecycleOptions): void {
  const { api, nowMs, wakeAt } = control;
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  for (const pod of taints.length > 0 ? api.list(resources.pods) as Pod[] : []) {
    if (pod.spec.nodeName !== node.metadata.name || controllerOf(pod)?.kind === 'DaemonSet') continue;
    for (const taint of taints) {
      // Whoever says nothing about it gets five minutes.
      const toleration = pod.spec.tolerations?.find((one) => tolerates([one], taint))
        ?? { tolerationSeconds: taint.key.startsWith('node.kubernetes.io/') ? 300 : 0 };
      const endsAt = Date.parse(taint.timeAdded ?? '') + (toleration.tolerationSeconds ?? Infinity) * secondMs;
      if (nowMs() < endsAt) { if (endsAt !== Infinity) wakeAt(endsAt); continue; }
      const target = { resource: resources.pods, namespace: pod.metadata.namespace, name: pod.metadata.name };
      if (api.find(target)) api.remove(target);
    }
  }
}

export function nodeLifecycle(options: NodeLifecycleOptions): Controller {
  return function nodeLifecycle(control: Control): void {
    const { api } = control;
    const now = timestamp(api.now());
    for (const { metadata: { name } } of api.list(resources.nodes) as Node[]) {
      const target = { resource: resources.nodes, name };
      if (!options.nodeRuns(name)) {
        const condition = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.' };
        api.writeStatus(target, (status) =>
          ({ ...status, conditions: withCondition((status as Node['status'])?.conditions, condition, now) }));
      }
      const node = api.get(target) as Node;
      const taints = taintsOf(node, api.now().toISOString());
      if (!sameJson(taints, node.spec?.taints ?? [])) {
        const { taints: _, ...spec } = node.spec ?? {};
        api.patch(target, (live) =>
          ({ ...live, spec: { ...spec, ...(taints.length > 0 && { taints }) } }),
            { manager: 'kube-controller-manager' });
      }
      if (!options.nodeRuns(name)) markPodsUnready(control, name, now);
      evictIntolerant(control, api.get(target) as Node, options);
    }
  };
}

function markPodsUnready({ api }: Control, nodeName: string, now: string): void {
  for (const { metadata: { namespace, name }, spec } of api.list(resources.pods) as Pod[]) {
    if (spec.nodeName !== nodeName) continue;
    const condition = { type: 'Ready', status: 'False', reason: 'NodeNotReady' };
    api.writeStatus({ resource: resources.pods, namespace, name }, (status) =>
      ({ ...status, conditions: withCondition((status as Pod['status'])?.conditions, condition, now) }));
  }
}
