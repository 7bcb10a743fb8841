/** How a machine's kubelet is set up: its configuration file, its flags, the labels it may give itself. */
import { stringify } from 'yaml';
import type { Taint } from './spec.ts';

export interface KubeletInput {
  /** Authority whose clients may ask the kubelet. */
  clientCaFile: string;
  clusterDns?: string;
  staticPodPath?: string;
  /** Serving certificate; self-signed when left out. */
  serving?: { certFile: string; keyFile: string };
  taints?: Taint[];
  resolvConf: string;
  systemReserved: Record<string, string>;
}

/** KubeletConfiguration as YAML. Its client certificate renews itself through the cluster's controller manager. */
export const kubeletConfiguration = (input: KubeletInput): string =>
  stringify(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      cgroupDriver: 'systemd',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: input.clientCaFile },
      },
      authorization: { mode: 'Webhook' },
      clusterDomain: 'cluster.local',
      ...(input.clusterDns && { clusterDNS: [input.clusterDns] }),
      ...(input.staticPodPath && { staticPodPath: input.staticPodPath }),
      ...(input.serving && { tlsCertFile: input.serving.certFile, tlsPrivateKeyFile: input.serving.keyFile }),
      ...(input.taints?.length && {
        registerWithTaints: input.taints.map(({ key, value, effect }) => ({ key, ...(value && { value }), effect })),
      }),
      resolvConf: input.resolvConf,
      rotateCertificates: true,
      serializeImagePulls: false,
      maxParallelImagePulls: 5,
      containerLogMaxSize: '20Mi',
      containerLogMaxFiles: 5,
      systemReserved: input.systemReserved,
      evictionHard: {
        'memory.available': '200Mi',
        'nodefs.available': '10%',
        'nodefs.inodesFree': '5%',
        'imagefs.available': '10%',
      },
      shutdownGracePeriod: '60s',
      shutdownGracePeriodCriticalPods: '20s',
    },
    { lineWidth: 0 },
  );

/**
 * A drop-in that replaces the image's own start of kubelet. systemd finds the program in its fixed search path, so that
 * images that keep it elsewhere work too.
 */
export const kubeletDropIn = (flags: string[], unit: string[], { environmentFile, before }: { environmentFile?: string; before?: string } = {}): string =>
  [
    ...(unit.length > 0 ? ['[Unit]', ...unit] : []),
    '[Service]',
    ...(environmentFile ? [`EnvironmentFile=${environmentFile}`] : []),
    // It may take as long as it takes.
    ...(before ? [`ExecStartPre=${before}`, 'TimeoutStartSec=infinity'] : []),
    'ExecStart=',
    `ExecStart=${['kubelet', ...flags].join(' \\\n  ')}`,
    '',
  ].join('\n');

/**
 * Waits until the bootstrap token lets its bearer in: a kubelet asks for its certificate when it starts, and after each refusal
 * more rarely, up to half a minute. One that has its certificate does not wait.
 */
export const awaitApi = (server: string, caFile: string, bootstrapKubeconfig: string): string => `#!/bin/sh
set -eu
if [ -e /var/lib/kubelet/kubeconfig ] || ! command -v curl >/dev/null; then exit 0; fi
token=$(sed -n 's/^ *token: *//p' ${bootstrapKubeconfig} | tr -d '"')
until printf 'header = "Authorization: Bearer %s"\n' "$token" | curl --config - --silent --fail --connect-timeout 5 --max-time 60 --output /dev/null \
  --cacert ${caFile} '${server}/apis/certificates.k8s.io/v1/certificatesigningrequests?limit=1'; do
  sleep 2
done
`;

const kubeletMaySet = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
]);
const isOf = (domain: string, suffix: string): boolean => domain === suffix || domain.endsWith(`.${suffix}`);

/**
 * Which labels a kubelet may give its own node, and which only the platform may. A kubelet refuses to start with any
 * other label of kubernetes.io or k8s.io: node-role.kubernetes.io/… and node-restriction.kubernetes.io/… above all.
 */
export function splitNodeLabels(labels: Record<string, string>): {
  kubelet: Record<string, string>;
  platform: Record<string, string>;
} {
  const allowed = (key: string): boolean => {
    const domain = key.includes('/') ? key.split('/')[0]! : '';
    if (kubeletMaySet.has(key) || isOf(domain, 'kubelet.kubernetes.io') || isOf(domain, 'node.kubernetes.io'))
      return true;
    return !isOf(domain, 'kubernetes.io') && !isOf(domain, 'k8s.io');
  };
  const entries = Object.entries(labels);
  return {
    kubelet: Object.fromEntries(entries.filter(([key]) => allowed(key))),
    platform: Object.fromEntries(entries.filter(([key]) => !allowed(key))),
  };
}
