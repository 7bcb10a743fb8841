/** The cloud as the machines stand-in sees it: servers with what they boot from and where they are wired. */
import type { Core } from './core.ts';
import { portsOf } from './nova/server-view.ts';
import { settlePower } from './nova/server-actions.ts';
import type { ServerRow } from './nova/rows.ts';

/** A port of a server; a parent port brings its sub-ports. */
export interface CloudPort {
  id: string;
  name: string;
  projectId: string;
  macAddress: string;
  networkId: string;
  networkName: string;
  fixedIps: { subnetId: string; cidr: string; gatewayIp: string | null; ipAddress: string }[];
  floatingIp: string | null;
  status: string;
  /** Set for sub-ports. */
  vlanId: number | null;
  subPorts: CloudPort[];
}

export interface CloudVolume { id: string; name: string; device: string; sizeGb: number; imageName: string | null }

export interface CloudServer {
  id: string;
  name: string;
  projectId: string;
  status: string;
  powerState: 'running' | 'shutdown' | 'none';
  availabilityZone: string;
  flavorName: string;
  /** As it was given, still in base64. */
  userData: string | null;
  metadata: Record<string, string>;
  tags: string[];
  ports: CloudPort[];
  volumes: CloudVolume[];
}

/** A floating address and where it leads. */
export interface CloudFloatingIp {
  id: string;
  address: string;
  projectId: string;
  portId: string | null;
  fixedIp: string | null;
  /** The load balancer whose VIP it leads to, if any. */
  loadBalancerId: string | null;
}

/** A load balancer as something that forwards: where it listens, whom it lets in, where to it goes. */
export interface CloudLoadBalancer {
  id: string;
  name: string;
  projectId: string;
  status: string;
  vipAddress: string;
  floatingIp: string | null;
  listeners: {
    id: string;
    name: string;
    protocol: string;
    port: number;
    allowedCidrs: string[] | null;
    status: string;
    members: { id: string; address: string; port: number; status: string }[];
  }[];
}

/** Of one project, where it is named. */
export function listServers(core: Core, projectId?: string): CloudServer[] {
  return core.state.table('servers').list((row) => (projectId ?? row.project_id) === row.project_id).map((row) => viewServer(core, row));
}

export function viewServer(core: Core, row: ServerRow): CloudServer {
  return {
    id: row.id, name: row.name, projectId: row.project_id, status: row.status,
    powerState: row.power_state === 1 ? 'running' : row.power_state === 4 ? 'shutdown' : 'none',
    availabilityZone: row.availability_zone ?? '', flavorName: core.state.table('flavors')
      .get(row.flavor_id)?.name ?? '',
    userData: row.user_data, metadata: row.metadata, tags: row.tags,
    ports: portsOf(core, row).map((port) => viewPort(core, port.id, null)).filter((port) => port !== undefined),
    volumes: row.devices.flatMap(({ volumeId, device }) => {
      const volume = core.state.table('volumes').get(volumeId);
      const imageName = core.state.table('images').get(volume?.image_id)?.name ?? null;
      return volume ? [{ id: volume.id, name: volume.name ?? '', device, sizeGb: volume.size, imageName }] : [];
    }),
  };
}

/** Sets the power state the hypervisor would report. */
export function setPower(core: Core, serverId: string, power: 'running' | 'shutdown'): void {
  core.state.transact(() => settlePower(core, serverId, power));
}

/** The one with that address, where it is named. */
export function listFloatingIps(core: Core, address?: string): CloudFloatingIp[] {
  return core.state.table('floatingIps').list((row) => (address ?? row.floating_ip_address) === row.floating_ip_address).map((row) => ({
    id: row.id, address: row.floating_ip_address, projectId: row.project_id, portId: row.port_id,
    fixedIp: row.fixed_ip_address,
    loadBalancerId: core.state.table('loadBalancers')
      .find(({ vip_port_id }) => vip_port_id === row.port_id)?.id ?? null,
  }));
}

/** The one with that id, where it is named. */
export function listLoadBalancers(core: Core, id?: string): CloudLoadBalancer[] {
  return core.state.table('loadBalancers').list((row) => (id ?? row.id) === row.id).map((row) => ({
    id: row.id, name: row.name, projectId: row.project_id, status: row.provisioning_status, vipAddress: row.vip_address,
    floatingIp: floatingOf(core, row.vip_port_id),
    listeners: core.state.table('listeners').list(({ loadbalancer_id }) => loadbalancer_id === row.id).map((one) => ({
      id: one.id, name: one.name, protocol: one.protocol, port: one.protocol_port, allowedCidrs: one.allowed_cidrs,
      status: one.provisioning_status,
      members: core.state.table('members').list(({ pool_id }) => pool_id === one.default_pool_id)
        .map((member) => ({
          id: member.id, address: member.address, port: member.protocol_port, status: member.provisioning_status,
        })),
    })),
  }));
}

function floatingOf(core: Core, portId: string): string | null {
  return core.state.table('floatingIps').find(({ port_id }) => port_id === portId)?.floating_ip_address ?? null;
}

function viewPort(core: Core, id: string, vlanId: number | null): CloudPort | undefined {
  const port = core.state.table('ports').get(id);
  if (!port) return undefined;
  const trunk = vlanId === null ? core.state.table('trunks').find(({ port_id }) => port_id === id) : undefined;
  return {
    id, name: port.name, projectId: port.project_id, macAddress: port.mac_address, networkId: port.network_id,
    networkName: core.state.table('networks').get(port.network_id)?.name ?? '', status: port.status, vlanId,
    floatingIp: floatingOf(core, id),
    fixedIps: port.fixed_ips.map(({ subnet_id: subnetId, ip_address: ipAddress }) => {
      const subnet = core.state.table('subnets').get(subnetId);
      return { subnetId, cidr: subnet?.cidr ?? '', gatewayIp: subnet?.gateway_ip ?? null, ipAddress };
    }),
    subPorts: (trunk?.sub_ports ?? []).map((sub) => viewPort(core, sub.port_id, sub.segmentation_id))
      .filter((sub) => sub !== undefined),
  };
}
