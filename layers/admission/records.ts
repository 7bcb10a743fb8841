/** The records of what has been admitted. */
import { randomUUID } from 'node:crypto';
import type { Cluster, NodeGroup, Workers } from '../cluster/cluster.ts';
import { newNodes } from '../cluster/slots.ts';
import type { Settings } from '../platform/settings.ts';
import { newId } from '../store/ids.ts';
import type { CloudFacts } from './cloud-facts.ts';
import type { ClusterWish, NodeGroupWish } from './wish.ts';

export interface Origin {
  id: string; uuid: string; fingerprint?: string; projectId: string; createdBy: string; createOperationId: string;
  now: number;
}

/** The cluster and its first node groups, each node with its slot. */
export function clusterRecords(
  wish: ClusterWish, origin: Origin, facts: CloudFacts, { volumeType }: Settings,
): { cluster: Cluster; groups: NodeGroup[] } {
  const { name, shownName, description, version, labels, insecureRegistries, masters, zones, regional, api } = wish;
  const { id, uuid, fingerprint, projectId, createdBy, createOperationId, now } = origin;
  const at = new Date(now).toISOString();
  const apiNetworkId = api.subnetId && facts.subnets.get(api.subnetId)!.network_id;
  let cluster: Cluster = {
    id, uuid, ...(fingerprint && { fingerprint }), projectId, createdBy, name,
    ...(shownName !== undefined && { renamedTo: shownName }), ...(wish.magnum && { magnum: wish.magnum }), description, version, imageId: facts.image!.id, labels, insecureRegistries,
    masters, zones, regional,
    network: networkRecord(wish, facts), api: { ...api, ...(apiNetworkId && { networkId: apiNetworkId }) },
    volumeType, phase: 'creating', operations: {}, createOperationId, groups: {}, workers: {}, slots: {},
    addresses: {},
    revision: 0, createdAt: at, updatedAt: at,
  };
  const groups: NodeGroup[] = [];
  for (const groupWish of wish.groups) {
    const group = nodeGroupRecord(groupWish, cluster, { id: newId(now), uuid: randomUUID(), now });
    cluster = withGroup(cluster, group);
    groups.push(group);
  }
  return { cluster, groups };
}

function networkRecord(wish: ClusterWish, { subnets }: CloudFacts): Cluster['network'] {
  const { plugin, podsCidr, networkId, subnetId, externalNetworkId } = wish;
  const { cidr, gateway_ip, dns_nameservers } = subnets.get(subnetId)!;
  return {
    plugin, podsCidr, networkId, subnetId, subnetCidr: cidr, dnsServers: dns_nameservers,
    ...(gateway_ip && { gatewayIp: gateway_ip }), ...(externalNetworkId && { externalNetworkId }),
  };
}

export function nodeGroupRecord(
  wish: NodeGroupWish, cluster: Cluster, { id, uuid, fingerprint, now }: Pick<Origin, 'id' | 'uuid' | 'fingerprint' | 'now'>,
): NodeGroup {
  const { name, flavorId, size, limits, labels, taints, disk, parallelUpgradeChunk } = wish;
  const zones = wish.zones.length > 0 ? wish.zones : cluster.zones;
  const at = new Date(now).toISOString();
  return {
    id, uuid, ...(fingerprint && { fingerprint }), ...(wish.magnum && { magnum: wish.magnum }), clusterId: cluster.id, projectId: cluster.projectId, name, flavorId, imageId: cluster.imageId,
    zones, size, ...(limits && { limits }), labels, taints, disk, parallelUpgradeChunk,
    nodes: newNodes(cluster, { zones, nodes: [] }, size), phase: 'creating', revision: 0, createdAt: at, updatedAt: at,
  };
}

/** The cluster with the group's name and slots taken. */
export const withGroup = (cluster: Cluster, group: NodeGroup): Cluster => ({
  ...cluster,
  groups: { ...cluster.groups, [group.name]: group.id },
  workers: { ...cluster.workers, [group.id]: workersOf(group) },
  slots: { ...cluster.slots, ...Object.fromEntries(group.nodes.map(({ slot }) => [slot, group.id])) },
});

/** What a cluster's row tells of the group. */
export const workersOf = ({ size, flavorId, createdAt }: NodeGroup): Workers => ({ size, flavorId, createdAt });
