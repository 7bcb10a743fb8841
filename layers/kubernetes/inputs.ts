/** What the steps hand in: beside the spec, what exists only once OpenStack has answered, and the certificates. */
import type { ClusterCertificates } from '../pki/certificates.ts';
import type { KubernetesSpec, Taint } from './spec.ts';

/** An application credential of the cluster's own Keystone user. */
export interface CloudCredential {
  authUrl: string;
  region: string;
  applicationCredentialId: string;
  applicationCredentialSecret: string;
  /** PEM of the authority behind the cloud's endpoints, where it is not a public one. */
  caPem?: string;
}

export interface ControlPlaneInput {
  spec: KubernetesSpec;
  certificates: ClusterCertificates;
  /** `service`: in the service project; `user`: in the user's. */
  clouds: { service: CloudCredential; user: CloudCredential };
  /** Where standard load balancers have their VIPs and find the nodes; without a floating network they are internal. */
  loadBalancers: { subnetId: string; floatingNetworkId?: string };
  /** The cloud's volume zones are not its machines' zones: volumes are made in the default one. */
  ignoreVolumeZones?: boolean;
  /** Memory of a master: limits of the API server and etcd follow from it. 4096 when left out. */
  masterMemoryMiB?: number;
}

export interface BootstrapToken {
  /** [a-z0-9]{6}.[a-z0-9]{16} */
  token: string;
  expiresAt: Date;
  description?: string;
}

export interface StorageClassSpec {
  name: string;
  volumeType: string;
  /** Cinder zone; any zone of the cluster when left out. */
  zone?: string;
  isDefault?: boolean;
  /** What becomes of the volume when its claim goes: Delete when left out. */
  reclaimPolicy?: 'Delete' | 'Retain';
}

export interface ClusterObjectsInput {
  spec: KubernetesSpec;
  certificates: ClusterCertificates;
  bootstrapTokens: BootstrapToken[];
  storageClasses: StorageClassSpec[];
  /** CoreDNS pods: 2 when left out. */
  dnsReplicas?: number;
}

export interface MasterUserDataInput {
  spec: KubernetesSpec;
  certificates: ClusterCertificates;
  /** Which of `spec.masters`. */
  name: string;
  /** The Cinder volume that holds etcd: found in the machine by its serial, formatted when blank. */
  etcdVolumeId: string;
  /** Name servers of its pods: what the machine itself uses when left out. */
  dnsServers?: string[];
}

/** The parent port: the service network, where the way to the control plane is. */
export interface ParentNetwork {
  macAddress: string;
  address: string;
  prefixLength: number;
  mtu: number;
}

/** The sub-port: the user's network, where the node has its address and its default route. */
export interface UserNetwork {
  macAddress: string;
  vlanId: number;
  address: string;
  prefixLength: number;
  gateway?: string;
  dnsServers: string[];
  mtu: number;
  /** The subnet's own routes. */
  hostRoutes?: { destination: string; nexthop: string }[];
}

export interface WorkerUserDataInput {
  spec: KubernetesSpec;
  /** Authority of the user's cluster, PEM. */
  caPem: string;
  /** Name as server and as node. */
  name: string;
  bootstrapToken: string;
  nodeGroup: { id: string; name: string };
  /** Those that a node may set on itself are set at registration: see `splitNodeLabels`. */
  labels: Record<string, string>;
  taints: Taint[];
  network: { parent: ParentNetwork; user: UserNetwork };
  /** Well-known labels of the node, as a cloud controller would set them. */
  zone?: string;
  region?: string;
  instanceType?: string;
  /** Kept back from pods for kubelet and system: sensible amounts when left out. */
  reserved?: { cpu: string; memory: string; ephemeralStorage: string };
}
