/** StatefulSets: numbered pods, one after another; a new template replaces them from the highest number down. */
import type { Control } from './control.ts';
import { isReady, resources, type Pod, type Workload } from './kinds.ts';
import { createPod, hashOf, podsOf, removePod, revisionLabel } from './pods.ts';

const numberOf = ({ metadata: { name } }: Pod): number => Number(name.slice(name.lastIndexOf('-') + 1));

function reconcile(control: Control, set: Workload): void {
  const { metadata: { name, namespace, generation }, spec } = set;
  const wanted = spec.replicas ?? 1;
  const revision = hashOf(spec.template);
  const pods = podsOf(control, set).toSorted((one, other) => numberOf(one) - numberOf(other));
  const parallel = (spec as { podManagementPolicy?: string }).podManagementPolicy === 'Parallel';
  for (const pod of pods) if (numberOf(pod) >= wanted) removePod(control, pod);
  for (let number = 0; number < wanted; number += 1) {
    const pod = pods.find((one) => numberOf(one) === number);
    if (!pod) createPod(control, set, spec.template,
      { name: `${name}-${number}`, labels: { [revisionLabel]: revision } });
    if (!parallel && (!pod || !isReady(pod))) break;
  }
  const staying = pods.filter((pod) => numberOf(pod) < wanted);
  const isOld = ({ metadata }: Pod): boolean => metadata.labels?.[revisionLabel] !== revision;
  const outdated = staying.findLast(isOld);
  if (outdated && staying.length === wanted
    && staying.every((pod) => isReady(pod) || pod === outdated)) removePod(control, outdated);
  const now = podsOf(control, set);
  const ready = now.filter(isReady).length;
  control.api.writeStatus({ resource: resources.statefulSets, namespace, name }, () => ({
    observedGeneration: generation, replicas: now.length, readyReplicas: ready, availableReplicas: ready,
    currentReplicas: now.length, updatedReplicas: now.filter((pod) => !isOld(pod)).length, updateRevision: revision,
  }));
}

export function statefulSets(control: Control): void {
  for (const set of control.api.list(resources.statefulSets) as Workload[]) {
    if (!set.metadata.deletionTimestamp) reconcile(control, set);
  }
}
