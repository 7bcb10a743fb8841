/** What a second-generation cluster and its node groups are: the records that everything else reads. */
import type { Failure } from '../engine/failure.ts';

/** An operation on the cluster that has not ended. */
export interface OpenOperation { flow: string; groupId?: string; state: 'going' | 'held'; failure?: Failure }

export interface Cluster {
  id: string;
  uuid: string;
  projectId: string;
  createdBy: string;
  name: string;
  /** What it is called since it was renamed; its machines keep the name it was made with. */
  renamedTo?: string;
  description: string;
  /** Kubernetes version with its v: v1.34.2. */
  version: string;
  imageId: string;
  labels: Record<string, string>;
  insecureRegistries: string[];
  masters: { flavorId: string; count: number };
  /** One for a zonal cluster, three for a regional one. */
  zones: string[];
  regional: boolean;
  network: ClusterNetwork;
  api: { public: boolean; allowedCidrs: string[]; subnetId?: string; networkId?: string };
  volumeType: string;
  /** What has become of it: status follows from this and from the open operations. */
  phase: 'creating' | 'ready' | 'deleting' | 'deleted';
  operations: Record<string, OpenOperation>;
  /** The operation that created it: its step records hold what was made. */
  createOperationId: string;
  /** Node groups by name: a name is taken once. */
  groups: Record<string, string>;
  /** Of each node group, by id: what lists tell of it without reading its row. */
  workers: Record<string, Workers>;
  /** Slots of the service network's address plan in use by workers, each with its group's id. */
  slots: Record<string, string>;
  /** Its service project, once there is one. */
  serviceProjectId?: string;
  /** Where it is reached, once known. */
  addresses: { external?: string; internal?: string };
  /** Findings of the watch over it, shown to the user. */
  health?: { status: 'healthy' | 'unhealthy'; reasons: string[] };
  /** An operation has begun on it since its creation: who waits for a change is told so by the status. */
  changed?: true;
  /** Of the request that made it, where one key must not be used for two. */
  fingerprint?: string;
  /** What was said in the Magnum API's words, and is shown there again. */
  magnum?: MagnumWords;
  /** Every write names the revision it was made for. */
  revision: number;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
}

export interface Workers { size: number; flavorId: string; createdAt: string }

/** A cluster's, as the request had them: names stay names. */
export interface MagnumWords {
  templateId: string;
  keypair?: string;
  createTimeout?: number;
  dockerVolumeSize?: number;
  discoveryUrl?: string;
  masterFlavorId: string;
  flavorId: string;
  fixedNetwork: string;
  fixedSubnet?: string;
  floatingIpEnabled: boolean;
}

export interface ClusterNetwork {
  plugin: 'calico' | 'cilium';
  podsCidr: string;
  networkId: string;
  subnetId: string;
  subnetCidr: string;
  gatewayIp?: string;
  dnsServers: string[];
  externalNetworkId?: string;
}

/** One worker: its slot gives its name and addresses. */
export interface ClusterNode {
  slot: number;
  zone: string;
  leaving: boolean;
  /** Its server, and its address on the user's network; once they are there. */
  serverId?: string;
  address?: string;
  /** The operation in which it took another node's place. */
  madeFor?: string;
}

export interface Taint { key: string; value: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }

/** A node group's, in the Magnum API. `minNodeCount`: holds where there are no limits, which need a largest size. */
export interface GroupWords {
  labels: Record<string, string>;
  minNodeCount?: number;
  dockerVolumeSize?: number;
  imageId?: string;
  flavorId?: string;
}

export interface NodeGroup {
  id: string;
  uuid: string;
  clusterId: string;
  projectId: string;
  name: string;
  flavorId: string;
  imageId: string;
  zones: string[];
  /** With limits the platform's autoscaler may change the size between them. */
  size: number;
  limits?: { min: number; max: number };
  labels: Record<string, string>;
  taints: Taint[];
  disk: { type: string; size: number };
  parallelUpgradeChunk: number;
  nodes: ClusterNode[];
  phase: 'creating' | 'ready' | 'deleting' | 'deleted';
  /** The one operation under way or held, if any. */
  operationId?: string;
  changed?: true;
  fingerprint?: string;
  /** As for the cluster. */
  magnum?: GroupWords;
  revision: number;
  createdAt: string;
  updatedAt: string;
}
