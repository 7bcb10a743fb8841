/** What a server looks like, by microversion and by who looks. */
import type { Core } from '../core.ts';
import type { PortRow } from '../neutron/rows.ts';
import type { ServerRow } from './rows.ts';
import { noHost } from './server-build.ts';
import type { Attributes, Call } from '../service.ts';
import { hostOf } from './server-networks.ts';
import { minorVersion } from './version.ts';

/** The server's ports, in the order they were asked for. */
export function portsOf(core: Core, server: ServerRow): PortRow[] {
  const order = server.networks.map(({ portId }) => portId);
  const rank = (id: string): number => order.includes(id) ? order.indexOf(id) : order.length;
  return core.state.table('ports').list(({ device_id }) => device_id === server.id)
    .sort((a, b) => rank(a.id) - rank(b.id));
}

export function showSummary(call: Call, { id, name }: ServerRow): Attributes {
  return { id, name, links: links(call, 'servers', id) };
}

/** As in a list: there Nova leaves out why a server never got a host. */
export function listServer(core: Core, call: Call, server: ServerRow): Attributes {
  return showServer(core, call, server.fault?.message.startsWith(noHost) ? { ...server, fault: null } : server);
}

export function showServer(core: Core, call: Call, server: ServerRow): Attributes {
  const minor = minorVersion(call);
  const groups = groupNames(core, server);
  return {
    'id': server.id, 'name': server.name, 'status': server.status, 'tenant_id': server.project_id,
    'user_id': server.user_id, 'metadata': server.metadata, 'hostId': server.launched_at ? hostHash(server) : '',
    'image': server.image_id ? { id: server.image_id, links: links(call, 'images', server.image_id).slice(1) } : '',
    'flavor': flavorOf(core, call, server), 'created': server.created, 'updated': server.updated,
    'addresses': addressesOf(core, server), 'accessIPv4': '', 'accessIPv6': '',
    'links': links(call, 'servers', server.id),
    'OS-DCF:diskConfig': 'MANUAL', ...(['ACTIVE', 'BUILD'].includes(server.status) && { progress: 0 }),
    'OS-EXT-AZ:availability_zone': server.availability_zone ?? '', 'config_drive': server.config_drive ? 'True' : '',
    'key_name': server.key_name, 'OS-SRV-USG:launched_at': server.launched_at, 'OS-SRV-USG:terminated_at': null,
    ...(groups.length > 0 && { security_groups: groups.map((name) => ({ name })) }),
    ...(server.fault && { fault: server.fault }),
    'OS-EXT-STS:task_state': server.task_state, 'OS-EXT-STS:vm_state': server.vm_state,
    'OS-EXT-STS:power_state': server.power_state,
    'os-extended-volumes:volumes_attached': disksOf(server)
      .map(({ volumeId, deleteOnTermination }) => ({
        id: volumeId, ...(minor >= 3 && { delete_on_termination: deleteOnTermination }),
      })),
    ...adminPart(call, server, minor), ...laterPart(server, minor),
  };
}

/** By network name; floating addresses follow the fixed one they lead to. */
export function addressesOf(core: Core, server: ServerRow): Record<string, Attributes[]> {
  const addresses: Record<string, Attributes[]> = {};
  for (const port of portsOf(core, server)) {
    const network = core.state.table('networks').get(port.network_id)?.name ?? port.network_id;
    const add = (addr: string, type: string): void => void (addresses[network] ??= []).push({
      'version': 4, addr, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': port.mac_address,
    });
    for (const { ip_address } of port.fixed_ips) {
      add(ip_address, 'fixed');
      const floating = core.state.table('floatingIps').find(({ port_id, fixed_ip_address }) => port_id === port.id
        && fixed_ip_address === ip_address);
      if (floating) add(floating.floating_ip_address, 'floating');
    }
  }
  return addresses;
}

function adminPart(call: Call, server: ServerRow, minor: number): Attributes {
  if (!call.caller.isAdmin) return minor >= 90 ? { 'OS-EXT-SRV-ATTR:hostname': hostname(server) } : {};
  const host = server.launched_at ? hostOf(server) : null;
  return {
    'OS-EXT-SRV-ATTR:host': host, 'OS-EXT-SRV-ATTR:hypervisor_hostname': host,
    'OS-EXT-SRV-ATTR:instance_name': host ? `instance-${String(server.order).padStart(8, '0')}` : '',
    ...(minor >= 3 && {
      'OS-EXT-SRV-ATTR:reservation_id': `r-${server.id.slice(0, 8)}`, 'OS-EXT-SRV-ATTR:launch_index': 0,
      'OS-EXT-SRV-ATTR:hostname': hostname(server), 'OS-EXT-SRV-ATTR:kernel_id': '', 'OS-EXT-SRV-ATTR:ramdisk_id': '',
      'OS-EXT-SRV-ATTR:root_device_name': disksOf(server)[0]?.device ?? (host ? '/dev/vda' : null),
      'OS-EXT-SRV-ATTR:user_data': server.user_data,
    }),
    ...(minor >= 16 && { host_status: host ? 'UP' : '' }),
  };
}

function laterPart(server: ServerRow, minor: number): Attributes {
  return {
    ...(minor >= 9 && { locked: false }), ...(minor >= 73 && { locked_reason: null }),
    ...(minor >= 19 && { description: server.description }), ...(minor >= 26 && { tags: server.tags }),
    ...(minor >= 63 && { trusted_image_certificates: null }),
    ...(minor >= 71 && { server_groups: server.group_id ? [server.group_id] : [] }),
  };
}

function flavorOf(core: Core, call: Call, server: ServerRow): Attributes {
  const flavor = core.state.table('flavors').get(server.flavor_id);
  if (minorVersion(call) < 47) {
    return { id: server.flavor_id, links: links(call, 'flavors', server.flavor_id).slice(1) };
  }
  return {
    vcpus: flavor?.vcpus, ram: flavor?.ram, disk: flavor?.disk, ephemeral: 0, swap: 0, original_name: flavor?.name,
    extra_specs: flavor?.extra_specs ?? {},
  };
}

/** Disks are known once a host has been found. */
function disksOf(server: ServerRow): ServerRow['devices'] {
  return server.task_state === 'scheduling' ? [] : server.devices.filter(({ volumeId }) => volumeId !== null);
}

function groupNames(core: Core, server: ServerRow): string[] {
  const ids = new Set(portsOf(core, server).flatMap(({ security_groups }) => security_groups));
  return [...ids].map((id) => core.state.table('securityGroups').get(id)?.name ?? id);
}

function hostname(server: ServerRow): string {
  return server.name.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-');
}

function hostHash(server: ServerRow): string {
  return Buffer.from(`${server.project_id}${hostOf(server)}`).toString('hex').padEnd(56, '0').slice(-56);
}

function links(call: Call, kind: string, id: string): unknown[] {
  const bookmark = call.serviceUrl.replace(/\/v2\.1$/, '');
  return [
    { rel: 'self', href: `${call.serviceUrl}/${kind}/${id}` }, { rel: 'bookmark', href: `${bookmark}/${kind}/${id}` },
  ];
}
