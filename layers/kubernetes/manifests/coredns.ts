/** Names within the cluster. */
import { imagesOf } from '../images.ts';
import { addressIn, type KubernetesSpec } from '../spec.ts';
import { resources } from './control-plane-workload.ts';
import { manifest, type Manifest, type PodSpec } from './manifest.ts';
import { rule, serviceAccountWith } from './rbac.ts';

const name = 'coredns';
const namespace = 'kube-system';
/** The label that everyone else looks for. */
const selected = { 'k8s-app': 'kube-dns' };

const corefile = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

const podSpec = (spec: KubernetesSpec): PodSpec => ({
  priorityClassName: 'system-cluster-critical',
  serviceAccountName: name,
  dnsPolicy: 'Default',
  enableServiceLinks: false,
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
  topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selected },
  })),
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name,
      image: imagesOf(spec.version).coredns,
      imagePullPolicy: 'IfNotPresent',
      args: ['-conf', '/etc/coredns/Corefile'],
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
      ],
      resources: resources('100m', '70Mi', '170Mi'),
      livenessProbe: {
        httpGet: { path: '/health', port: 8080 },
        initialDelaySeconds: 60,
        timeoutSeconds: 5,
        failureThreshold: 5,
      },
      readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 5 },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      },
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
    },
  ],
  volumes: [{ name: 'config', configMap: { name, items: [{ key: 'Corefile', path: 'Corefile' }] } }],
});

export const coredns = (spec: KubernetesSpec, replicas: number): Manifest[] => [
  ...serviceAccountWith(name, [
    rule('', ['services', 'pods', 'namespaces'], ['list', 'watch']),
    rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
  ]),
  manifest('v1', 'ConfigMap', { name, namespace }, { data: { Corefile: corefile } }),
  manifest(
    'apps/v1',
    'Deployment',
    { name, namespace, labels: selected },
    {
      spec: {
        replicas,
        revisionHistoryLimit: 2,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: selected },
        template: { metadata: { labels: selected }, spec: podSpec(spec) },
      },
    },
  ),
  manifest(
    'v1',
    'Service',
    {
      name: 'kube-dns',
      namespace,
      labels: { ...selected, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: addressIn(spec.serviceCidr, 10),
        selector: selected,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
  ),
  manifest(
    'policy/v1',
    'PodDisruptionBudget',
    { name, namespace },
    {
      spec: { maxUnavailable: 1, selector: { matchLabels: selected }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    },
  ),
];
