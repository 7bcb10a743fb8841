/** Neutron's ports. */
import { type Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { FixedIp, NetworkRow, PortRow, StandardRow } from './rows.ts';
import { asAttributes, asTexts, type Attributes, type Call, type Route } from '../service.ts';
import { isAddress, pickAddress, takeAddress, contains } from './addresses.ts';
import { badRequest, flagOf, textOf, withStandard } from './attributes.ts';
import { missingNetwork } from './networks.ts';
import { disallowed, owns, seesNetwork, seesPort, servesAll, sharedWith } from './policy.ts';
import { resourceRoutes, showStandard, type Resource } from './resource.ts';
import { defaultSecurityGroup, missingSecurityGroup } from './security-groups.ts';
import { missingSubnet } from './subnets.ts';

const MAP = withStandard({
  'network_id': 'r', 'admin_state_up': 'pu', 'mac_address': 'pu', 'device_id': 'pu', 'device_owner': 'pu',
  'fixed_ips': 'pu', 'allowed_address_pairs': 'pu', 'security_groups': 'pu', 'port_security_enabled': 'pu',
  'binding:host_id': 'pu', 'binding:vnic_type': 'pu', 'binding:profile': 'pu', 'binding:vif_type': '-',
  'binding:vif_details': '-', 'extra_dhcp_opts': 'pu', 'trunk_details': '-', 'ip_allocation': '-',
  'qos_policy_id': 'pu', 'numa_affinity_policy': 'pu', 'device_profile': 'p',
  'tags': 'p', // taken and silently dropped
});

export function portRoutes(core: Core): Route[] {
  const table = core.state.table('ports');
  const resource: Resource<PortRow> = {
    singular: 'port', plural: 'ports', counted: 'port', map: MAP, table, missing: missingPort,
    sees: (caller, row) => seesPort(core, caller, row),
    show: (row, caller) => showPort(core, row, caller),
    create: (call, given, standard) => {
      const network = requireNetwork(core, call, given);
      requireMaySet('create_port', call, network, given);
      const owner = textOf(given, 'device_owner') ?? '';
      const port = {
        ...standard, ...blankPort(core), network_id: network.id,
        mac_address: textOf(given, 'mac_address') ?? core.random.mac(),
        admin_state_up: flagOf(given, 'admin_state_up') ?? true, device_id: textOf(given, 'device_id') ?? '',
        device_owner: owner, fixed_ips: addressesIn(core, call.caller, network, given['fixed_ips']),
        port_security_enabled: flagOf(given, 'port_security_enabled') ?? network.port_security_enabled,
        vnic_type: textOf(given, 'binding:vnic_type') ?? 'normal', host_id: textOf(given, 'binding:host_id') ?? '',
      };
      port.allowed_address_pairs = pairsIn(given, port.mac_address) ?? [];
      port.security_groups = groupsIn(core, given)
        ?? (port.port_security_enabled ? [defaultSecurityGroup(core, port.project_id).id] : []);
      return table.insert(port);
    },
    update: (call, row, given) => changesOf(core, call, row, given),
    remove: (_call, row) => {
      requireNotRouters(row);
      removePort(core, row);
    },
    mayUpdate: servesAll,
    mayRemove: (caller, row) => {
      const network = core.state.table('networks').get(row.network_id);
      return servesAll(caller) || (network !== undefined && owns(caller, network));
    },
  };
  return resourceRoutes(core, resource);
}

export function missingPort(id: string): Refusal {
  return new Refusal(404, `Port ${id} could not be found.`, 'PortNotFound');
}

/** What a port starts with when nobody says otherwise. */
export function blankPort(core: Core): Omit<PortRow, 'network_id' | keyof StandardRow> {
  return {
    mac_address: core.random.mac(), admin_state_up: true, status: 'DOWN', device_id: '', device_owner: '',
    fixed_ips: [], allowed_address_pairs: [], security_groups: [], port_security_enabled: true, host_id: '',
    vnic_type: 'normal',
  };
}

/** Removes a port that no trunk holds; floating addresses let go of it. */
export function removePort(core: Core, row: PortRow): void {
  const trunk = core.state.table('trunks').find((one) => one.port_id === row.id
    || one.sub_ports.some(({ port_id }) => port_id === row.id));
  if (trunk?.port_id === row.id) {
    throw new Refusal(409, `Port ${row.id} is currently a parent port for trunk ${trunk.id}.`,
      'PortInUseAsTrunkParent');
  }
  if (trunk) {
    throw new Refusal(409, `Port ${row.id} is currently a subport for trunk ${trunk.id}.`, 'PortInUseAsSubPort');
  }
  const floating = core.state.table('floatingIps');
  for (const { id } of floating.list(({ port_id }) => port_id === row.id)) {
    floating.update(id, { port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' });
  }
  core.state.table('ports').remove(row.id);
}

/** The addresses asked for, or one out of the network's first subnet. */
export function addressesIn(core: Core, caller: Caller, network: NetworkRow, asked: unknown): FixedIp[] {
  const subnets = core.state.table('subnets').list(({ network_id }) => network_id === network.id);
  if (!Array.isArray(asked)) return subnets[0] ? [pickAddress(core, subnets[0])] : [];
  return asked.map((item) => {
    const { subnet_id: subnetId, ip_address: address } = asAttributes(item) ?? {};
    if (subnetId !== undefined) {
      const subnet = core.state.table('subnets').get(String(subnetId));
      if (!subnet) throw missingSubnet(String(subnetId));
      if (subnet.network_id !== network.id) {
        throw new Refusal(400, `Invalid input for operation: Failed to create port on network ${network.id}, because `
          + `fixed_ips included invalid subnet ${subnet.id}.`, 'InvalidInput');
      }
      return address === undefined ? pickAddress(core, subnet) : takeAddress(core, subnet, String(address));
    }
    const around = isAddress(address) ? subnets.find(({ cidr }) => contains(cidr, address)) : undefined;
    if (around) return takeAddress(core, around, String(address));
    throw new Refusal(400, `IP address ${String(address)} is not a valid IP for any of the subnets on the specified `
      + 'network.', 'InvalidIpForNetwork');
  });
}

function requireNetwork(core: Core, call: Call, given: Attributes): NetworkRow {
  const network = core.state.table('networks').get(textOf(given, 'network_id'));
  if (!network || !seesNetwork(core, call.caller, network)) throw missingNetwork(String(given['network_id']));
  if (owns(call.caller, network) || servesAll(call.caller) || sharedWith(core, call.caller.projectId, network)) return network;
  throw new Refusal(403, `Tenant ${call.caller.projectId} not allowed to create port on this network`, 'HTTPForbidden');
}

/** On a network that is only shared with the caller some attributes are the owner's and the admin's to set. */
function requireMaySet(action: string, call: Call, network: NetworkRow, given: Attributes): void {
  if (call.caller.isAdmin) return;
  if (given['binding:host_id'] !== undefined) throw disallowed(`(rule:${action} and rule:${action}:binding:host_id)`);
  if (owns(call.caller, network) || servesAll(call.caller)) return;
  const addresses = Array.isArray(given['fixed_ips']) ? given['fixed_ips'] : [];
  const fixed = addresses.some((item) => asAttributes(item)?.['ip_address'] !== undefined);
  const nested = fixed ? 'fixed_ips' : given['allowed_address_pairs'] === undefined ? undefined
    : 'allowed_address_pairs';
  const plain = ['mac_address', 'port_security_enabled'].find((key) => given[key] !== undefined);
  if (nested !== undefined) {
    throw disallowed(`(rule:${action} and (rule:${action}:${nested} and (rule:${action}:${nested}:ip_address)))`);
  }
  if (plain !== undefined) throw disallowed(`(rule:${action} and rule:${action}:${plain})`);
}

function changesOf(core: Core, call: Call, row: PortRow, given: Attributes): Partial<PortRow> {
  const network = core.state.table('networks').get(row.network_id);
  if (!network) throw missingNetwork(row.network_id);
  requireMaySet('update_port', call, network, given);
  const patch: Partial<PortRow> = {};
  if (given['fixed_ips'] !== undefined) patch.fixed_ips = movedAddresses(core, call.caller, network, row, given);
  const secured = flagOf(given, 'port_security_enabled');
  if (secured !== undefined) patch.port_security_enabled = secured;
  const groups = groupsIn(core, given);
  if (groups) patch.security_groups = groups;
  const pairs = pairsIn(given, row.mac_address);
  if (pairs) patch.allowed_address_pairs = pairs;
  return {
    ...patch, admin_state_up: flagOf(given, 'admin_state_up') ?? row.admin_state_up,
    device_id: textOf(given, 'device_id') ?? row.device_id,
    device_owner: textOf(given, 'device_owner') ?? row.device_owner,
    mac_address: textOf(given, 'mac_address') ?? row.mac_address,
    host_id: textOf(given, 'binding:host_id') ?? row.host_id,
  };
}

/** The new addresses; those the port has already are its own to keep. */
function movedAddresses(
  core: Core, caller: Caller, network: NetworkRow, row: PortRow, given: Attributes,
): FixedIp[] {
  const asked = Array.isArray(given['fixed_ips']) ? given['fixed_ips'] : [];
  return asked.map((item) => {
    const wanted = asAttributes(item);
    const kept = row.fixed_ips.find((one) => wanted?.['ip_address'] === one.ip_address
      && (wanted['subnet_id'] ?? one.subnet_id) === one.subnet_id);
    if (kept) return kept;
    const [fresh] = addressesIn(core, caller, network, [item]);
    if (!fresh) throw badRequest('Invalid input for fixed_ips.');
    return fresh;
  });
}

function groupsIn(core: Core, given: Attributes): string[] | undefined {
  const ids = asTexts(given['security_groups']);
  const unknown = ids?.find((id) => !core.state.table('securityGroups').get(id));
  if (unknown !== undefined) throw missingSecurityGroup(unknown);
  return ids;
}

function pairsIn(given: Attributes, mac: string): PortRow['allowed_address_pairs'] | undefined {
  if (!Array.isArray(given['allowed_address_pairs'])) return undefined;
  return given['allowed_address_pairs'].map((item) => {
    const { ip_address, mac_address } = asAttributes(item) ?? {};
    if (typeof ip_address !== 'string') throw badRequest('Invalid input for allowed_address_pairs. Reason: '
      + 'AllowedAddressPair must contain ip_address.');
    return { ip_address, mac_address: typeof mac_address === 'string' ? mac_address : mac };
  });
}

/** Ports that routers and floating addresses live by go with them. */
function requireNotRouters(row: PortRow): void {
  if (!/^network:(router_interface|router_gateway|floatingip)$/.test(row.device_owner)) return;
  throw new Refusal(409, `Port ${row.id} cannot be deleted directly via the port API: has device owner `
    + `${row.device_owner}.`, 'ServicePortInUse');
}

function showPort(core: Core, row: PortRow, caller: Caller): Attributes {
  const trunk = core.state.table('trunks').find(({ port_id }) => port_id === row.id);
  return {
    ...showStandard(row), 'network_id': row.network_id, 'mac_address': row.mac_address,
    'admin_state_up': row.admin_state_up, 'status': row.status, 'device_id': row.device_id,
    'device_owner': row.device_owner, 'fixed_ips': row.fixed_ips, 'security_groups': row.security_groups,
    'allowed_address_pairs': row.allowed_address_pairs, 'extra_dhcp_opts': [], 'binding:vnic_type': row.vnic_type,
    'port_security_enabled': row.port_security_enabled, 'ip_allocation': 'immediate',
    ...(caller.isAdmin && {
      'binding:host_id': row.host_id, 'binding:profile': {},
      'binding:vif_type': row.host_id ? 'ovs' : 'unbound',
      'binding:vif_details': row.host_id ? { port_filter: true } : {},
    }),
    ...(trunk && {
      trunk_details: {
        trunk_id: trunk.id,
        sub_ports: trunk.sub_ports.map((sub) => ({
          ...sub, mac_address: core.state.table('ports').get(sub.port_id)?.mac_address,
        })),
      },
    }),
  };
}
