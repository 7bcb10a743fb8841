/** Deployments and ReplicaSets: one ReplicaSet per template, scaled so that never more is missing than is allowed. */
import { sameJson, type KubeObject } from '../objects.ts';
import { timestamp } from '../api.ts';
import type { Control } from './control.ts';
import { controllerOf, isReady, ownerOf, resolve, resources, withCondition, type Condition, type Pod,
  type Workload } from './kinds.ts';
import { createPod, hashOf, mostExpendable, podsOf, removePod } from './pods.ts';

const manager = { manager: 'kube-controller-manager' };
const hashLabel = 'pod-template-hash';

function createReplicaSet({ api }: Control, deployment: Workload, hash: string): void {
  const { metadata: { name, namespace }, spec: { selector, template } } = deployment;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  api.create(resources.replicaSets, namespace, {
    metadata: { name: `${name}-${hash}`, labels, ownerReferences: [ownerOf(deployment)] },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }, manager);
}

function scale({ api }: Control, { metadata: { namespace, name }, spec }: Workload, replicas: number): void {
  if (spec.replicas === replicas) return;
  api.patch({ resource: resources.replicaSets, namespace, name }, (live) =>
    ({ ...live, spec: { ...live.spec as object, replicas } }), manager);
}

const wantedOf = ({ spec }: Workload): number => spec.replicas ?? 1;

/** How the replicas are shared out between the new template and the old ones. */
function shareOut(control: Control, deployment: Workload, current: Workload, old: Workload[]): void {
  const wanted = wantedOf(deployment);
  const { type, rollingUpdate } = deployment.spec.strategy ?? {};
  const oldTotal = old.reduce((sum, set) => sum + wantedOf(set), 0);
  if (type === 'Recreate') {
    for (const set of old) scale(control, set, 0);
    if (old.every((set) => podsOf(control, set).length === 0)) scale(control, current, wanted);
    return;
  }
  const surge = resolve(rollingUpdate?.maxSurge ?? '25%', wanted, Math.ceil);
  const missing = resolve(rollingUpdate?.maxUnavailable ?? '25%', wanted, Math.floor);
  const mayMiss = surge === 0 && missing === 0 ? 1 : missing;
  const oldPods = old.flatMap((set) => podsOf(control, set));
  scale(control, current, Math.min(wanted,
    Math.max(wanted + surge - Math.max(oldTotal, oldPods.length),
      wantedOf(current) > wanted ? wanted : wantedOf(current))));
  const ready = [...oldPods, ...podsOf(control, current)].filter(isReady).length;
  let mayGo = ready - (wanted - mayMiss);
  for (const set of old) {
    const pods = podsOf(control, set);
    const unready = wantedOf(set) - pods.filter(isReady).length;
    const going = Math.min(wantedOf(set), Math.max(0, unready) + Math.max(0, mayGo));
    mayGo -= Math.max(0, going - Math.max(0, unready));
    scale(control, set, wantedOf(set) - going);
  }
}

function conditionsOf(before: Condition[] | undefined, ready: number, wanted: number, complete: boolean,
  why: string | undefined, now: string): Condition[] {
  const available: Condition = ready >= wanted
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: why
      ?? 'Deployment does not have minimum availability.' };
  const progressing: Condition = { type: 'Progressing', status: 'True',
    reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated' };
  return withCondition(withCondition(before, available, now), progressing, now);
}

/** What keeps the first pod that is not ready from being so. */
function hindrance(pods: readonly Pod[]): string | undefined {
  const pod = pods.find((one) => !isReady(one));
  const condition = pod?.status?.conditions?.find(({ status, message }) => status === 'False' && message);
  return condition && `${pod!.metadata.name}: ${condition.message}`;
}

function writeStatus({ api }: Control, deployment: Workload, current: Pod[], old: Pod[]): void {
  const { name, namespace, generation } = deployment.metadata;
  const wanted = wantedOf(deployment);
  const ready = [...current, ...old].filter(isReady).length;
  const complete = current.filter(isReady).length >= wanted && old.length === 0;
  api.writeStatus({ resource: resources.deployments, namespace, name }, (status) => ({
    observedGeneration: generation,
    replicas: current.length + old.length,
    updatedReplicas: current.length,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(ready < wanted && { unavailableReplicas: wanted - ready }),
    conditions: conditionsOf(status.conditions as Condition[] | undefined, ready, wanted, complete,
      hindrance([...current, ...old]), timestamp(api.now())),
  }));
}

function reconcileDeployment(control: Control, deployment: Workload): void {
  const { api } = control;
  const hash = hashOf(deployment.spec.template);
  const owned = (): Workload[] => (api.list(resources.replicaSets, deployment.metadata.namespace) as Workload[])
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  const isCurrent = ({ metadata }: KubeObject): boolean => metadata.labels?.[hashLabel] === hash;
  if (!owned().some(isCurrent)) createReplicaSet(control, deployment, hash);
  const current = owned().find(isCurrent)!;
  const old = owned().filter((set) => !isCurrent(set));
  shareOut(control, deployment, current, old);
  const oldPods = old.flatMap((set) => podsOf(control, set));
  for (const set of old) {
    const { namespace, name } = set.metadata;
    if (wantedOf(set) === 0 && podsOf(control, set)
      .length === 0) api.remove({ resource: resources.replicaSets, namespace, name });
  }
  writeStatus(control, deployment, podsOf(control, current), oldPods);
}

export function deployments(control: Control): void {
  for (const deployment of control.api.list(resources.deployments) as Workload[]) {
    if (!deployment.metadata.deletionTimestamp) reconcileDeployment(control, deployment);
  }
}

export function replicaSets(control: Control): void {
  const { api } = control;
  for (const set of api.list(resources.replicaSets) as Workload[]) {
    const pods = podsOf(control, set);
    const wanted = wantedOf(set);
    for (let missing = wanted - pods.length; missing > 0; missing -= 1) createPod(control, set, set.spec.template, {});
    for (const pod of mostExpendable(pods, isReady)
      .slice(0, Math.max(0, pods.length - wanted))) removePod(control, pod);
    const { namespace, name, generation } = set.metadata;
    const ready = podsOf(control, set).filter(isReady).length;
    const status = { observedGeneration: generation, replicas: wanted, fullyLabeledReplicas: wanted,
      readyReplicas: ready, availableReplicas: ready };
    if (!sameJson(status, set.status)) api.writeStatus({ resource: resources.replicaSets, namespace, name }, () =>
      status);
  }
}
