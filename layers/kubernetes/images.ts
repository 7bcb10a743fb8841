/** Which images make up a Kubernetes version: what kubeadm would pull, and what fits beside it. */
import { minorOf } from './spec.ts';

export interface Images {
  apiserver: string;
  controllerManager: string;
  scheduler: string;
  kubeProxy: string;
  etcd: string;
  coredns: string;
  konnectivityServer: string;
  konnectivityAgent: string;
  cloudController: string;
  cinderCsi: string;
  csiProvisioner: string;
  csiAttacher: string;
  csiResizer: string;
  csiSnapshotter: string;
  snapshotController: string;
  csiLivenessProbe: string;
  csiNodeDriverRegistrar: string;
  calicoNode: string;
  calicoCni: string;
  calicoControllers: string;
  cilium: string;
  ciliumOperator: string;
}

/**
 * Versions that follow from the Kubernetes minor. etcd and CoreDNS are kubeadm's choice: image-builder images hold
 * them. The cloud provider may be a minor newer: its client works with the API servers of the minor before.
 */
const versions: Record<number, { etcd: string; coredns: string; konnectivity: string; cloudProvider: string }> = {
  33: { etcd: '3.5.21-0', coredns: 'v1.12.0', konnectivity: 'v0.34.0', cloudProvider: 'v1.34.1' },
  34: { etcd: '3.6.4-0', coredns: 'v1.12.1', konnectivity: 'v0.34.0', cloudProvider: 'v1.34.1' },
};

/** Versions that do not. */
const sidecars = {
  csiProvisioner: 'registry.k8s.io/sig-storage/csi-provisioner:v5.3.0',
  csiAttacher: 'registry.k8s.io/sig-storage/csi-attacher:v4.12.0',
  csiResizer: 'registry.k8s.io/sig-storage/csi-resizer:v1.14.0',
  csiSnapshotter: 'registry.k8s.io/sig-storage/csi-snapshotter:v8.3.0',
  snapshotController: 'registry.k8s.io/sig-storage/snapshot-controller:v8.3.0',
  csiLivenessProbe: 'registry.k8s.io/sig-storage/livenessprobe:v2.17.0',
  csiNodeDriverRegistrar: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0',
};
export const calicoVersion = 'v3.31.3';
export const ciliumVersion = 'v1.18.5';

export const supportedMinors = Object.keys(versions).map(Number);

/** Whether clusters of this version (v1.34.2) can be made. */
export const isSupported = (version: string): boolean => supportedMinors.some((minor) => version.startsWith(`v1.${minor}.`));

/** Throws when there is no entry for the version's minor: a version must be tried before it is offered. */
export function imagesOf(version: string): Images {
  const minor = minorOf(version);
  const entry = versions[minor];
  if (!entry) {
    const known = supportedMinors.map((one) => `1.${one}`).join(', ');
    throw new Error(`Kubernetes ${version} is not in the table of images; known minors: ${known}`);
  }
  return {
    apiserver: `registry.k8s.io/kube-apiserver:${version}`,
    controllerManager: `registry.k8s.io/kube-controller-manager:${version}`,
    scheduler: `registry.k8s.io/kube-scheduler:${version}`,
    kubeProxy: `registry.k8s.io/kube-proxy:${version}`,
    etcd: `registry.k8s.io/etcd:${entry.etcd}`,
    coredns: `registry.k8s.io/coredns/coredns:${entry.coredns}`,
    konnectivityServer: `registry.k8s.io/kas-network-proxy/proxy-server:${entry.konnectivity}`,
    konnectivityAgent: `registry.k8s.io/kas-network-proxy/proxy-agent:${entry.konnectivity}`,
    cloudController: `registry.k8s.io/provider-os/openstack-cloud-controller-manager:${entry.cloudProvider}`,
    cinderCsi: `registry.k8s.io/provider-os/cinder-csi-plugin:${entry.cloudProvider}`,
    ...sidecars,
    calicoNode: `quay.io/calico/node:${calicoVersion}`,
    calicoCni: `quay.io/calico/cni:${calicoVersion}`,
    calicoControllers: `quay.io/calico/kube-controllers:${calicoVersion}`,
    cilium: `quay.io/cilium/cilium:${ciliumVersion}`,
    ciliumOperator: `quay.io/cilium/operator-generic:${ciliumVersion}`,
  };
}
