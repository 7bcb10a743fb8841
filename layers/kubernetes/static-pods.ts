/** The system cluster's control plane on one master: static pods, which its kubelet runs from files. */
import { stringify } from 'yaml';
import { imagesOf } from './images.ts';
import { etcdCommand } from './manifests/etcd.ts';
import { listenerFlags } from './manifests/component-kubeconfig.ts';
import { confined, confinedApiserver, probes, resources } from './manifests/control-plane-workload.ts';
import type { Container, VolumeMount } from './manifests/manifest.ts';
import { electsLeader, minorOf, ports, type KubernetesSpec, type Master } from './spec.ts';

const kubernetes = '/etc/kubernetes';
const pki = `${kubernetes}/pki`;
const { system } = ports;

type Part = Pick<
  Container,
  'name' | 'image' | 'command' | 'resources' | 'securityContext' | 'startupProbe' | 'livenessProbe' | 'readinessProbe'
>;
/** A host path, mounted where it is. */
interface HostMount {
  path: string;
  type: 'Directory' | 'File';
  writable?: boolean;
}

function staticPod(part: Part, mounts: HostMount[]): string {
  const volumeMounts: VolumeMount[] = mounts.map(({ path, writable }, index) => ({
    name: `host-${index}`,
    mountPath: path,
    readOnly: !writable,
  }));
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: part.name, namespace: 'kube-system', labels: { component: part.name, tier: 'control-plane' } },
      spec: {
        hostNetwork: true,
        priority: 2000001000,
        priorityClassName: 'system-node-critical',
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            imagePullPolicy: 'IfNotPresent',
            terminationMessagePolicy: 'FallbackToLogsOnError',
            securityContext: confined,
            ...part,
            volumeMounts,
          },
        ],
        volumes: mounts.map(({ path, type }, index) => ({ name: `host-${index}`, hostPath: { path, type } })),
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

const etcdPod = (spec: KubernetesSpec, master: Master): string =>
  staticPod(
    {
      name: 'etcd',
      image: imagesOf(spec.version).etcd,
      command: etcdCommand({
        kubernetesMinor: minorOf(spec.version),
        name: master.name,
        address: master.address,
        members: spec.masters,
        token: `${spec.clusterId}-system`,
        dataDirectory: '/var/lib/etcd/system',
        ports: system,
        files: {
          ca: `${pki}/etcd/ca.crt`,
          server: `${pki}/etcd/server.crt`,
          serverKey: `${pki}/etcd/server.key`,
          peer: `${pki}/etcd/peer.crt`,
          peerKey: `${pki}/etcd/peer.key`,
        },
        quotaBytes: 2 * 1024 ** 3,
      }),
      resources: resources('50m', '128Mi', '1Gi'),
      ...probes(system.etcdMetrics, 'HTTP', { live: '/livez', ready: '/readyz' }),
    },
    [
      { path: '/var/lib/etcd/system', type: 'Directory', writable: true },
      { path: `${pki}/etcd`, type: 'Directory' },
    ],
  );

const apiserverPod = (spec: KubernetesSpec, master: Master): string =>
  staticPod(
    {
      name: 'kube-apiserver',
      image: imagesOf(spec.version).apiserver,
      command: [
        'kube-apiserver',
        `--secure-port=${system.api}`,
        '--bind-address=0.0.0.0',
        `--advertise-address=${master.address}`,
        '--allow-privileged=true',
        '--authorization-mode=Node,RBAC',
        `--authentication-config=${kubernetes}/authentication.yaml`,
        `--client-ca-file=${pki}/ca.crt`,
        '--enable-admission-plugins=NodeRestriction',
        `--tls-cert-file=${pki}/apiserver.crt`,
        `--tls-private-key-file=${pki}/apiserver.key`,
        `--etcd-servers=https://127.0.0.1:${system.etcdClient}`,
        `--etcd-cafile=${pki}/etcd/ca.crt`,
        `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
        `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
        `--encryption-provider-config=${kubernetes}/encryption.yaml`,
        `--kubelet-certificate-authority=${pki}/ca.crt`,
        `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
        `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
        '--kubelet-preferred-address-types=InternalIP,Hostname',
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${pki}/sa.pub`,
        `--service-account-signing-key-file=${pki}/sa.key`,
        `--service-cluster-ip-range=${spec.systemServiceCidr}`,
        '--profiling=false',
        '--shutdown-delay-duration=15s',
      ],
      securityContext: confinedApiserver,
      resources: resources('100m', '320Mi', '1536Mi'),
      ...probes(system.api, 'HTTPS', { live: '/livez', ready: '/readyz' }),
    },
    [
      { path: pki, type: 'Directory' },
      { path: `${kubernetes}/authentication.yaml`, type: 'File' },
      { path: `${kubernetes}/encryption.yaml`, type: 'File' },
    ],
  );

const controllerManagerPod = (spec: KubernetesSpec): string =>
  staticPod(
    {
      name: 'kube-controller-manager',
      image: imagesOf(spec.version).controllerManager,
      command: [
        'kube-controller-manager',
        `--kubeconfig=${kubernetes}/controller-manager.conf`,
        ...listenerFlags(system.controllerManager, `${kubernetes}/controller-manager.conf`),
        `--client-ca-file=${pki}/ca.crt`,
        '--allocate-node-cidrs=false',
        `--cluster-name=${spec.clusterId}-system`,
        `--cluster-signing-cert-file=${pki}/ca.crt`,
        `--cluster-signing-key-file=${pki}/ca.key`,
        `--root-ca-file=${pki}/ca.crt`,
        `--service-account-private-key-file=${pki}/sa.key`,
        '--use-service-account-credentials=true',
        `--leader-elect=${electsLeader(spec)}`,
        '--profiling=false',
      ],
      resources: resources('25m', '96Mi', '512Mi'),
      ...probes(system.controllerManager, 'HTTPS', { live: '/healthz', ready: '/healthz' }),
    },
    [
      { path: pki, type: 'Directory' },
      { path: `${kubernetes}/controller-manager.conf`, type: 'File' },
    ],
  );

const schedulerPod = (spec: KubernetesSpec): string =>
  staticPod(
    {
      name: 'kube-scheduler',
      image: imagesOf(spec.version).scheduler,
      command: [
        'kube-scheduler',
        `--kubeconfig=${kubernetes}/scheduler.conf`,
        ...listenerFlags(system.scheduler, `${kubernetes}/scheduler.conf`),
        `--leader-elect=${electsLeader(spec)}`,
        '--profiling=false',
      ],
      resources: resources('15m', '48Mi', '256Mi'),
      ...probes(system.scheduler, 'HTTPS', { live: '/healthz', ready: '/healthz' }),
    },
    [{ path: `${kubernetes}/scheduler.conf`, type: 'File' }],
  );

/** The files of /etc/kubernetes/manifests, by name. */
export const staticPods = (spec: KubernetesSpec, master: Master): Record<string, string> => ({
  'etcd.yaml': etcdPod(spec, master),
  'kube-apiserver.yaml': apiserverPod(spec, master),
  'kube-controller-manager.yaml': controllerManagerPod(spec),
  'kube-scheduler.yaml': schedulerPod(spec),
});
