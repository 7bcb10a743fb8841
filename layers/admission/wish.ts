/** What a user wants, in our own words: whichever API it was said in, with every default filled in. */
import type { ClusterNetwork, GroupWords, MagnumWords, NodeGroup, Taint } from '../cluster/cluster.ts';

export interface NodeGroupWish {
  name: string;
  flavorId: string;
  /** Empty: all zones of the cluster. */
  zones: string[];
  size: number;
  limits?: { min: number; max: number };
  labels: Record<string, string>;
  taints: Taint[];
  disk: NodeGroup['disk'];
  parallelUpgradeChunk: number;
  magnum?: GroupWords;
}

export interface ClusterWish {
  /** Of its machines. */
  name: string;
  /** Where it is to be called otherwise. */
  shownName?: string;
  magnum?: MagnumWords;
  description: string;
  version: string;
  labels: Record<string, string>;
  masters: { flavorId: string; count: number };
  zones: string[];
  regional: boolean;
  plugin: ClusterNetwork['plugin'];
  podsCidr: string;
  networkId: string;
  subnetId: string;
  externalNetworkId?: string;
  api: { public: boolean; allowedCidrs: string[]; subnetId?: string };
  insecureRegistries: string[];
  groups: NodeGroupWish[];
}

/** Where in the request each wish stands, as JSONPath: problems are told there. */
export interface NodeGroupPaths {
  name: string; flavor: string; zones: string; size: string; minSize: string; labels: string; taints: string;
  diskType: string; diskSize: string;
}
export interface ClusterPaths {
  version: string; masterFlavor: string; masterCount: string; zones: string; pods: string; network: string;
  subnet: string; externalNetwork: string; apiSubnet: string; allowedCidrs: string;
  groups: (index: number) => NodeGroupPaths;
}
