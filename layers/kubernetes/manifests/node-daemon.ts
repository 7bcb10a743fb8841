/** What every node of the user's cluster runs: a DaemonSet in kube-system that no taint keeps away. */
import { createHash } from 'node:crypto';
import { manifest, type Container, type Manifest, type PodSpec, type Volume } from './manifest.ts';

export interface NodeDaemonInput {
  name: string;
  /** Both: the network may not be up yet, and these bring it up. */
  hostNetwork: boolean;
  serviceAccountName: string;
  initContainers?: Container[];
  containers: Container[];
  volumes: Volume[];
  /** What the pods read at start: a change of it rolls them. */
  reads?: Manifest[];
  securityContext?: PodSpec['securityContext'];
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
}

export const nodeEnv = [
  { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
];

const digest = (objects: readonly Manifest[]): string =>
  createHash('sha256').update(JSON.stringify(objects)).digest('hex').slice(0, 32);
const pulled = (container: Container): Container => ({
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePolicy: 'FallbackToLogsOnError',
  ...container,
});

export function nodeDaemon({ name, reads = [], ...input }: NodeDaemonInput): Manifest {
  const labels = { 'k8s-app': name };
  const spec: PodSpec = {
    hostNetwork: input.hostNetwork,
    dnsPolicy: input.hostNetwork ? 'Default' : 'ClusterFirst',
    priorityClassName: 'system-node-critical',
    serviceAccountName: input.serviceAccountName,
    automountServiceAccountToken: input.automountServiceAccountToken ?? true,
    enableServiceLinks: false,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }],
    terminationGracePeriodSeconds: input.terminationGracePeriodSeconds ?? 30,
    securityContext: input.securityContext ?? { seccompProfile: { type: 'RuntimeDefault' } },
    ...(input.initContainers && { initContainers: input.initContainers.map(pulled) }),
    containers: input.containers.map(pulled),
    volumes: input.volumes,
  };
  return manifest(
    'apps/v1',
    'DaemonSet',
    { name, namespace: 'kube-system', labels },
    {
      spec: {
        revisionHistoryLimit: 2,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations: { 'moorage.io/reads': digest(reads) } }, spec },
      },
    },
  );
}
