/** Cilium beside kube-proxy, with VXLAN between the nodes; its operator brings the kinds it needs. */
import { imagesOf } from '../images.ts';
import { ports, type KubernetesSpec } from '../spec.ts';
import { resources } from './control-plane-workload.ts';
import { manifest, type Container, type Manifest, type PodSpec } from './manifest.ts';
import { nodeDaemon } from './node-daemon.ts';
import { agentRights, operatorRights } from './cilium-rights.ts';
import { bindRole, read, role, rule, serviceAccountWith } from './rbac.ts';

const name = 'cilium';
const operatorName = 'cilium-operator';
const configPath = '/tmp/cilium/config-map';
const agentHealthPort = 9879;
const operatorHealthPort = 9234;

/** Cilium reads a folder with a file for each setting. */
const settings = (spec: KubernetesSpec): Record<string, string> => ({
  'identity-allocation-mode': 'crd',
  'enable-ipv4': 'true',
  'enable-ipv6': 'false',
  'cluster-name': 'default',
  'cluster-id': '0',
  ipam: 'kubernetes',
  'k8s-require-ipv4-pod-cidr': 'true',
  'k8s-api-server': `https://${spec.apiAddress}:${ports.user.api}`,
  'routing-mode': 'tunnel',
  'tunnel-protocol': 'vxlan',
  'enable-ipv4-masquerade': 'true',
  'kube-proxy-replacement': 'false',
  'enable-policy': 'default',
  'enable-l7-proxy': 'true',
  'external-envoy-proxy': 'false',
  'enable-hubble': 'false',
  'enable-health-checking': 'true',
  'enable-endpoint-health-checking': 'true',
  'agent-health-port': String(agentHealthPort),
  'operator-api-serve-addr': `127.0.0.1:${operatorHealthPort}`,
  'cgroup-root': '/sys/fs/cgroup',
  'bpf-root': '/sys/fs/bpf',
  'bpf-map-dynamic-size-ratio': '0.0025',
  'custom-cni-conf': 'false',
  'cni-exclusive': 'true',
  'cni-log-file': '/var/run/cilium/cilium-cni.log',
  'write-cni-conf-when-ready': '/host/etc/cni/net.d/05-cilium.conflist',
  'cilium-endpoint-gc-interval': '5m0s',
  'nodes-gc-interval': '5m0s',
  'set-cilium-is-up-condition': 'true',
  'remove-cilium-node-taints': 'true',
  'unmanaged-pod-watcher-interval': '15',
});

