/** Neutron's floating addresses. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { FloatingIpRow, NetworkRow, PortRow } from './rows.ts';
import type { Attributes, Call, Route } from '../service.ts';
import { pickAddress, takeAddress } from './addresses.ts';
import { textOf, withStandard } from './attributes.ts';
import { missingNetwork } from './networks.ts';
import { owns, seesNetwork, seesPort, servesAll } from './policy.ts';
import { blankPort, missingPort } from './ports.ts';
import { newStandard, resourceRoutes, showStandard, type Resource } from './resource.ts';
import { interfacesOf } from './routers.ts';

const MAP = withStandard({
  floating_network_id: 'r', floating_ip_address: 'p', subnet_id: 'p', port_id: 'pu', fixed_ip_address: 'pu',
  router_id: '-', port_details: '-', dns_name: 'p', dns_domain: 'p', qos_policy_id: 'pu', name: '-',
});

type Association = Pick<FloatingIpRow, 'port_id' | 'fixed_ip_address' | 'router_id' | 'status'>;
const FREE: Association = { port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' };

export function floatingIpRoutes(core: Core): Route[] {
  const table = core.state.table('floatingIps');
  const resource: Resource<FloatingIpRow> = {
    singular: 'floatingip', plural: 'floatingips', counted: 'floatingip', map: MAP, table,
    missing: (id) => new Refusal(404, `Floating IP ${id} could not be found`, 'FloatingIPNotFound'),
    sees: (caller, row) => owns(caller, row) || servesAll(caller),
    mayRemove: servesAll,
    show: (row) => show(core, row),
    create: (call, given, standard) => {
      const network = requireExternal(core, call, given);
      const address = claim(core, call, network, standard.id, textOf(given, 'floating_ip_address'));
      const row = {
        ...standard, revision_number: 0, ...FREE, floating_network_id: network.id, floating_ip_address: address,
      };
      return table.insert({ ...row, ...associate(core, call, row, given) });
    },
    update: (call, row, given) => given['port_id'] === undefined ? {} : associate(core, call, row, given),
    remove: (_call, row) => {
      const ports = core.state.table('ports');
      for (const port of ports.list(({ device_id }) => device_id === row.id)) ports.remove(port.id);
      table.remove(row.id);
    },
  };
  return resourceRoutes(core, resource);
}

function requireExternal(core: Core, call: Call, given: Attributes): NetworkRow {
  const id = textOf(given, 'floating_network_id');
  const network = core.state.table('networks').get(id);
  if (!network || !seesNetwork(core, call.caller, network)) throw missingNetwork(String(id));
  if (network.external) return network;
  throw new Refusal(400, `Bad floatingip request: Network ${network.id} is not a valid external network.`,
    'BadRequest');
}

/** Takes an address of the external network, held by a port that belongs to nobody. */
function claim(core: Core, call: Call, network: NetworkRow, id: string, asked: string | undefined): string {
  if (asked !== undefined && !call.caller.isAdmin && !servesAll(call.caller)) {
    throw new Refusal(403, '(rule:create_floatingip and rule:create_floatingip:floating_ip_address) is disallowed by '
      + 'policy', 'PolicyNotAuthorized');
  }
  const subnets = core.state.table('subnets').list(({ network_id }) => network_id === network.id);
  const subnet = subnets[0];
  if (!subnet) {
    throw new Refusal(400, `Bad floatingip request: Network ${network.id} does not contain any IPv4 subnet.`,
      'BadRequest');
  }
  const fixed = asked === undefined ? pickAddress(core, subnet) : takeAddress(core, subnet, asked);
  core.state.table('ports').insert({
    ...newStandard(core, ''), ...blankPort(core), network_id: network.id, device_id: id,
    device_owner: 'network:floatingip', status: 'N/A', fixed_ips: [fixed], port_security_enabled: false,
  });
  return fixed.ip_address;
}

/** What ties the address to the port asked for; refused where no router leads from one to the other. */
function associate(core: Core, call: Call, row: FloatingIpRow, given: Attributes): Association {
  const portId = textOf(given, 'port_id');
  if (portId === undefined) return FREE;
  const port = core.state.table('ports').get(portId);
  if (!port || !seesPort(core, call.caller, port)) throw missingPort(portId);
  const asked = textOf(given, 'fixed_ip_address');
  const fixed = port.fixed_ips.find(({ ip_address }) => (asked ?? ip_address) === ip_address);
  if (!fixed) {
    throw new Refusal(400, `Bad floatingip request: Cannot add floating IP to port ${portId} that has no fixed IPv4 `
      + 'addresses.', 'BadRequest');
  }
  requireFree(core, row, port, fixed.ip_address);
  const routerId = routerBetween(core, fixed.subnet_id, row.floating_network_id);
  if (routerId === undefined) {
    throw new Refusal(404,
      `External network ${row.floating_network_id} is not reachable from subnet ${fixed.subnet_id}. `
      + ` Therefore, cannot associate Port ${portId} with a Floating IP.`, 'ExternalGatewayForFloatingIPNotFound');
  }
  return { port_id: portId, fixed_ip_address: fixed.ip_address, router_id: routerId, status: 'ACTIVE' };
}

function requireFree(core: Core, row: FloatingIpRow, port: PortRow, address: string): void {
  const other = core.state.table('floatingIps').find((one) => one.id !== row.id && one.port_id === port.id
    && one.fixed_ip_address === address && one.floating_network_id === row.floating_network_id);
  if (!other) return;
  throw new Refusal(409,
    `Cannot associate floating IP ${row.floating_ip_address} (${row.id}) with port ${port.id} using `
    + `fixed IP ${address}, as that fixed IP already has a floating IP on external network ${row.floating_network_id}.`,
  'FloatingIPPortAlreadyAssociated');
}

function routerBetween(core: Core, subnetId: string, networkId: string): string | undefined {
  return core.state.table('routers').find((router) => router.external_gateway_info?.network_id === networkId
    && interfacesOf(core, router.id).some(({ fixed_ips }) => fixed_ips.some((one) => one.subnet_id === subnetId)))?.id;
}

function show(core: Core, row: FloatingIpRow): Attributes {
  const { name: _name, ...standard } = showStandard(row);
  const port = core.state.table('ports').get(row.port_id);
  return {
    ...standard, floating_network_id: row.floating_network_id, floating_ip_address: row.floating_ip_address,
    port_id: row.port_id, fixed_ip_address: row.fixed_ip_address, router_id: row.router_id, status: row.status,
    port_details: port ? {
      name: port.name, network_id: port.network_id, mac_address: port.mac_address, admin_state_up: port.admin_state_up,
      status: port.status, device_id: port.device_id, device_owner: port.device_owner,
    } : null,
  };
}
