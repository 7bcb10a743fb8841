/** What must hold of a cluster by itself, without asking any cloud. */
import { overlap, slotsIn } from '../cluster/addresses.ts';
import type { Settings } from '../platform/settings.ts';
import { nodeGroupProblems } from './node-group-rules.ts';
import { unless, type Problem } from './problem.ts';
import type { ClusterPaths, ClusterWish } from './wish.ts';

const mastersOf = { zonal: [1, 3, 5], regional: [3, 5] };
const regionalZones = 3;

export function clusterProblems(wish: ClusterWish, paths: ClusterPaths, settings: Settings): Problem[] {
  const { api, groups, zones, externalNetworkId } = wish;
  const names = groups.map(({ name }) => name);
  return [
    ...topologyProblems(wish, paths),
    ...unless(!api.public || externalNetworkId !== undefined, paths.externalNetwork, 'required',
      'is needed for a public address'),
    ...unless(api.public || api.subnetId !== undefined, paths.apiSubnet, 'api_unreachable',
      'is needed when the Kubernetes API has no public address'),
    ...allowListProblems(api, paths.allowedCidrs),
    ...addressProblems(wish, paths, settings),
    ...groups.flatMap((group, index) => [
      ...nodeGroupProblems(group, paths.groups(index), zones),
      ...unless(names.indexOf(group.name) === index, paths.groups(index).name, 'name_taken',
        'is the name of another of these node groups'),
    ]),
    ...workersProblems(groups.reduce((sum, { size }) => sum + size, 0), paths.groups(0).size, settings),
  ];
}

function topologyProblems({ regional, zones, masters: { count } }: ClusterWish, paths: ClusterPaths): Problem[] {
  const allowed = regional ? mastersOf.regional : mastersOf.zonal;
  return [
    ...unless(allowed.includes(count), paths.masterCount, 'not_allowed',
      `must be one of ${allowed.join(', ')} for a ${regional ? 'regional' : 'zonal'} cluster`),
    ...unless(!regional || zones.length === regionalZones, paths.zones, 'zone_count',
      `must name exactly ${regionalZones} zones`),
    ...unless(new Set(zones).size === zones.length, paths.zones, 'duplicate_zone', 'must name each zone once'),
  ];
}

/** Nothing that a node can reach may have the address of something else. */
function addressProblems({ podsCidr }: ClusterWish, paths: ClusterPaths, settings: Settings): Problem[] {
  const { serviceCidr, serviceSubnetCidr } = settings;
  const bits = Number(podsCidr.split('/')[1]);
  return [
    ...unless(!overlap(podsCidr, serviceCidr), paths.pods, 'addresses_overlap',
      `overlaps with the addresses of Services, ${serviceCidr}`),
    ...unless(!overlap(podsCidr, serviceSubnetCidr), paths.pods, 'addresses_overlap',
      `overlaps with the service network, ${serviceSubnetCidr}`),
    ...unless(bits <= 24, paths.pods, 'addresses_too_few', 'must be a /24 or larger'),
  ];
}

/** Who may reach the public address of the Kubernetes API. */
export const allowListProblems = (api: Omit<ClusterWish['api'], 'subnetId'>, path: string): Problem[] => [
  ...unless(api.public || api.allowedCidrs.length === 0, path, 'api_not_public',
    'limits the public address, and there is none'),
  ...api.allowedCidrs.flatMap((cidr, index) =>
    unless(isBlock(cidr), `${path}[${index}]`, 'invalid_format', `${cidr} has bits set beyond its prefix`)),
];

/** Whether the address is the first of its block. */
function isBlock(cidr: string): boolean {
  const [address = '', bits] = cidr.split('/');
  const value = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return value % 2 ** (32 - Number(bits)) === 0;
}

/** The service network's address plan has a place for each. */
export function workersProblems(count: number, path: string, { serviceSubnetCidr }: Settings): Problem[] {
  const most = slotsIn(serviceSubnetCidr);
  return unless(count <= most, path, 'too_many_nodes',
    `a cluster can have ${most} nodes at most, this would be ${count}`);
}
