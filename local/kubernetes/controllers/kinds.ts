/** The objects that controllers read, as far as they read them. */
import type { KubeObject, Metadata, OwnerReference } from '../objects.ts';
import { builtInResource } from '../resource-table.ts';
import type { LabelSelector } from '../selectors.ts';

export interface Taint { key: string; value?: string; effect: string; timeAdded?: string }
export interface Toleration { key?: string; operator?: string; value?: string; effect?: string; tolerationSeconds?: number }
export interface Condition { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }

interface Reference { name?: string; optional?: boolean }
export interface VolumeSource {
  name: string;
  secret?: { secretName?: string; optional?: boolean };
  configMap?: Reference;
  projected?: { sources?: { secret?: Reference; configMap?: Reference }[] };
  hostPath?: { path: string };
  persistentVolumeClaim?: { claimName: string };
}
export interface ContainerSpec {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; valueFrom?: { secretKeyRef?: Reference & { key: string }; configMapKeyRef?: Reference & { key: string } } }[];
  envFrom?: { secretRef?: Reference; configMapRef?: Reference }[];
}
export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  hostNetwork?: boolean;
  tolerations?: Toleration[];
  affinity?: { podAntiAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { topologyKey: string; labelSelector?: LabelSelector }[] } };
  initContainers?: ContainerSpec[];
  containers: ContainerSpec[];
  volumes?: VolumeSource[];
}
export interface Template { metadata?: { labels?: Record<string, string>; annotations?: Record<string,
  string> }; spec: PodSpec }

export interface Pod extends KubeObject { spec: PodSpec; status?: PodStatus }
export interface PodStatus { phase?: string; startTime?: string; conditions?: Condition[]; [field: string]: unknown }
export interface Node extends KubeObject {
  spec?: { taints?: Taint[]; unschedulable?: boolean; providerID?: string; podCIDR?: string };
  status?: { conditions?: Condition[]; addresses?: { type: string; address: string }[]; [field: string]: unknown };
}
type IntOrPercent = number | string;
export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    template: Template;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent } };
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: IntOrPercent } };
  };
}
export interface Budget extends KubeObject {
  spec: { selector?: LabelSelector; minAvailable?: IntOrPercent; maxUnavailable?: IntOrPercent };
}

export const resources = {
  namespaces: builtInResource('Namespace'), nodes: builtInResource('Node'), pods: builtInResource('Pod'),
    secrets: builtInResource('Secret'),
  configMaps: builtInResource('ConfigMap'), services: builtInResource('Service'),
    serviceAccounts: builtInResource('ServiceAccount'),
  deployments: builtInResource('Deployment'), replicaSets: builtInResource('ReplicaSet'),
    statefulSets: builtInResource('StatefulSet'),
  daemonSets: builtInResource('DaemonSet'), budgets: builtInResource('PodDisruptionBudget'),
    claims: builtInResource('PersistentVolumeClaim'),
  volumes: builtInResource('PersistentVolume'), storageClasses: builtInResource('StorageClass'),
    requests: builtInResource('CertificateSigningRequest'),
  leases: builtInResource('Lease'),
} as const;

/** The number that `value` stands for; a percentage is of `total`. */
export function resolve(value: IntOrPercent | undefined, total: number, round: (exact: number) => number): number {
  if (value === undefined) return 0;
  return typeof value === 'number' ? value : round(Number.parseFloat(value) * total / 100);
}

export const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference =>
  ({ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true });

export const controllerOf = ({ metadata }: { metadata: Metadata }): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller);

export const hasCondition = (object: KubeObject, type: string): boolean =>
  ((object.status as { conditions?: Condition[] } | undefined)?.conditions ?? [])
    .some((condition) => condition.type === type && condition.status === 'True');

export const isReady = (object: KubeObject): boolean => hasCondition(object, 'Ready');

/** The conditions with this one set: the time of a change stays while its status does. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition, now: string): Condition[] {
  const before = conditions?.find(({ type }) => type === next.type);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime ?? now : now;
  const condition = { ...next, lastTransitionTime };
  return before ? conditions!.map((one) => one === before ? condition : one) : [...conditions ?? [], condition];
}

export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean => (tolerations ?? [])
  .some(({ key, operator, value, effect }) =>
  (key === undefined || key === '' ? operator === 'Exists' : key === taint.key)
  && (effect === undefined || effect === '' || effect === taint.effect)
  && (operator === 'Exists' || (value ?? '') === (taint.value ?? '')));
