/**
 * Volume snapshots: their kinds, and the controller that pairs a snapshot with its content. It runs on the nodes: it has
 * no business with OpenStack, and exits unless the kinds are there, which the control plane must come up without.
 */
import { imagesOf } from '../images.ts';
import type { KubernetesSpec } from '../spec.ts';
import { confined, resources } from './control-plane-workload.ts';
import { customResource } from './custom-resource.ts';
import { manifest, type Manifest, type PodSpec } from './manifest.ts';
import { bindRole, read, role, rule, serviceAccountWith } from './rbac.ts';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const object = (properties: Record<string, unknown>, required: string[] = []) => ({ type: 'object', properties, ...(required.length > 0 && { required }) });
const parameters = { type: 'object', additionalProperties: text };
const policy = { type: 'string', enum: ['Delete', 'Retain'] };
const error = object({ message: text, time: { type: 'string', format: 'date-time' } });
const quantity = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };

const kind = (name: string, plural: string, shortNames: string[], namespaced: boolean, properties: Record<string, unknown>, required: string[], status: boolean): Manifest =>
  customResource({
    group: 'snapshot.storage.k8s.io', version: 'v1', kind: name, plural, shortNames, namespaced, status,
    schema: object({ apiVersion: text, kind: text, metadata: { type: 'object' }, ...properties }, required),
  });

const volumeSnapshotKinds = (): Manifest[] => [
  kind('VolumeSnapshotClass', 'volumesnapshotclasses', ['vsclass', 'vsclasses'], false, { driver: text, deletionPolicy: policy, parameters }, ['driver', 'deletionPolicy'], false),
  kind('VolumeSnapshot', 'volumesnapshots', ['vs'], true, {
    spec: object({
      source: object({ persistentVolumeClaimName: text, volumeSnapshotContentName: text }),
      volumeSnapshotClassName: text,
    }, ['source']),
    status: object({
      boundVolumeSnapshotContentName: text, creationTime: { type: 'string', format: 'date-time' }, error, readyToUse: flag,
      restoreSize: quantity, volumeGroupSnapshotName: text,
    }),
  }, ['spec'], true),
  kind('VolumeSnapshotContent', 'volumesnapshotcontents', ['vsc', 'vscs'], false, {
    spec: object({
      deletionPolicy: policy, driver: text, source: object({ snapshotHandle: text, volumeHandle: text }), sourceVolumeMode: text,
      volumeSnapshotClassName: text, volumeSnapshotRef: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    }, ['deletionPolicy', 'driver', 'source', 'volumeSnapshotRef']),
    status: object({
      creationTime: { type: 'integer', format: 'int64' }, error, readyToUse: flag, restoreSize: { type: 'integer', format: 'int64', minimum: 0 },
      snapshotHandle: text, volumeGroupSnapshotHandle: text,
    }),
  }, ['spec'], true),
];

const name = 'snapshot-controller';
const namespace = 'kube-system';
const labels = { 'k8s-app': name };
const group = 'snapshot.storage.k8s.io';
const healthPort = 8080;

const rights = [
  rule('', ['persistentvolumes'], read),
  rule('', ['persistentvolumeclaims'], [...read, 'update']),
  rule('', ['events'], ['list', 'watch', 'create', 'patch', 'update']),
  rule(group, ['volumesnapshotclasses'], read),
  rule(group, ['volumesnapshots'], [...read, 'patch', 'update']),
  rule(group, ['volumesnapshotcontents'], [...read, 'create', 'delete', 'patch', 'update']),
  rule(group, ['volumesnapshots/status', 'volumesnapshotcontents/status'], ['patch', 'update']),
];

function podSpec(spec: KubernetesSpec): PodSpec {
  const probe = { httpGet: { path: '/healthz/leader-election', port: healthPort }, timeoutSeconds: 5 };
  return {
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: name,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{
      name,
      image: imagesOf(spec.version).snapshotController,
      imagePullPolicy: 'IfNotPresent',
      args: ['--leader-election=true', `--leader-election-namespace=${namespace}`, `--http-endpoint=:${healthPort}`],
      resources: resources('10m', '32Mi', '256Mi'),
      livenessProbe: { ...probe, initialDelaySeconds: 30, periodSeconds: 20, failureThreshold: 5 },
      readinessProbe: { ...probe, periodSeconds: 10 },
      securityContext: confined,
    }],
  };
}

export const volumeSnapshots = (spec: KubernetesSpec): Manifest[] => [
  ...volumeSnapshotKinds(),
  ...serviceAccountWith(name, rights),
  role(namespace, name, [rule('coordination.k8s.io', ['leases'], [...read, 'create', 'delete', 'patch', 'update'])]),
  bindRole(namespace, name, name, { kind: 'ServiceAccount', name, namespace }),
  manifest('apps/v1', 'Deployment', { name, namespace, labels }, {
    spec: {
      replicas: 1,
      revisionHistoryLimit: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(spec) },
    },
  }),
  manifest('policy/v1', 'PodDisruptionBudget', { name, namespace }, { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }),
];
