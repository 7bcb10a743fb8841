/** Kubernetes objects as far as we write them. Field names and meanings are the API's own. */

export interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Any object that can be applied. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: unknown;
}

export interface Probe {
  httpGet?: {
    path: string;
    port: number;
    host?: string;
    scheme?: 'HTTP' | 'HTTPS';
    httpHeaders?: { name: string; value: string }[];
  };
  tcpSocket?: { port: number; host?: string };
  exec?: { command: string[] };
  grpc?: { port: number };
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  failureThreshold?: number;
}

export interface SecurityContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
  capabilities?: { add?: string[]; drop?: string[] };
  seccompProfile?: { type: 'RuntimeDefault' | 'Unconfined' };
  appArmorProfile?: { type: 'RuntimeDefault' | 'Unconfined' };
  seLinuxOptions?: { level?: string; type?: string };
}

export interface Quantities {
  cpu?: string;
  memory?: string;
  'ephemeral-storage'?: string;
}

export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
  mountPropagation?: 'Bidirectional' | 'HostToContainer';
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: 'IfNotPresent' | 'Always';
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: unknown }[];
  envFrom?: { configMapRef: { name: string; optional?: boolean } }[];
  ports?: { name: string; containerPort: number; hostPort?: number; protocol?: 'TCP' | 'UDP' }[];
  resources?: { requests: Quantities; limits: Quantities };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: unknown;
  securityContext?: SecurityContext;
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  volumeMounts?: VolumeMount[];
}

export interface KeyToPath {
  key: string;
  path: string;
}

export interface Volume {
  name: string;
  secret?: { secretName: string; defaultMode?: number; items?: KeyToPath[] };
  configMap?: { name: string; defaultMode?: number; items?: KeyToPath[] };
  hostPath?: { path: string; type?: 'Directory' | 'DirectoryOrCreate' | 'File' | 'FileOrCreate' };
  emptyDir?: { medium?: 'Memory'; sizeLimit?: string };
  projected?: { defaultMode?: number; sources: unknown[] };
}

export interface Toleration {
  key?: string;
  operator?: 'Exists' | 'Equal';
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface PodSpec {
  hostNetwork?: boolean;
  dnsPolicy?: 'Default' | 'ClusterFirst' | 'ClusterFirstWithHostNet';
  priorityClassName: string;
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  enableServiceLinks?: boolean;
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
  affinity?: unknown;
  topologySpreadConstraints?: unknown[];
  terminationGracePeriodSeconds?: number;
  securityContext?: SecurityContext & { fsGroup?: number };
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
}

/** An object with the fields that every manifest has, in one line. */
export function manifest(
  apiVersion: string,
  kind: string,
  metadata: Metadata,
  fields: Record<string, unknown> = {},
): Manifest {
  return { apiVersion, kind, metadata, ...fields };
}