const env = (spec: KubernetesSpec) => [
  { name: 'K8S_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'CILIUM_K8S_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  { name: 'KUBERNETES_SERVICE_HOST', value: spec.apiAddress },
  { name: 'KUBERNETES_SERVICE_PORT', value: String(ports.user.api) },
];
const health = (port: number) => ({
  httpGet: { host: '127.0.0.1', path: '/healthz', port, httpHeaders: [{ name: 'brief', value: 'true' }] },
  timeoutSeconds: 5,
});
const config = { name: 'config', mountPath: configPath, readOnly: true };

const agent = (spec: KubernetesSpec): Container => ({
  name: 'cilium-agent',
  image: imagesOf(spec.version).cilium,
  command: ['cilium-agent'],
  args: [`--config-dir=${configPath}`],
  env: env(spec),
  resources: resources('100m', '256Mi', '1Gi'),
  startupProbe: { ...health(agentHealthPort), periodSeconds: 2, failureThreshold: 150 },
  livenessProbe: { ...health(agentHealthPort), periodSeconds: 30, failureThreshold: 10 },
  readinessProbe: { ...health(agentHealthPort), periodSeconds: 10 },
  securityContext: { privileged: true },
  volumeMounts: [
    config,
    { name: 'bpf-maps', mountPath: '/sys/fs/bpf', mountPropagation: 'Bidirectional' },
    { name: 'cgroup', mountPath: '/sys/fs/cgroup' },
    { name: 'run', mountPath: '/var/run/cilium' },
    { name: 'netns', mountPath: '/var/run/cilium/netns', mountPropagation: 'HostToContainer' },
    { name: 'cni-net', mountPath: '/host/etc/cni/net.d' },
    { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
    { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
  ],
});

const installer = (spec: KubernetesSpec): Container => ({
  name: 'install-cni-binaries',
  image: imagesOf(spec.version).cilium,
  command: ['/install-plugin.sh'],
  resources: resources('10m', '16Mi', '128Mi'),
  securityContext: { capabilities: { drop: ['ALL'] }, runAsUser: 0 },
  volumeMounts: [{ name: 'cni-bin', mountPath: '/host/opt/cni/bin' }],
});

function operator(spec: KubernetesSpec): Manifest[] {
  const labels = { 'k8s-app': operatorName };
  const podSpec: PodSpec = {
    hostNetwork: true,
    dnsPolicy: 'Default',
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: operatorName,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    // It makes the network, so it cannot wait for nodes that have one.
    tolerations: [{ operator: 'Exists' }],
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: operatorName,
        image: imagesOf(spec.version).ciliumOperator,
        imagePullPolicy: 'IfNotPresent',
        command: ['cilium-operator-generic'],
        args: [`--config-dir=${configPath}`],
        env: env(spec),
        resources: resources('20m', '64Mi', '512Mi'),
        livenessProbe: {
          ...health(operatorHealthPort),
          initialDelaySeconds: 60,
          periodSeconds: 10,
          failureThreshold: 6,
        },
        readinessProbe: { ...health(operatorHealthPort), periodSeconds: 5, failureThreshold: 5 },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [config],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'cilium-config' } }],
  };
  return [
    ...serviceAccountWith(operatorName, operatorRights),
    manifest(
      'apps/v1',
      'Deployment',
      { name: operatorName, namespace: 'kube-system', labels },
      {
        spec: {
          replicas: 1,
          revisionHistoryLimit: 2,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: podSpec },
        },
      },
    ),
    manifest(
      'policy/v1',
      'PodDisruptionBudget',
      { name: operatorName, namespace: 'kube-system' },
      { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
    ),
  ];
}

export function cilium(spec: KubernetesSpec): Manifest[] {
  const configuration = manifest(
    'v1',
    'ConfigMap',
    { name: 'cilium-config', namespace: 'kube-system' },
    { data: settings(spec) },
  );
  const account = { kind: 'ServiceAccount', name, namespace: 'kube-system' } as const;
  return [
    ...serviceAccountWith(name, agentRights),
    role('kube-system', 'cilium-config-agent', [rule('', ['configmaps'], read)]),
    bindRole('kube-system', 'cilium-config-agent', 'cilium-config-agent', account),
    configuration,
    ...operator(spec),
    nodeDaemon({
      name,
      hostNetwork: true,
      serviceAccountName: name,
      reads: [configuration],
      terminationGracePeriodSeconds: 1,
      initContainers: [installer(spec)],
      containers: [agent(spec)],
      volumes: [
        { name: 'config', configMap: { name: 'cilium-config' } },
        { name: 'bpf-maps', hostPath: { path: '/sys/fs/bpf', type: 'DirectoryOrCreate' } },
        { name: 'cgroup', hostPath: { path: '/sys/fs/cgroup', type: 'DirectoryOrCreate' } },
        { name: 'run', hostPath: { path: '/var/run/cilium', type: 'DirectoryOrCreate' } },
        { name: 'netns', hostPath: { path: '/var/run/netns', type: 'DirectoryOrCreate' } },
        { name: 'cni-bin', hostPath: { path: '/opt/cni/bin', type: 'DirectoryOrCreate' } },
        { name: 'cni-net', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
        { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
        { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
      ],
    }),
  ];
}
