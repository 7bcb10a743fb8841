/** Neutron's routers, their gateways and their interfaces. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { FixedIp, PortRow, RouterRow, SubnetRow } from './rows.ts';
import { asAttributes, asTexts, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { pickAddress, takeAddress } from './addresses.ts';
import { flagOf, textOf, withStandard } from './attributes.ts';
import { missingNetwork } from './networks.ts';
import { disallowed, owns, seesNetwork, seesPort, seesSubnet } from './policy.ts';
import { blankPort, missingPort, removePort } from './ports.ts';
import { newStandard, requireSeen, resourceRoutes, showStandard, touch, type Resource } from './resource.ts';
import { missingSubnet } from './subnets.ts';

const MAP = withStandard({
  admin_state_up: 'pu', external_gateway_info: 'pu', routes: 'pu', availability_zone_hints: 'p', distributed: 'pu',
  ha: 'pu', flavor_id: 'p', availability_zones: '-',
});

type Gateway = NonNullable<RouterRow['external_gateway_info']>;

export function routerRoutes(core: Core): Route[] {
  const table = core.state.table('routers');
  const resource: Resource<RouterRow> = {
    singular: 'router', plural: 'routers', counted: 'router', map: MAP, table,
    missing: (id) => new Refusal(404, `Router ${id} could not be found`, 'RouterNotFound'),
    sees: owns, show,
    create: (call, given, standard) => {
      const router = table.insert({
        ...standard, admin_state_up: flagOf(given, 'admin_state_up') ?? true, external_gateway_info: null, routes: [],
        availability_zone_hints: asTexts(given['availability_zone_hints']) ?? [],
      });
      const gateway = setGateway(core, call, router, given['external_gateway_info']);
      return table.update(router.id, { external_gateway_info: gateway }) ?? router;
    },
    update: (call, row, given) => ({
      admin_state_up: flagOf(given, 'admin_state_up') ?? row.admin_state_up,
      ...(given['external_gateway_info'] !== undefined && {
        external_gateway_info: setGateway(core, call, row, given['external_gateway_info']),
      }),
      ...(Array.isArray(given['routes']) && { routes: given['routes'] as RouterRow['routes'] }),
    }),
    remove: (_call, row) => {
      const ids = interfacesOf(core, row.id).map(({ id }) => id);
      if (ids.length > 0) {
        throw new Refusal(409, `Router ${row.id} has ports still attached: ${ids.join(', ')}`, 'RouterInUse');
      }
      dropGateway(core, row);
      table.remove(row.id);
    },
  };
  return [
    route('PUT', '/v2.0/routers/{id}/add_router_interface', (call) => addInterface(core, resource, call)),
    route('PUT', '/v2.0/routers/{id}/remove_router_interface', (call) => removeInterface(core, resource, call)),
    ...resourceRoutes(core, resource),
  ];
}

export function interfacesOf(core: Core, routerId: string): PortRow[] {
  return core.state.table('ports').list(({ device_id, device_owner }) => device_id === routerId
    && device_owner === 'network:router_interface');
}

/** Gives the router this gateway, or none; returns what it has then. */
function setGateway(core: Core, call: Call, router: RouterRow, asked: unknown): Gateway | null {
  const info = asAttributes(asked);
  const networkId = info ? textOf(info, 'network_id') : undefined;
  const old = router.external_gateway_info;
  if (old && old.network_id === networkId) return old;
  if (old && floatingBehind(core, router.id)) {
    throw new Refusal(409, `Gateway cannot be updated for router ${router.id}, since a gateway to external network `
      + `${old.network_id} is required by one or more floating IPs.`, 'RouterExternalGatewayInUseByFloatingIp');
  }
  dropGateway(core, router);
  if (networkId === undefined) return null;
  const network = core.state.table('networks').get(networkId);
  if (!network || !seesNetwork(core, call.caller, network)) throw missingNetwork(networkId);
  if (!network.external) throw badRouter(`Network ${networkId} is not an external network.`);
  const subnet = core.state.table('subnets').find(({ network_id }) => network_id === networkId);
  const fixedIps = subnet ? [pickAddress(core, subnet)] : [];
  insertPort(core, router, networkId, '', 'network:router_gateway', fixedIps);
  return { network_id: networkId, external_fixed_ips: fixedIps, enable_snat: true };
}

function dropGateway(core: Core, router: RouterRow): void {
  const ports = core.state.table('ports');
  const gateway = ports.find(({ device_id, device_owner }) => device_id === router.id
    && device_owner === 'network:router_gateway');
  if (gateway) ports.remove(gateway.id);
}

function floatingBehind(core: Core, routerId: string): boolean {
  return core.state.table('floatingIps').find(({ router_id }) => router_id === routerId) !== undefined;
}

