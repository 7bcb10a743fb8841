/** Neutron's networks. */
import type { Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { NetworkRow } from './rows.ts';
import { asTexts, type Attributes, type Call, type Route } from '../service.ts';
import { flagOf, withStandard } from './attributes.ts';
import { disallowed, owns, seesNetwork, sharedWith } from './policy.ts';
import { resourceRoutes, showStandard, type Resource } from './resource.ts';

const MAP = withStandard({
  'admin_state_up': 'pu', 'mtu': 'pu', 'shared': 'pu', 'router:external': 'pu', 'port_security_enabled': 'pu',
  'availability_zone_hints': 'p', 'availability_zones': '-', 'subnets': '-', 'dns_domain': 'pu', 'is_default': 'pu',
  'provider:network_type': 'pu', 'provider:physical_network': 'pu', 'provider:segmentation_id': 'pu',
});
const ADMIN_ONLY = ['shared', 'router:external', 'is_default', 'provider:network_type', 'provider:physical_network',
  'provider:segmentation_id'];

export function networkRoutes(core: Core): Route[] {
  return resourceRoutes(core, networks(core));
}

export function missingNetwork(id: string): Refusal {
  return new Refusal(404, `Network ${id} could not be found.`, 'NetworkNotFound');
}

function networks(core: Core): Resource<NetworkRow> {
  const table = core.state.table('networks');
  return {
    singular: 'network', plural: 'networks', counted: 'network', map: MAP, table, missing: missingNetwork,
    sees: (caller, row) => seesNetwork(core, caller, row),
    show: (row, caller) => show(core, row, caller),
    create: (call, given, standard) => {
      requireMay('create_network', call, given);
      const external = flagOf(given, 'router:external') ?? false;
      return table.insert({
        ...standard, admin_state_up: flagOf(given, 'admin_state_up') ?? true, status: 'ACTIVE',
        mtu: typeof given['mtu'] === 'number' && given['mtu'] > 0 ? given['mtu'] : 1450,
        shared: flagOf(given, 'shared') ?? false, external,
        port_security_enabled: flagOf(given, 'port_security_enabled') ?? true,
        availability_zone_hints: asTexts(given['availability_zone_hints']) ?? [],
        segmentation_id: external ? null : core.random.between(1, 65_535),
      });
    },
    update: (call, row, given) => {
      requireMay('update_network', call, given);
      return {
        admin_state_up: flagOf(given, 'admin_state_up') ?? row.admin_state_up,
        shared: flagOf(given, 'shared') ?? row.shared,
        external: flagOf(given, 'router:external') ?? row.external,
        port_security_enabled: flagOf(given, 'port_security_enabled') ?? row.port_security_enabled,
        mtu: typeof given['mtu'] === 'number' ? given['mtu'] : row.mtu,
      };
    },
    remove: (_call, row) => remove(core, row),
  };
}

function remove(core: Core, row: NetworkRow): void {
  const ports = core.state.table('ports').list((port) => port.network_id === row.id);
  if (ports.length > 0) {
    const ids = ports.map(({ id }) => id).join(',');
    throw new Refusal(409,
      `Unable to complete operation on network ${row.id}. There are one or more ports still in use `
      + `on the network, id for these ports is: ${ids}.`, 'NetworkInUse');
  }
  const subnets = core.state.table('subnets');
  for (const subnet of subnets.list(({ network_id }) => network_id === row.id)) subnets.remove(subnet.id);
  const policies = core.state.table('rbacPolicies');
  for (const policy of policies.list(({ object_id }) => object_id === row.id)) policies.remove(policy.id);
  core.state.table('networks').remove(row.id);
}

function requireMay(action: string, call: Call, given: Attributes): void {
  const wrong = ADMIN_ONLY.find((key) => given[key] !== undefined && given[key] !== false);
  if (wrong !== undefined && !call.caller.isAdmin) {
    throw disallowed(`(rule:${action} and rule:${action}:${wrong})`);
  }
}

function show(core: Core, row: NetworkRow, caller: Caller): Attributes {
  const subnets = core.state.table('subnets').list(({ network_id }) => network_id === row.id).map(({ id }) => id);
  return {
    ...showStandard(row), 'admin_state_up': row.admin_state_up, 'mtu': row.mtu, 'status': row.status, subnets,
    'shared': row.shared || (!owns(caller, row) && sharedWith(core, caller.projectId, row)),
    'router:external': row.external, 'port_security_enabled': row.port_security_enabled,
    'availability_zone_hints': row.availability_zone_hints, 'availability_zones': [], 'l2_adjacency': true,
    'ipv4_address_scope': null, 'ipv6_address_scope': null, ...(row.external && { is_default: false }),
    ...(caller.isAdmin && {
      'provider:network_type': row.external ? 'flat' : 'vxlan',
      'provider:physical_network': row.external ? 'public' : null, 'provider:segmentation_id': row.segmentation_id,
    }),
  };
}
