/** Neutron's subnets (IPv4). */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { NetworkRow, Pool, SubnetRow } from './rows.ts';
import { asAttributes, asTexts, type Attributes, type Call, type Route } from '../service.ts';
import { contains, isAddress, rangeOf, toAddress, toNumber } from './addresses.ts';
import { badRequest, flagOf, invalidInput, textOf, withStandard } from './attributes.ts';
import { missingNetwork } from './networks.ts';
import { owns, seesNetwork, seesSubnet } from './policy.ts';
import { resourceRoutes, showStandard, type Resource } from './resource.ts';

const MAP = withStandard({
  network_id: 'r', ip_version: 'r', cidr: 'p', gateway_ip: 'pu', allocation_pools: 'pu', dns_nameservers: 'pu',
  host_routes: 'pu', enable_dhcp: 'pu', subnetpool_id: 'p', prefixlen: 'p', ipv6_ra_mode: 'p', ipv6_address_mode: 'p',
  service_types: 'pu', segment_id: 'pu',
});

export function subnetRoutes(core: Core): Route[] {
  const table = core.state.table('subnets');
  const resource: Resource<SubnetRow> = {
    singular: 'subnet', plural: 'subnets', counted: 'subnet', map: MAP, table, missing: missingSubnet,
    sees: (caller, row) => seesSubnet(core, caller, row),
    show: (row, caller) => ({
      ...showStandard(row), network_id: row.network_id, ip_version: row.ip_version, cidr: row.cidr,
      gateway_ip: row.gateway_ip, allocation_pools: row.allocation_pools, dns_nameservers: row.dns_nameservers,
      host_routes: row.host_routes, enable_dhcp: row.enable_dhcp, subnetpool_id: null, ipv6_ra_mode: null,
      ipv6_address_mode: null, service_types: [], ...(caller.isAdmin && { segment_id: null }),
    }),
    create: (call, given, standard) => {
      const network = requireOwnNetwork(core, call, given);
      const cidr = requireCidr(core, network, given);
      const gateway = given['gateway_ip'] === null ? null : textOf(given, 'gateway_ip') ?? firstOf(cidr);
      return table.insert({
        ...standard, revision_number: 0, network_id: network.id, ip_version: 4, cidr, gateway_ip: gateway,
        allocation_pools: poolsIn(given, cidr) ?? defaultPools(cidr, gateway),
        dns_nameservers: asTexts(given['dns_nameservers']) ?? [], host_routes: routesIn(given) ?? [],
        enable_dhcp: flagOf(given, 'enable_dhcp') ?? true,
      });
    },
    update: (_call, row, given) => ({
      gateway_ip: given['gateway_ip'] === null ? null : textOf(given, 'gateway_ip') ?? row.gateway_ip,
      allocation_pools: poolsIn(given, row.cidr) ?? row.allocation_pools,
      dns_nameservers: asTexts(given['dns_nameservers']) ?? row.dns_nameservers,
      host_routes: routesIn(given) ?? row.host_routes, enable_dhcp: flagOf(given, 'enable_dhcp') ?? row.enable_dhcp,
    }),
    remove: (_call, row) => {
      if (core.state.table('ports').find((port) => port.fixed_ips.some(({ subnet_id }) => subnet_id === row.id))) {
        throw new Refusal(409, `Unable to complete operation on subnet ${row.id}: One or more ports have an IP `
          + 'allocation from this subnet.', 'SubnetInUse');
      }
      table.remove(row.id);
    },
  };
  return resourceRoutes(core, resource);
}

export function missingSubnet(id: string): Refusal {
  return new Refusal(404, `Subnet ${id} could not be found.`, 'SubnetNotFound');
}

function requireOwnNetwork(core: Core, call: Call, given: Attributes): NetworkRow {
  const network = core.state.table('networks').get(textOf(given, 'network_id'));
  if (!network || !seesNetwork(core, call.caller, network)) throw missingNetwork(String(given['network_id']));
  if (owns(call.caller, network)) return network;
  throw new Refusal(403, `Tenant ${call.caller.projectId} not allowed to create subnet on this network`,
    'HTTPForbidden');
}

function requireCidr(core: Core, network: NetworkRow, given: Attributes): string {
  if (given['ip_version'] !== 4
    && given['ip_version'] !== '4') throw badRequest('Invalid input for ip_version. Reason: '
    + `'${String(given['ip_version'])}' is not in [4]: this cloud has no IPv6.`);
  const cidr = textOf(given, 'cidr');
  if (cidr === undefined) throw badRequest(
    'Bad subnets request: a subnetpool must be specified in the absence of a cidr.');
  const range = rangeOf(cidr);
  if (!range) throw invalidInput(`${cidr} is not in a CIDR format.`);
  const clash = core.state.table('subnets').find((other) => {
    const taken = other.network_id === network.id ? rangeOf(other.cidr) : undefined;
    return taken !== undefined && taken.first <= range.last && range.first <= taken.last;
  });
  if (clash) {
    throw invalidInput(`Requested subnet with cidr: ${cidr} for network: ${network.id} overlaps with another subnet.`);
  }
  return `${toAddress(range.first)}/${cidr.split('/')[1]}`;
}

function firstOf(cidr: string): string {
  return toAddress((rangeOf(cidr)?.first ?? 0) + 1);
}

/** Everything but network, broadcast and gateway address. */
function defaultPools(cidr: string, gateway: string | null): Pool[] {
  const { first, last } = rangeOf(cidr) ?? { first: 0, last: 0 };
  const [low, high] = [first + 1, last - 1];
  const hole = gateway !== null && contains(cidr, gateway) ? toNumber(gateway) : low - 1;
  const pools = hole < low ? [[low, high]] : [[low, hole - 1], [hole + 1, high]];
  return pools.filter(([start = 0, end = 0]) => start <= end)
    .map(([start = 0, end = 0]) => ({ start: toAddress(start), end: toAddress(end) }));
}

function poolsIn(given: Attributes, cidr: string): Pool[] | undefined {
  if (!Array.isArray(given['allocation_pools'])) return undefined;
  return given['allocation_pools'].map((item) => {
    const { start, end } = asAttributes(item) ?? {};
    if (!isAddress(start) || !isAddress(end)) throw invalidInput('Invalid data format for IP pool.');
    if (contains(cidr, start) && contains(cidr, end)) return { start, end };
    throw new Refusal(400, `The allocation pool ${start}-${end} spans beyond the subnet cidr ${cidr}.`,
      'OutOfBoundsAllocationPool');
  });
}

function routesIn(given: Attributes): SubnetRow['host_routes'] | undefined {
  if (!Array.isArray(given['host_routes'])) return undefined;
  return given['host_routes'].map((item) => {
    const { destination, nexthop } = asAttributes(item) ?? {};
    return { destination: String(destination), nexthop: String(nexthop) };
  });
}
