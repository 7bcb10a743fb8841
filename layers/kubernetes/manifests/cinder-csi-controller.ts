/**
 * The controller half of the Cinder CSI driver: makes, attaches, resizes and snapshots volumes in the service project.
 */
import { users } from '../../pki/users.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { electsLeader, ports, type KubernetesSpec } from '../spec.ts';
import { cloudDirectory, volumeCloudFiles } from './cloud-config.ts';
import { componentKubeconfig, standbyReplicas } from './component-kubeconfig.ts';
import { deployment, probes, resources, secret, secretVolume } from './control-plane-workload.ts';
import type { Container, Manifest } from './manifest.ts';

const socket = { name: 'socket', mountPath: '/csi' };
const kubeconfigMount = { name: 'files', mountPath: '/etc/kubernetes', readOnly: true };

/** A side-car: watches the API for its kind of wish, and asks the driver over the socket. */
function sidecar(spec: KubernetesSpec, name: string, image: string, port: number, flags: string[]): Container {
  // Its health is that of its lease; without one it serves nothing but figures.
  const health = electsLeader(spec) ? '/healthz/leader-election' : '/metrics';
  return {
    name,
    image,
    args: [
      '--kubeconfig=/etc/kubernetes/kubeconfig',
      `--leader-election=${electsLeader(spec)}`,
      '--leader-election-namespace=kube-system',
      `--http-endpoint=127.0.0.1:${port}`,
      ...flags,
    ],
    resources: resources('10m', '24Mi', '192Mi'),
    ...probes(port, 'HTTP', { live: health, ready: health }),
    volumeMounts: [socket, kubeconfigMount],
  };
}

export function cinderCsiController(input: ControlPlaneInput): Manifest[] {
  const {
    spec,
    certificates: { user },
  } = input;
  const name = 'cinder-csi-controller';
  const images = imagesOf(spec.version);
  const driver = ['--csi-address=/csi/csi.sock', '--timeout=3m'];
  // They would wait for ever for an API that is not served by default.
  const noAttributesClasses = '--feature-gates=VolumeAttributesClass=false';
  return deployment({
    name,
    replicas: standbyReplicas(spec),
    secrets: [
      secret(name, { kubeconfig: componentKubeconfig(spec, user.ca, user.cinderCsi, users.cinderCsi) }),
      secret(`${name}-cloud`, volumeCloudFiles(input)),
    ],
    containers: [
      {
        name: 'cinder-csi-plugin',
        image: images.cinderCsi,
        command: [
          '/bin/cinder-csi-plugin',
          '--endpoint=unix://csi/csi.sock',
          `--cloud-config=${cloudDirectory}/cloud.conf`,
          // Becomes the volumes' metadata cinder.csi.openstack.org/cluster, by which they are found when the cluster
          // goes.
          `--cluster=${spec.clusterId}`,
          '--provide-controller-service=true',
          '--provide-node-service=false',
        ],
        resources: resources('20m', '48Mi', '256Mi'),
        ...probes(ports.user.csiLiveness, 'HTTP', { live: '/healthz', ready: '/healthz' }),
        volumeMounts: [socket, { name: 'cloud', mountPath: cloudDirectory, readOnly: true }],
      },
      sidecar(spec, 'csi-provisioner', images.csiProvisioner, ports.user.csiProvisioner, [
        ...driver,
        '--default-fstype=ext4',
        '--extra-create-metadata=true',
        noAttributesClasses,
      ]),
      sidecar(spec, 'csi-attacher', images.csiAttacher, ports.user.csiAttacher, driver),
      sidecar(spec, 'csi-resizer', images.csiResizer, ports.user.csiResizer, [
        ...driver,
        '--handle-volume-inuse-error=false',
        noAttributesClasses,
      ]),
      sidecar(spec, 'csi-snapshotter', images.csiSnapshotter, ports.user.csiSnapshotter, driver),
      {
        name: 'liveness-probe',
        image: images.csiLivenessProbe,
        args: ['--csi-address=/csi/csi.sock', `--http-endpoint=127.0.0.1:${ports.user.csiLiveness}`],
        resources: resources('5m', '16Mi', '64Mi'),
        // Its own listener, not its verdict on the driver: that one is the driver's probe.
        livenessProbe: {
          tcpSocket: { host: '127.0.0.1', port: ports.user.csiLiveness },
          periodSeconds: 20,
          failureThreshold: 6,
        },
        volumeMounts: [socket],
      },
    ],
    volumes: [{ name: 'socket', emptyDir: {} }, secretVolume('files', name), secretVolume('cloud', `${name}-cloud`)],
  });
}
