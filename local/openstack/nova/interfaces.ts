/** `os-interface`: ports that come to a server, or leave it, while it exists. */
import type { Core } from '../core.ts';
import { seesNetwork, seesPort } from '../neutron/policy.ts';
import { removePort } from '../neutron/ports.ts';
import { Refusal } from '../refusal.ts';
import type { PortRow } from '../neutron/rows.ts';
import { asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { changeServer } from './server-build.ts';
import { allocateNetworks, bindPort, requestedNetworks, unbindPort } from './server-networks.ts';
import { portsOf } from './server-view.ts';
import { requireServer } from './servers.ts';
import { minorVersion } from './version.ts';

const PATH = '/servers/{id}/os-interface';

export function interfaceRoutes(core: Core): Route[] {
  return [
    route('GET', PATH, (call) => ({
      status: 200,
      body: { interfaceAttachments: portsOf(core, requireServer(core, call)).map((port) => show(call, port)) },
    })),
    route('POST', PATH, (call) => attach(core, call)),
    route('GET', `${PATH}/{port}`, (call) => {
      const port = portsOf(core, requireServer(core, call)).find(({ id }) => id === call.param('port'));
      if (!port) throw new Refusal(404, `Instance ${call.param('id')} does not have port ${call.param('port')}`);
      return { status: 200, body: { interfaceAttachment: show(call, port) } };
    }),
    route('DELETE', `${PATH}/{port}`, (call) => {
      const server = requireServer(core, call);
      const port = core.state.table('ports').get(call.param('port'));
      if (port?.device_id === server.id) {
        unbindPort(core, port);
        if (server.networks.some(({ portId, ownPort }) => ownPort && portId === port.id)) removePort(core, port);
      }
      return { status: 202 }; // also for ports it does not have: that fails later, unseen
    }),
  ];
}

function attach(core: Core, call: Call): Reply {
  const server = requireServer(core, call);
  const given = within(call.body, 'interfaceAttachment') ?? {};
  const portId = asText(given['port_id']);
  const port = portId === undefined ? newPort(core, call, asText(given['net_id']) ?? '') : freePort(core, call, portId);
  bindPort(core, server, port, 'ACTIVE');
  const bound = core.state.table('ports').get(port.id) ?? port;
  return { status: 200, body: { interfaceAttachment: show(call, bound) } };
}

function freePort(core: Core, call: Call, id: string): PortRow {
  const server = requireServer(core, call);
  const port = core.state.table('ports').get(id);
  if (!port || !seesPort(core, call.caller, port)) throw new Refusal(404, `Port id ${id} could not be found.`);
  if (port.project_id !== server.project_id) {
    throw new Refusal(400, `Port ${id} not usable for instance ${server.id}.`);
  }
  if (port.device_id !== '') throw new Refusal(400, `Port ${id} is still in use.`);
  const network = core.state.table('networks').get(port.network_id);
  if (!network || !seesNetwork(core, call.caller, network)) {
    throw new Refusal(500, `Failed to attach network adapter device to ${server.id}`);
  }
  return port;
}

function newPort(core: Core, call: Call, networkId: string): PortRow {
  const server = requireServer(core, call);
  const [asked] = requestedNetworks(core, call.caller, [{ uuid: networkId }]);
  const [made] = asked ? allocateNetworks(core, { ...server, networks: [asked] }) : [];
  const port = core.state.table('ports').get(made?.portId);
  if (!made || !port) throw new Refusal(500, `Failed to attach network adapter device to ${server.id}`);
  changeServer(core, server.id, { networks: [...server.networks, made] });
  return port;
}

function show(call: Call, port: PortRow): Attributes {
  return {
    net_id: port.network_id, port_id: port.id, mac_addr: port.mac_address, port_state: port.status,
    fixed_ips: port.fixed_ips, ...(minorVersion(call) >= 70 && { tag: null }),
  };
}
