/**
 * Volume snapshots: their kinds, and the controller that pairs a snapshot with its content. It runs on the nodes: it
 * has no business with OpenStack, and exits unless the kinds are there, which the control plane must come up without.
 */
import { imagesOf } from '../images.ts';
import type { KubernetesSpec } from '../spec.ts';
import { confined, resources } from './control-plane-workload.ts';
import { manifest, type Manifest, type PodSpec } from './manifest.ts';
import { volumeSnapshotKinds } from './volume-snapshot-kinds.ts';
import { bindRole, read, role, rule, serviceAccountWith } from './rbac.ts';

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
    containers: [
      {
        name,
        image: imagesOf(spec.version).snapshotController,
        imagePullPolicy: 'IfNotPresent',
        args: ['--leader-election=true', `--leader-election-namespace=${namespace}`, `--http-endpoint=:${healthPort}`],
        resources: resources('10m', '32Mi', '256Mi'),
        livenessProbe: { ...probe, initialDelaySeconds: 30, periodSeconds: 20, failureThreshold: 5 },
        readinessProbe: { ...probe, periodSeconds: 10 },
        securityContext: confined,
      },
    ],
  };
}

export const volumeSnapshots = (spec: KubernetesSpec): Manifest[] => [
  ...volumeSnapshotKinds(),
  ...serviceAccountWith(name, rights),
  role(namespace, name, [rule('coordination.k8s.io', ['leases'], [...read, 'create', 'delete', 'patch', 'update'])]),
  bindRole(namespace, name, name, { kind: 'ServiceAccount', name, namespace }),
  manifest(
    'apps/v1',
    'Deployment',
    { name, namespace, labels },
    {
      spec: {
        replicas: 1,
        revisionHistoryLimit: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(spec) },
      },
    },
  ),
  manifest(
    'policy/v1',
    'PodDisruptionBudget',
    { name, namespace },
    { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
  ),
];