function addInterface(core: Core, resource: Resource<RouterRow>, call: Call): Reply {
  const router = requireOwn(resource, call);
  const { subnet_id: subnetId, port_id: portId } = asAttributes(call.body) ?? {};
  if (subnetId !== undefined && portId !== undefined) throw badRouter('Cannot specify both subnet-id and port-id.');
  if (subnetId === undefined && portId === undefined) throw badRouter('Either subnet_id or port_id must be specified.');
  const port = portId === undefined ? newInterface(core, call, router, String(subnetId))
    : adopted(core, call, router, String(portId));
  touch(resource, router, {});
  return interfaceReply(router, port);
}

function newInterface(core: Core, call: Call, router: RouterRow, subnetId: string): PortRow {
  const subnet = core.state.table('subnets').get(subnetId);
  if (!subnet || !seesSubnet(core, call.caller, subnet)) throw missingSubnet(subnetId);
  requireFree(core, router, subnet);
  if (subnet.gateway_ip === null) throw badRouter('Subnet for router interface must have a gateway IP.');
  const fixed = takeAddress(core, subnet, subnet.gateway_ip);
  return insertPort(core, router, subnet.network_id, router.project_id, 'network:router_interface', [fixed]);
}

function adopted(core: Core, call: Call, router: RouterRow, portId: string): PortRow {
  const port = core.state.table('ports').get(portId);
  if (!port || !seesPort(core, call.caller, port)) throw missingPort(portId);
  if (port.device_id !== '') {
    throw new Refusal(409,
      `Unable to complete operation on port ${portId} for network ${port.network_id}. Port already `
      + `has an attached device ${port.device_id}.`, 'PortInUse');
  }
  for (const { subnet_id } of port.fixed_ips) {
    const subnet = core.state.table('subnets').get(subnet_id);
    if (subnet) requireFree(core, router, subnet);
  }
  const patch = { device_id: router.id, device_owner: 'network:router_interface', status: 'ACTIVE' };
  return core.state.table('ports').update(portId, patch) ?? port;
}

function requireFree(core: Core, router: RouterRow, subnet: SubnetRow): void {
  const joined = interfacesOf(core, router.id).some(({ fixed_ips }) =>
    fixed_ips.some(({ subnet_id }) => subnet_id === subnet.id));
  if (joined) throw badRouter(`Router already has a port on subnet ${subnet.id}.`);
}

function removeInterface(core: Core, resource: Resource<RouterRow>, call: Call): Reply {
  const router = requireOwn(resource, call);
  const { subnet_id: subnetId, port_id: portId } = asAttributes(call.body) ?? {};
  const port = interfacesOf(core, router.id).find((one) => portId === undefined
    ? one.fixed_ips.some(({ subnet_id }) => subnet_id === subnetId)
    : one.id === portId);
  if (!port) {
    throw portId === undefined
      ? new Refusal(404, `Router ${router.id} has no interface on subnet ${String(subnetId)}`,
        'RouterInterfaceNotFoundForSubnet')
      : new Refusal(404, `Router ${router.id} does not have an interface with id ${String(portId)}`,
        'RouterInterfaceNotFound');
  }
  const subnets = port.fixed_ips.map(({ subnet_id }) => subnet_id);
  const needed = core.state.table('floatingIps').find((one) => one.router_id === router.id
    && core.state.table('ports')
      .get(one.port_id)?.fixed_ips.some(({ subnet_id }) => subnets.includes(subnet_id)) === true);
  if (needed) {
    throw new Refusal(409,
      `Router interface for subnet ${subnets[0]} on router ${router.id} cannot be deleted, as it is `
      + 'required by one or more floating IPs.', 'RouterInterfaceInUseByFloatingIP');
  }
  removePort(core, port);
  touch(resource, router, {});
  return interfaceReply(router, port);
}

function requireOwn(resource: Resource<RouterRow>, call: Call): RouterRow {
  const router = requireSeen(resource, call);
  if (!owns(call.caller, router)) throw disallowed('add_router_interface');
  return router;
}

function interfaceReply(router: RouterRow, port: PortRow): Reply {
  const subnetIds = port.fixed_ips.map(({ subnet_id }) => subnet_id);
  return {
    status: 200,
    body: {
      id: router.id, tenant_id: router.project_id, port_id: port.id, network_id: port.network_id,
      subnet_id: subnetIds[0], subnet_ids: subnetIds,
    },
  };
}

function insertPort(
  core: Core, router: RouterRow, networkId: string, projectId: string, owner: string, fixedIps: FixedIp[],
): PortRow {
  return core.state.table('ports').insert({
    ...newStandard(core, projectId), ...blankPort(core), network_id: networkId, device_id: router.id,
    device_owner: owner, fixed_ips: fixedIps, port_security_enabled: false, status: 'ACTIVE',
  });
}

function badRouter(message: string): Refusal {
  return new Refusal(400, `Bad router request: ${message}`, 'BadRequest');
}

function show(row: RouterRow): Attributes {
  return {
    ...showStandard(row), admin_state_up: row.admin_state_up, status: 'ACTIVE',
    external_gateway_info: row.external_gateway_info, routes: row.routes, distributed: false, ha: false,
    availability_zones: [], availability_zone_hints: row.availability_zone_hints, flavor_id: null,
  };
}
