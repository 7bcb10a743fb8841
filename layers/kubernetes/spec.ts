/** What a cluster's Kubernetes follows from: the input that its manifests and its machines' cloud-init data share. */

export interface Master {
  name: string;
  address: string;
}

export interface KubernetesSpec {
  clusterId: string;
  clusterName: string;
  /** With its v: v1.34.2. */
  version: string;
  /** In index order; etcd's member lists follow from it. */
  masters: Master[];
  /** VIP of the service load balancer: where workers find 6443 and 8132. */
  apiAddress: string;
  podsCidr: string;
  serviceCidr: string;
  systemPodsCidr: string;
  systemServiceCidr: string;
  networkPlugin: 'calico' | 'cilium';
  /** host[:port] of registries without a certificate that can be verified. */
  insecureRegistries: string[];
}

export interface Taint {
  key: string;
  value?: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/**
 * Whether controllers hold a lease to work. On a single master nobody could take over, and who cannot renew a lease within ten
 * seconds, because the API is slow just then, ends, and comes back only after a back-off that grows each time.
 */
export const electsLeader = ({ masters }: KubernetesSpec): boolean => masters.length > 1;

/** Ports on the masters. The two clusters share the masters' host network, so no two components may share one. */
export const ports = {
  system: {
    api: 16443,
    etcdClient: 2379,
    etcdPeer: 2380,
    etcdMetrics: 2381,
    controllerManager: 10257,
    scheduler: 10259,
  },
  user: {
    api: 6443,
    etcdClient: 2389,
    etcdPeer: 2390,
    etcdMetrics: 2391,
    controllerManager: 10357,
    scheduler: 10359,
    konnectivityAgent: 8132,
    konnectivityAdmin: 8133,
    konnectivityHealth: 8134,
    cloudNode: 10358,
    cloudService: 10368,
    csiLiveness: 10380,
    csiProvisioner: 10381,
    csiAttacher: 10382,
    csiResizer: 10383,
    csiSnapshotter: 10384,
  },
} as const;

/** The `index`-th address of a CIDR block: 1 is the API's Service, 10 the cluster's DNS. */
export function addressIn(cidr: string, index: number): string {
  const octets = cidr.split('/')[0]!.split('.').map(Number);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** 34 of v1.34.2. Throws on what is not a version. */
export function minorOf(version: string): number {
  const minor = /^v1\.(\d+)\.\d+/.exec(version)?.[1];
  if (!minor) throw new Error(`Not a Kubernetes version: ${version}`);
  return Number(minor);
}
