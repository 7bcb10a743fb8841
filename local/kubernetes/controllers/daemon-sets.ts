/** DaemonSets: one pod on every node that fits; a new template replaces them a few at a time. */
import type { Control } from './control.ts';
import { isReady, resolve, resources, tolerates, type Node, type Pod, type PodSpec, type Toleration,
  type Workload } from './kinds.ts';
import { createPod, hashOf, podsOf, removePod, revisionLabel } from './pods.ts';

/** What every daemon bears, whatever its template says. */
const own: Toleration[] = ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure',
  'unschedulable', 'network-unavailable']
  .map((state) => ({ key: `node.kubernetes.io/${state}`, operator: 'Exists' }));

function belongs({ nodeSelector, tolerations }: PodSpec, { metadata, spec }: Node): boolean {
  const labels = metadata.labels ?? {};
  return Object.entries(nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
    && (spec?.taints ?? []).every((taint) =>
      taint.effect === 'PreferNoSchedule' || tolerates([...tolerations ?? [], ...own], taint));
}

/** Those of an old template that may go now. */
function replaceable(set: Workload, pods: readonly Pod[], revision: string): Pod[] {
  const old = pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] !== revision);
  const limit = Math.max(1, resolve(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable
    ?? 1, pods.length, Math.ceil));
  const spare = limit - pods.filter((pod) => !isReady(pod)).length;
  return [...old.filter((pod) => !isReady(pod)), ...old.filter(isReady).slice(0, Math.max(0, spare))];
}

function reconcile(control: Control, set: Workload, nodes: Node[]): void {
  const { metadata: { name, namespace, generation }, spec: { template } } = set;
  const revision = hashOf(template);
  const wanted = nodes.filter((node) => belongs(template.spec, node)).map(({ metadata }) => metadata.name);
  const pods = podsOf(control, set);
  for (const pod of pods) if (!wanted.includes(pod.spec.nodeName ?? '')) removePod(control, pod);
  const placed = pods.filter((pod) => wanted.includes(pod.spec.nodeName ?? ''));
  for (const pod of replaceable(set, placed, revision)) removePod(control, pod);
  const there = new Set(podsOf(control, set).map((pod) => pod.spec.nodeName));
  for (const nodeName of wanted) {
    if (there.has(nodeName)) continue;
    const tolerations = [...template.spec.tolerations ?? [], ...own];
    createPod(control, set, { ...template, spec: { ...template.spec, tolerations } },
      { labels: { [revisionLabel]: revision }, nodeName });
  }
  const now = podsOf(control, set);
  const ready = now.filter(isReady).length;
  control.api.writeStatus({ resource: resources.daemonSets, namespace, name }, () => ({
    observedGeneration: generation, desiredNumberScheduled: wanted.length, currentNumberScheduled: now.length,
      numberMisscheduled: 0,
    numberReady: ready, numberAvailable: ready,
      ...(wanted.length > ready && { numberUnavailable: wanted.length - ready }),
    updatedNumberScheduled: now.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision).length,
  }));
}

export function daemonSets(control: Control): void {
  const nodes = control.api.list(resources.nodes) as Node[];
  for (const set of control.api.list(resources.daemonSets) as Workload[]) {
    if (!set.metadata.deletionTimestamp) reconcile(control, set, nodes);
  }
}
