/** How a server comes by its network interfaces, and loses them. */
import type { Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { pickAddress, takeAddress } from '../neutron/addresses.ts';
import { seesNetwork, seesPort } from '../neutron/policy.ts';
import { blankPort, removePort } from '../neutron/ports.ts';
import { portRoom } from '../neutron/quotas.ts';
import { newStandard } from '../neutron/resource.ts';
import { defaultSecurityGroup } from '../neutron/security-groups.ts';
import { followParent } from '../neutron/trunks.ts';
import { Refusal } from '../refusal.ts';
import type { PortRow } from '../neutron/rows.ts';
import type { ServerNetwork, ServerRow } from './rows.ts';
import { asAttributes, asText } from '../service.ts';

/** Why a server cannot have its interfaces: it will end in ERROR with this message. */
export class AllocationFailure extends Error {}

/**
 * The interfaces asked for. A port or network the caller cannot see is refused at once; a port of another project is
 * not: that shows when it is bound. A port whose network is not the caller's to use is passed over in silence.
 */
export function requestedNetworks(core: Core, caller: Caller, asked: unknown): ServerNetwork[] {
  if (asked === 'none') return [];
  if (!Array.isArray(asked)) return automatic(core, caller);
  const seen = new Set<string>();
  const networks = asked.map((item) => {
    const given = asAttributes(item) ?? {};
    const portId = asText(given['port']);
    if (portId === undefined) {
      return byNetwork(core, caller, asText(given['uuid']) ?? '', asText(given['fixed_ip']) ?? null);
    }
    if (seen.has(portId)) throw new Refusal(400, `Port ID(s) ${portId} is/are duplicated.`);
    seen.add(portId);
    return byPort(core, caller, portId);
  });
  requirePortRoom(core, caller, networks.filter((network) => network?.ownPort).length);
  return networks.filter((network) => network !== undefined);
}

/** Binds what the server asked for; throws AllocationFailure when it cannot be had. */
export function allocateNetworks(core: Core, server: ServerRow): ServerNetwork[] {
  return server.networks.map((network) => {
    if (network.portId === null) return { ...network, portId: makePort(core, server, network).id };
    const port = core.state.table('ports').get(network.portId);
    if (!port) throw new AllocationFailure(`Port ${network.portId} could not be found.`);
    if (port.project_id !== server.project_id) {
      throw new AllocationFailure(
        'Exceeded maximum number of retries. Exhausted all hosts available for retrying build '
        + `failures for instance ${server.id}.`);
    }
    if (port.device_id !== '' && port.device_id !== server.id) {
      throw new AllocationFailure(`Build of instance ${server.id} aborted: Failed to allocate the network(s), not `
        + 'rescheduling.');
    }
    bindPort(core, server, port);
    return network;
  });
}

/** Ties the port to the server; it is up when the server is. */
export function bindPort(core: Core, server: ServerRow, port: PortRow, status = 'DOWN'): void {
  core.state.table('ports').update(port.id, {
    device_id: server.id, device_owner: `compute:${server.availability_zone ?? 'nova'}`, host_id: hostOf(server),
    status,
  });
  followParent(core, port.id);
}

/** The interfaces come up. */
export function raiseNetworks(core: Core, server: ServerRow): void {
  for (const port of core.state.table('ports').list(({ device_id }) => device_id === server.id)) {
    bindPort(core, server, port, 'ACTIVE');
  }
}

/**
 * Lets go of the server's ports: those Nova made are removed, the others are free again. A server that failed over a
 * port frees that one too, whoever has it by then: this is how two creates with one port break each other.
 */
export function releaseNetworks(core: Core, server: ServerRow): void {
  const named = server.networks.map(({ portId }) => portId);
  const ports = core.state.table('ports').list(({ id, device_id }) => device_id === server.id
    || (server.doom !== null && named.includes(id)));
  for (const port of ports) {
    const own = server.networks.some(({ portId, ownPort }) => ownPort && portId === port.id);
    unbindPort(core, port);
    if (own) removePort(core, port);
  }
}

export function unbindPort(core: Core, port: PortRow): void {
  core.state.table('ports').update(port.id, { device_id: '', device_owner: '', host_id: '', status: 'DOWN' });
  followParent(core, port.id);
}

/** The hypervisor a server runs on: one per availability zone. */
export function hostOf(server: ServerRow): string {
  return `compute-${server.availability_zone ?? 'nova'}`;
}

function byPort(core: Core, caller: Caller, portId: string): ServerNetwork | undefined {
  const port = core.state.table('ports').get(portId);
  if (!port || !seesPort(core, caller, port)) throw new Refusal(400, `Port id ${portId} could not be found.`);
  if (port.device_id !== '') throw new Refusal(409, `Port ${portId} is still in use.`);
  if (port.project_id !== caller.projectId && !caller.isAdmin) {
    throw new Refusal(400, `Port ${portId} not usable for instance.`);
  }
  const network = core.state.table('networks').get(port.network_id);
  if (!network || !seesNetwork(core, caller, network)) return undefined;
  return { portId, networkId: port.network_id, fixedIp: null, ownPort: false };
}

function byNetwork(core: Core, caller: Caller, networkId: string, fixedIp: string | null): ServerNetwork {
  const network = core.state.table('networks').get(networkId);
  if (!network || !seesNetwork(core, caller, network)) {
    throw new Refusal(400, `Network ${networkId} could not be found.`);
  }
  if (network.external && !caller.isAdmin) {
    throw new Refusal(403, `It is not allowed to create an interface on external network ${networkId}`);
  }
  return { portId: null, networkId, fixedIp, ownPort: true };
}

/** The only network there is; more than one is ambiguous. */
function automatic(core: Core, caller: Caller): ServerNetwork[] {
  const own = core.state.table('networks')
    .list(({ project_id, external }) => project_id === caller.projectId && !external);
  if (own.length > 1) {
    throw new Refusal(409, 'Multiple possible networks found, use a Network ID to be more specific.');
  }
  return own.map(({ id }) => ({ portId: null, networkId: id, fixedIp: null, ownPort: true }));
}

function requirePortRoom(core: Core, caller: Caller, more: number): void {
  const room = more > 0 ? portRoom(core, caller.projectId ?? '') : undefined;
  if (!room || room.used + more <= room.limit) return;
  throw new Refusal(403, room.used > room.limit
    ? `The number of defined ports: ${room.used} is over the limit: ${room.limit}` : 'Maximum number of ports exceeded');
}

function makePort(core: Core, server: ServerRow, { networkId, fixedIp }: ServerNetwork): PortRow {
  const subnets = core.state.table('subnets').list(({ network_id }) => network_id === networkId);
  const subnet = subnets[0];
  const fixedIps = subnet ? [fixedIp === null ? pickAddress(core, subnet) : takeAddress(core, subnet, fixedIp)] : [];
  const port = core.state.table('ports').insert({
    ...newStandard(core, server.project_id), ...blankPort(core), network_id: networkId ?? '', fixed_ips: fixedIps,
    security_groups: [defaultSecurityGroup(core, server.project_id).id],
  });
  bindPort(core, server, port);
  return port;
}
