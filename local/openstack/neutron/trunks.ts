/** Neutron's trunks: a parent port, and sub-ports told apart by VLAN id. */
import type { Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { PortRow, SubPort, TrunkRow } from './rows.ts';
import { asAttributes, asInteger, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { flagOf, invalidInput, textOf, withStandard } from './attributes.ts';
import { disallowed, owns, seesPort } from './policy.ts';
import { missingPort } from './ports.ts';
import { requireSeen, resourceRoutes, showStandard, touch, type Resource } from './resource.ts';

const MAP = withStandard({ port_id: 'r', admin_state_up: 'pu', sub_ports: 'p' });

export function trunkRoutes(core: Core): Route[] {
  const table = core.state.table('trunks');
  const resource: Resource<TrunkRow> = {
    singular: 'trunk', plural: 'trunks', counted: 'trunk', map: MAP, table,
    missing: (id) => new Refusal(404, `Trunk ${id} could not be found.`, 'TrunkNotFound'),
    sees: owns, show,
    create: (call, given, standard) => {
      const parent = requirePort(core, call.caller, textOf(given, 'port_id') ?? '');
      requireParentable(core, parent);
      const row = table.insert({
        ...standard, revision_number: 0, port_id: parent.id, admin_state_up: flagOf(given, 'admin_state_up') ?? true,
        status: 'DOWN', sub_ports: [],
      });
      addSubPorts(core, call, row, Array.isArray(given['sub_ports']) ? given['sub_ports'] : []);
      followParent(core, parent.id);
      return row;
    },
    update: (_call, row, given) => ({ admin_state_up: flagOf(given, 'admin_state_up') ?? row.admin_state_up }),
    remove: (_call, row) => {
      if (core.state.table('ports').get(row.port_id)?.host_id) {
        throw new Refusal(409, `Trunk ${row.id} is currently in use.`, 'TrunkInUse');
      }
      for (const sub of row.sub_ports) release(core, sub.port_id);
      table.remove(row.id);
    },
  };
  const subPortRoute = (verb: string, act: (call: Call, row: TrunkRow, asked: unknown[]) => void): Route =>
    route('PUT', `/v2.0/trunks/{id}/${verb}`, (call) => {
      const row = requireSeen(resource, call);
      if (!owns(call.caller, row)) throw disallowed(verb);
      const asked = asAttributes(call.body)?.['sub_ports'];
      act(call, row, Array.isArray(asked) ? asked : []);
      followParent(core, row.port_id);
      return reply(touch(resource, table.get(row.id) ?? row, {}));
    });
  return [
    subPortRoute('add_subports', (call, row, asked) => addSubPorts(core, call, row, asked)),
    subPortRoute('remove_subports', (_call, row, asked) => removeSubPorts(core, row, asked)),
    route('GET', '/v2.0/trunks/{id}/get_subports', (call) => ({
      status: 200, body: { sub_ports: requireSeen(resource, call).sub_ports },
    })),
    ...resourceRoutes(core, resource),
  ];
}

/** Trunk and sub-ports are up while the parent is bound to a server, and down otherwise. */
export function followParent(core: Core, parentId: string): void {
  const trunk = core.state.table('trunks').find(({ port_id }) => port_id === parentId);
  const parent = core.state.table('ports').get(parentId);
  if (!trunk || !parent) return;
  const status = parent.status === 'ACTIVE' ? 'ACTIVE' : 'DOWN';
  core.state.table('trunks').update(trunk.id, { status });
  for (const { port_id } of trunk.sub_ports) {
    const bound = status === 'ACTIVE' ? { host_id: parent.host_id, device_owner: 'trunk:subport' } : { host_id: '' };
    core.state.table('ports').update(port_id, { status, ...bound });
  }
}

function addSubPorts(core: Core, call: Call, row: TrunkRow, asked: unknown[]): void {
  const added: SubPort[] = [];
  for (const item of asked) {
    const sub = subPortOf(asAttributes(item) ?? {});
    const { id } = requirePort(core, call.caller, sub.port_id);
    if (core.state.table('trunks').find((one) => one.sub_ports.some(({ port_id }) => port_id === id))
      || added.some(({ port_id }) => port_id === id)) {
      throw new Refusal(409, `Port ${id} is in use by another trunk.`, 'TrunkPortInUse');
    }
    if (core.state.table('trunks').find((one) => one.port_id === id)) throw portInUse(id, 'subport');
    if ([...row.sub_ports, ...added].some(({ segmentation_id }) => segmentation_id === sub.segmentation_id)) {
      throw new Refusal(409,
        `segmentation_type vlan and segmentation_id ${sub.segmentation_id} already in use on trunk `
        + `${row.id}.`, 'DuplicateSubPort');
    }
    added.push(sub);
  }
  core.state.table('trunks').update(row.id, { sub_ports: [...row.sub_ports, ...added] });
}

function removeSubPorts(core: Core, row: TrunkRow, asked: unknown[]): void {
  const ids = asked.map((item) => String(asAttributes(item)?.['port_id']));
  const unknown = ids.find((id) => !row.sub_ports.some(({ port_id }) => port_id === id));
  if (unknown !== undefined) {
    throw new Refusal(404, `SubPort ${unknown} on trunk ${row.id} could not be found.`, 'SubPortNotFound');
  }
  for (const id of ids) release(core, id);
  core.state.table('trunks')
    .update(row.id, { sub_ports: row.sub_ports.filter(({ port_id }) => !ids.includes(port_id)) });
}

function release(core: Core, portId: string): void {
  const port = core.state.table('ports').get(portId);
  if (!port) return;
  const owner = port.device_owner === 'trunk:subport' ? '' : port.device_owner;
  core.state.table('ports').update(portId, { status: 'DOWN', host_id: '', device_owner: owner });
}

function subPortOf(given: Attributes): SubPort {
  const { port_id, segmentation_type, segmentation_id } = given;
  if (segmentation_type === undefined || segmentation_id === undefined) {
    throw invalidInput(`Invalid subport details '{'port_id': '${String(port_id)}'}': missing segmentation information. `
      + 'Must specify both segmentation_id and segmentation_type.');
  }
  if (segmentation_type !== 'vlan') throw invalidInput(
    `Segmentation type '${String(segmentation_type)}' is not supported.`);
  const vlan = asInteger(segmentation_id);
  if (vlan === undefined || vlan < 1 || vlan > 4094) {
    throw invalidInput(`Segmentation ID '${String(segmentation_id)}' is not in range.`);
  }
  return { port_id: String(port_id), segmentation_type: 'vlan', segmentation_id: vlan };
}

function requirePort(core: Core, caller: Caller, id: string): PortRow {
  const port = core.state.table('ports').get(id);
  if (!port || !seesPort(core, caller, port)) throw missingPort(id);
  return port;
}

function requireParentable(core: Core, port: PortRow): void {
  const trunks = core.state.table('trunks');
  if (trunks.find((one) => one.sub_ports.some(({ port_id }) => port_id === port.id))) {
    throw new Refusal(409, `Port ${port.id} is in use by another trunk.`, 'TrunkPortInUse');
  }
  if (trunks.find(({ port_id }) => port_id === port.id) || port.host_id !== '') throw portInUse(port.id, 'parent port');
}

function portInUse(id: string, use: string): Refusal {
  const kind = use === 'subport' ? 'TrunkPortInUse' : 'ParentPortInUse';
  const text = use === 'subport' ? 'is in use by another trunk.'
    : 'is currently in use and is not eligible for use as a parent port.';
  return new Refusal(409, `Port ${id} ${text}`, kind);
}

function reply(row: TrunkRow): Reply {
  return { status: 200, body: show(row) };
}

function show(row: TrunkRow): Attributes {
  const { port_id, admin_state_up, status, sub_ports } = row;
  return { ...showStandard(row), port_id, admin_state_up, status, sub_ports };
}
