/** What must hold of a wish in the cloud as the user sees it. */
import { isSupported } from '../kubernetes/images.ts';
import ipaddr from 'ipaddr.js';
import { overlap } from '../cluster/addresses.ts';
import type { Settings } from '../platform/settings.ts';
import type { CloudFacts } from './cloud-facts.ts';
import { unless, type Problem } from './problem.ts';
import type { ClusterPaths, ClusterWish, NodeGroupPaths, NodeGroupWish } from './wish.ts';

/** With less the control plane does not come up; see kubeadm's own checks. */
const masterRamMiB = 1_700;

export function cloudProblems(
  wish: ClusterWish, paths: ClusterPaths, facts: CloudFacts, settings: Settings,
): Problem[] {
  const { masters, groups, version, zones } = wish;
  const master = facts.flavors.get(masters.flavorId);
  return [
    ...unless(facts.image !== undefined && isSupported(version), paths.version, 'version_unknown',
      `Kubernetes ${version} is not offered`),
    ...flavorProblems(masters.flavorId, paths.masterFlavor, facts),
    ...unless(!master || master.ram >= masterRamMiB, paths.masterFlavor, 'flavor_too_small',
      `has ${master?.ram} MiB of memory; masters need ${masterRamMiB}`),
    ...zones.flatMap((zone) => unless(facts.zones.has(zone), paths.zones, 'zone_unknown', `there is no zone ${zone}`)),
    ...networkProblems(wish, paths, facts, settings),
    ...groups.flatMap((group, index) => groupCloudProblems(group, paths.groups(index), facts, settings)),
  ];
}

export function groupCloudProblems(
  { flavorId, disk }: NodeGroupWish, paths: NodeGroupPaths, facts: CloudFacts, settings: Settings,
): Problem[] {
  const { image } = facts;
  const isType = disk.type === '' || disk.type === settings.volumeType || facts.volumeTypes.has(disk.type);
  return [
    ...flavorProblems(flavorId, paths.flavor, facts),
    ...unless(isType, paths.diskType, 'volume_type_unknown', `there is no volume type ${disk.type}`),
    ...unless(!image || disk.size >= image.min_disk, paths.diskSize, 'disk_too_small',
      `is ${disk.size} GiB; the image needs ${image?.min_disk}`),
  ];
}

const flavorProblems = (id: string, path: string, { flavors }: CloudFacts): Problem[] =>
  unless(flavors.has(id), path, 'flavor_unknown', `there is no flavor ${id} that this project can use`);

function networkProblems(wish: ClusterWish, paths: ClusterPaths, facts: CloudFacts, settings: Settings): Problem[] {
  const { networkId, externalNetworkId, api } = wish;
  const network = facts.networks.get(networkId);
  const isOutside = externalNetworkId === undefined
    || facts.networks.get(externalNetworkId)?.['router:external'] === true;
  const hasApiSubnet = api.subnetId === undefined || facts.subnets.has(api.subnetId);
  return [
    ...unless(network !== undefined, paths.network, 'network_unknown',
      `there is no network ${networkId} in this project`),
    ...unless(!network?.['router:external'], paths.network, 'network_external',
      'is an external network: nodes need one of the project\'s own'),
    ...unless(isOutside, paths.externalNetwork, 'external_network_unknown',
      `there is no external network ${externalNetworkId}`),
    ...subnetProblems(wish, paths, facts, settings),
    ...unless(hasApiSubnet, paths.apiSubnet, 'subnet_unknown', `there is no subnet ${api.subnetId} in this project`),
    ...rangeProblems(api.subnetId === wish.subnetId ? undefined : api.subnetId, paths.apiSubnet, wish, facts, settings),
  ];
}

function subnetProblems(wish: ClusterWish, paths: ClusterPaths, facts: CloudFacts, settings: Settings): Problem[] {
  const { subnetId, networkId, groups } = wish;
  const subnet = facts.subnets.get(subnetId);
  if (!subnet) return unless(false, paths.subnet, 'subnet_unknown', `there is no subnet ${subnetId} in this project`);
  const room = subnet.allocation_pools.reduce((sum, { start, end }) => sum + sizeOf(start, end), 0);
  const nodes = groups.reduce((sum, { size }) => sum + size, 0);
  return [
    ...unless(subnet.network_id === networkId, paths.subnet, 'subnet_elsewhere', 'is not of the given network'),
    ...unless(subnet.ip_version === 4, paths.subnet, 'subnet_not_ipv4', 'must have IPv4 addresses'),
    ...unless(subnet.gateway_ip !== null, paths.subnet, 'subnet_without_gateway',
      'must have a gateway: nodes fetch their images through it'),
    ...unless(nodes <= room || subnet.ip_version !== 4, paths.subnet, 'subnet_too_small',
      `has ${room} addresses for ${nodes} nodes`),
    ...rangeProblems(subnetId, paths.subnet, wish, facts, settings),
  ];
}

/** A subnet that nodes reach must not have addresses that mean something else to them. */
function rangeProblems(
  id: string | undefined, path: string, { podsCidr }: ClusterWish, { subnets }: CloudFacts, settings: Settings,
): Problem[] {
  const subnet = id === undefined ? undefined : subnets.get(id);
  if (subnet?.ip_version !== 4) return [];
  const taken = {
    'the pods\' addresses': podsCidr, 'the addresses of Services': settings.serviceCidr,
    'the service network': settings.serviceSubnetCidr,
  };
  return Object.entries(taken).flatMap(([what, cidr]) =>
    unless(!overlap(subnet.cidr, cidr), path, 'addresses_overlap', `(${subnet.cidr}) overlaps with ${what}, ${cidr}`));
}

const sizeOf = (start: string, end: string): number => valueOf(end) - valueOf(start) + 1;
const valueOf = (address: string): number =>
  ipaddr.isValid(address) ? ipaddr.parse(address).toByteArray().reduce((sum, octet) => sum * 256 + octet, 0) : 0;
