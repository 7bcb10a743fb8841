/**
 * What the parts of the user's control plane have in common: how they run on the masters, spread, and how they are
 * disturbed.
 */
import { createHash } from 'node:crypto';
import { masterLabel, namespace, runAs } from '../control-plane-layout.ts';
import { manifest, type Container, type Manifest, type PodSpec, type Probe, type Volume } from './manifest.ts';

export const labelsOf = (name: string): Record<string, string> => ({ 'app.kubernetes.io/name': name });
export const allLabelsOf = (name: string): Record<string, string> => ({
  ...labelsOf(name),
  'app.kubernetes.io/part-of': 'user-control-plane',
  'app.kubernetes.io/managed-by': 'moorage',
});

/** No root, no privileges, nothing written outside its volumes. */
export const confined = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/**
 * For kube-apiserver: its program carries this capability in its file, and a program that cannot have what its file
 * grants is not started at all, root or not.
 */
export const confinedApiserver = { ...confined, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } };

/**
 * Requests and a limit of memory. No limit of CPU: throttling an API server, an etcd or whoever holds a lease turns a
 * slow moment into a lost leader.
 */
export const resources = (cpu: string, memory: string, memoryLimit: string): NonNullable<Container['resources']> => ({
  requests: { cpu, memory },
  limits: { memory: memoryLimit },
});

/** Liveness, readiness and a start of up to five minutes, by one path on the loopback address. */
export function probes(
  port: number,
  scheme: 'HTTP' | 'HTTPS',
  paths: { live: string; ready: string },
): Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const probe = (path: string): Probe => ({ httpGet: { host: '127.0.0.1', path, port, scheme }, timeoutSeconds: 15 });
  return {
    startupProbe: { ...probe(paths.live), periodSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...probe(paths.live), periodSeconds: 10, failureThreshold: 8 },
    readinessProbe: { ...probe(paths.ready), periodSeconds: 3, failureThreshold: 3 },
  };
}

/** With its protocol: server-side apply tells ports apart by both. */
export const tcp = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' as const });

export function secret(name: string, files: Record<string, string>): Manifest {
  const data = Object.fromEntries(
    Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  return manifest('v1', 'Secret', { name, namespace, labels: allLabelsOf(name) }, { type: 'Opaque', data });
}

export const secretVolume = (name: string, secretName = name): Volume => ({
  name,
  secret: { secretName, defaultMode: 0o440 },
});

/** Changes when a Secret's content does: pods read their certificates once, so a renewal must roll them. */
const checksum = (secrets: readonly Manifest[]): string =>
  createHash('sha256')
    .update(JSON.stringify(secrets.map(({ data }) => data)))
    .digest('hex')
    .slice(0, 32);

export interface WorkloadInput {
  name: string;
  containers: Container[];
  volumes?: Volume[];
  /** Applied before the workload; a change of them rolls its pods. */
  secrets?: Manifest[];
  terminationGracePeriodSeconds?: number;
}

export function podTemplate(input: WorkloadInput, priorityClassName: string): Record<string, unknown> {
  const spec: PodSpec = {
    hostNetwork: true,
    dnsPolicy: 'Default',
    priorityClassName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: masterLabel,
    // A lost master's pods are replaced elsewhere after a minute, not after the usual five.
    tolerations: ['not-ready', 'unreachable'].map((state) => ({
      key: `node.kubernetes.io/${state}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 60,
    })),
    terminationGracePeriodSeconds: input.terminationGracePeriodSeconds ?? 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: runAs,
      runAsGroup: runAs,
      fsGroup: runAs,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: input.containers.map((container) => ({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePolicy: 'FallbackToLogsOnError',
      ...container,
      securityContext: container.securityContext ?? confined,
    })),
    ...(input.volumes && { volumes: input.volumes }),
  };
  return {
    metadata: { labels: allLabelsOf(input.name), annotations: { 'moorage.io/secrets': checksum(input.secrets ?? []) } },
    spec,
  };
}

/** One pod per master at most: they share its network, so two of a kind would share their ports. */
const apart = (name: string) => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labelsOf(name) } },
    ],
  },
});

/** Secrets, Deployment and disruption budget of one part, in that order. */
export function deployment(input: WorkloadInput & { replicas: number }): Manifest[] {
  const { name, replicas } = input;
  const template = podTemplate(input, 'system-cluster-critical');
  return [
    ...(input.secrets ?? []),
    manifest(
      'apps/v1',
      'Deployment',
      { name, namespace, labels: allLabelsOf(name) },
      {
        spec: {
          replicas,
          revisionHistoryLimit: 2,
          progressDeadlineSeconds: 600,
          // The ports of the old pod must be free before the new one starts.
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
          selector: { matchLabels: labelsOf(name) },
          template: { ...template, spec: { ...(template.spec as PodSpec), affinity: apart(name) } },
        },
      },
    ),
    disruptionBudget(name, { maxUnavailable: 1 }),
  ];
}

export const disruptionBudget = (
  name: string,
  budget: { maxUnavailable: number } | { minAvailable: number },
): Manifest =>
  manifest(
    'policy/v1',
    'PodDisruptionBudget',
    { name, namespace, labels: allLabelsOf(name) },
    {
      spec: { ...budget, selector: { matchLabels: labelsOf(name) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    },
  );
