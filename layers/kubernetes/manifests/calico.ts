/** Calico, with VXLAN between the nodes: no node's port lets a pod's address through, so nothing may go unwrapped. */
import { imagesOf } from '../images.ts';
import { ports, type KubernetesSpec } from '../spec.ts';
import { userInterface } from '../worker-network.ts';
import { calicoKinds } from './calico-kinds.ts';
import { controllerRights, nodeRights, pluginRights } from './calico-rights.ts';
import { resources } from './control-plane-workload.ts';
import { manifest, type Container, type Manifest } from './manifest.ts';
import { nodeDaemon } from './node-daemon.ts';
import { bindClusterRole, clusterRole, serviceAccount, serviceAccountWith } from './rbac.ts';

const name = 'calico-node';
/** What the CNI plug-in's installer writes to each node; it fills in what stands between underscores. */
const cniConfiguration = `{
  "name": "k8s-pod-network",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "calico",
      "log_level": "info",
      "datastore_type": "kubernetes",
      "nodename": "__KUBERNETES_NODE_NAME__",
      "mtu": __CNI_MTU__,
      "ipam": { "type": "calico-ipam" },
      "policy": { "type": "k8s" },
      "kubernetes": { "kubeconfig": "__KUBECONFIG_FILEPATH__" }
    },
    { "type": "portmap", "snat": true, "capabilities": { "portMappings": true } },
    { "type": "bandwidth", "capabilities": { "bandwidth": true } }
  ]
}`;

const nodeName = (variable: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } });
const env = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ name: key, value }));
/** Straight to the API: the pods' network must not wait for kube-proxy. */
const apiAddress = (spec: KubernetesSpec) =>
  env({ KUBERNETES_SERVICE_HOST: spec.apiAddress, KUBERNETES_SERVICE_PORT: String(ports.user.api) });
const health = (flag: string) => ({
  exec: { command: ['/bin/calico-node', flag] },
  timeoutSeconds: 10,
  periodSeconds: 10,
});

const installer = (spec: KubernetesSpec): Container => ({
  name: 'install-cni',
  image: imagesOf(spec.version).calicoCni,
  command: ['/opt/cni/bin/install'],
  env: [
    ...apiAddress(spec),
    nodeName('KUBERNETES_NODE_NAME'),
    ...env({ CNI_CONF_NAME: '10-calico.conflist', CNI_MTU: '0', SLEEP: 'false' }),
    {
      name: 'CNI_NETWORK_CONFIG',
      valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'cni_network_config' } },
    },
  ],
  resources: resources('10m', '32Mi', '256Mi'),
  securityContext: { privileged: true },
  volumeMounts: [
    { name: 'cni-bin', mountPath: '/host/opt/cni/bin' },
    { name: 'cni-net', mountPath: '/host/etc/cni/net.d' },
  ],
});

const node = (spec: KubernetesSpec): Container => ({
  name,
  image: imagesOf(spec.version).calicoNode,
  env: [
    ...apiAddress(spec),
    nodeName('NODENAME'),
    ...env({
      DATASTORE_TYPE: 'kubernetes',
      WAIT_FOR_DATASTORE: 'true',
      CLUSTER_TYPE: 'k8s',
      CALICO_NETWORKING_BACKEND: 'vxlan',
      // Not the first address found: a node has one on the service network as well.
      IP: 'autodetect',
      IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip',
      CALICO_IPV4POOL_CIDR: spec.podsCidr,
      CALICO_IPV4POOL_IPIP: 'Never',
      CALICO_IPV4POOL_VXLAN: 'Always',
      CALICO_DISABLE_FILE_LOGGING: 'true',
      FELIX_MTUIFACEPATTERN: `^${userInterface}$`,
      FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
      FELIX_IPV6SUPPORT: 'false',
      FELIX_HEALTHENABLED: 'true',
    }),
  ],
  resources: resources('100m', '128Mi', '768Mi'),
  livenessProbe: { ...health('-felix-live'), initialDelaySeconds: 10, failureThreshold: 6 },
  readinessProbe: health('-felix-ready'),
  lifecycle: { preStop: { exec: { command: ['/bin/calico-node', '-shutdown'] } } },
  securityContext: { privileged: true },
  volumeMounts: [
    { name: 'cni-net', mountPath: '/host/etc/cni/net.d' },
    { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
    { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
    { name: 'run-calico', mountPath: '/var/run/calico' },
    { name: 'lib-calico', mountPath: '/var/lib/calico' },
  ],
});

const hostPath = (volume: string, path: string, type: 'DirectoryOrCreate' | 'FileOrCreate' = 'DirectoryOrCreate') => ({
  name: volume,
  hostPath: { path, type },
});

function controllers(spec: KubernetesSpec): Manifest[] {
  const controllersName = 'calico-kube-controllers';
  const labels = { 'k8s-app': controllersName };
  const check = (flag: string) => ({
    exec: { command: ['/usr/bin/check-status', flag] },
    timeoutSeconds: 10,
    periodSeconds: 10,
  });
  const metadata = { name: controllersName, namespace: 'kube-system', labels };
  return [
    ...serviceAccountWith(controllersName, controllerRights),
    manifest('apps/v1', 'Deployment', metadata, {
      spec: {
        // Only one may be at work, and it has no lease to settle which.
        replicas: 1,
        revisionHistoryLimit: 2,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-cluster-critical',
            serviceAccountName: controllersName,
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: controllersName,
                image: imagesOf(spec.version).calicoControllers,
                imagePullPolicy: 'IfNotPresent',
                env: env({ ENABLED_CONTROLLERS: 'node', DATASTORE_TYPE: 'kubernetes' }),
                resources: resources('10m', '48Mi', '256Mi'),
                livenessProbe: { ...check('-l'), initialDelaySeconds: 10, failureThreshold: 6 },
                readinessProbe: check('-r'),
                securityContext: {
                  runAsNonRoot: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    }),
    manifest('policy/v1', 'PodDisruptionBudget', metadata, {
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    }),
  ];
}

export function calico(spec: KubernetesSpec): Manifest[] {
  const config = manifest(
    'v1',
    'ConfigMap',
    { name: 'calico-config', namespace: 'kube-system' },
    { data: { cni_network_config: cniConfiguration } },
  );
  return [
    ...calicoKinds(),
    ...serviceAccountWith(name, nodeRights),
    serviceAccount('calico-cni-plugin'),
    clusterRole('calico-cni-plugin', pluginRights),
    bindClusterRole('calico-cni-plugin', 'calico-cni-plugin', {
      kind: 'ServiceAccount',
      name: 'calico-cni-plugin',
      namespace: 'kube-system',
    }),
    config,
    nodeDaemon({
      name,
      hostNetwork: true,
      serviceAccountName: name,
      reads: [config],
      // A node without its network for as short as can be.
      terminationGracePeriodSeconds: 0,
      initContainers: [installer(spec)],
      containers: [node(spec)],
      volumes: [
        hostPath('cni-bin', '/opt/cni/bin'),
        hostPath('cni-net', '/etc/cni/net.d'),
        { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
        hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
        hostPath('run-calico', '/var/run/calico'),
        hostPath('lib-calico', '/var/lib/calico'),
      ],
    }),
    ...controllers(spec),
  ];
}
