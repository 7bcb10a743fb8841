/** The node half of the Cinder CSI driver: mounts what the controller has attached. It has no credentials. */
import { imagesOf } from '../images.ts';
import type { KubernetesSpec } from '../spec.ts';
import { resources } from './control-plane-workload.ts';
import { manifest, type Container, type Manifest } from './manifest.ts';
import { nodeDaemon } from './node-daemon.ts';
import { serviceAccount } from './rbac.ts';

export const driverName = 'cinder.csi.openstack.org';
const name = 'cinder-csi-node';
const kubelet = '/var/lib/kubelet';
const plugin = `${kubelet}/plugins/${driverName}`;
const livenessPort = 10380;
const unprivileged = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
const socket = { name: 'socket', mountPath: '/csi' };

const containers = (spec: KubernetesSpec): Container[] => {
  const images = imagesOf(spec.version);
  return [
    {
      name: 'cinder-csi-plugin',
      image: images.cinderCsi,
      command: [
        '/bin/cinder-csi-plugin',
        '--endpoint=unix://csi/csi.sock',
        '--cloud-config=/etc/openstack/cloud.conf',
        '--provide-controller-service=false',
        '--provide-node-service=true',
      ],
      resources: resources('10m', '32Mi', '256Mi'),
      livenessProbe: {
        httpGet: { host: '127.0.0.1', path: '/healthz', port: livenessPort },
        initialDelaySeconds: 10,
        timeoutSeconds: 10,
        periodSeconds: 30,
        failureThreshold: 5,
      },
      readinessProbe: {
        httpGet: { host: '127.0.0.1', path: '/healthz', port: livenessPort },
        timeoutSeconds: 10,
        periodSeconds: 10,
      },
      // It mounts file systems for other pods.
      securityContext: { privileged: true },
      volumeMounts: [
        socket,
        { name: 'kubelet', mountPath: kubelet, mountPropagation: 'Bidirectional' },
        { name: 'devices', mountPath: '/dev', mountPropagation: 'HostToContainer' },
        { name: 'config', mountPath: '/etc/openstack', readOnly: true },
      ],
    },
    {
      name: 'node-driver-registrar',
      image: images.csiNodeDriverRegistrar,
      args: ['--csi-address=/csi/csi.sock', `--kubelet-registration-path=${plugin}/csi.sock`],
      resources: resources('5m', '16Mi', '96Mi'),
      livenessProbe: {
        exec: {
          command: [
            '/csi-node-driver-registrar',
            `--kubelet-registration-path=${plugin}/csi.sock`,
            '--mode=kubelet-registration-probe',
          ],
        },
        initialDelaySeconds: 30,
        timeoutSeconds: 15,
        periodSeconds: 60,
      },
      securityContext: { ...unprivileged, runAsUser: 0 },
      volumeMounts: [socket, { name: 'registration', mountPath: '/registration' }],
    },
    {
      name: 'liveness-probe',
      image: images.csiLivenessProbe,
      args: ['--csi-address=/csi/csi.sock', `--http-endpoint=127.0.0.1:${livenessPort}`],
      resources: resources('5m', '16Mi', '64Mi'),
      livenessProbe: { tcpSocket: { host: '127.0.0.1', port: livenessPort }, periodSeconds: 20, failureThreshold: 6 },
      securityContext: { ...unprivileged, runAsUser: 0 },
      volumeMounts: [socket],
    },
  ];
};

export function cinderCsiNode(spec: KubernetesSpec): Manifest[] {
  // Where the node learns its own id and zone: the config drive, as the metadata service does not know the user's
  // network.
  const config = manifest(
    'v1',
    'ConfigMap',
    { name, namespace: 'kube-system' },
    {
      data: {
        'cloud.conf': '[Metadata]\nsearch-order=configDrive,metadataService\n\n[BlockStorage]\nrescan-on-resize=true\n',
      },
    },
  );
  return [
    manifest(
      'storage.k8s.io/v1',
      'CSIDriver',
      { name: driverName },
      {
        spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ['Persistent'] },
      },
    ),
    serviceAccount(name),
    config,
    nodeDaemon({
      name,
      hostNetwork: true,
      serviceAccountName: name,
      automountServiceAccountToken: false,
      reads: [config],
      containers: containers(spec),
      volumes: [
        { name: 'socket', hostPath: { path: plugin, type: 'DirectoryOrCreate' } },
        { name: 'registration', hostPath: { path: `${kubelet}/plugins_registry`, type: 'Directory' } },
        { name: 'kubelet', hostPath: { path: kubelet, type: 'Directory' } },
        { name: 'devices', hostPath: { path: '/dev', type: 'Directory' } },
        { name: 'config', configMap: { name } },
      ],
    }),
  ];
}
