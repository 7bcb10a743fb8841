/** Octavia's members; address and port are the natural key within a pool. */
import type { Core } from '../core.ts';
import { seesSubnet } from '../neutron/policy.ts';
import { Refusal } from '../refusal.ts';
import type { MemberRow, PoolRow } from './rows.ts';
import { asAttributes, asInteger, asText, route, type Attributes, type Call, type Reply,
  type Route } from '../service.ts';
import { readAttributes, readBody, type Shape } from './attributes.ts';
import { missing, requireBalancer, requireRead, requireWrite } from './policy.ts';
import { lockBalancer, markPart, newPart, partChanges, provision, showPart } from './provisioning.ts';
import { listReply, pick } from './query.ts';
import { requireQuota } from './quotas.ts';

const PATH = '/v2.0/lbaas/pools/{pool}/members';
const UPDATE: Shape = {
  name: 'text', admin_state_up: 'flag', weight: 'number:0 256', backup: 'flag', monitor_address: 'address',
  monitor_port: 'port', tags: 'any',
};
const CREATE: Shape = {
  ...UPDATE, address: '!address', protocol_port: '!port', subnet_id: 'uuid', project_id: 'any', tenant_id: 'any',
};
const FILTERS = ['id', 'name', 'provisioning_status', 'operating_status', 'admin_state_up', 'address', 'protocol_port',
  'weight', 'subnet_id'];

export function memberRoutes(core: Core): Route[] {
  const table = core.state.table('members');
  const find = (call: Call): MemberRow => {
    const row = table.get(call.param('id'));
    if (!row || row.pool_id !== call.param('pool')) throw missing('Member', call.param('id'));
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      const pool = requirePool(core, call);
      requireRead(call.caller, pool.project_id);
      const rows = table.list(({ pool_id }) => pool_id === pool.id);
      return listReply(call, 'members', rows.map(show), FILTERS, ['project_id']);
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('PUT', PATH, (call) => replace(core, call)),
    route('GET', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireRead(call.caller, row.project_id);
      return { status: 200, body: { member: pick(call, show(row)) } };
    }),
    route('PUT', `${PATH}/{id}`, (call) => {
      const pool = requirePool(core, call);
      requireWrite(call.caller, pool.project_id);
      const row = find(call);
      const given = readBody(call, 'member', 'member', UPDATE, true);
      lockBalancer(core, requireBalancer(core, pool.loadbalancer_id));
      const changed = table.update(row.id,
        { ...partChanges(given), ...ownChanges(given), provisioning_status: 'PENDING_UPDATE' });
      provision(core, call, pool.loadbalancer_id, [{ table: 'members', id: row.id, fate: 'active' }],
        core.latencies.memberMs);
      return { status: 200, body: { member: show(changed ?? row) } };
    }),
    route('DELETE', `${PATH}/{id}`, (call) => {
      const row = find(call);
      const pool = requirePool(core, call);
      requireWrite(call.caller, pool.project_id);
      lockBalancer(core, requireBalancer(core, pool.loadbalancer_id));
      markPart(core, 'members', row.id, 'PENDING_DELETE');
      provision(core, call, pool.loadbalancer_id, [{ table: 'members', id: row.id, fate: 'gone' }],
        core.latencies.memberMs);
      return { status: 204 };
    }),
  ];
}

/** A new member of these attributes, still PENDING_CREATE. */
export function insertMember(core: Core, pool: PoolRow, given: Attributes): MemberRow {
  return core.state.table('members').insert({
    ...newPart(core, pool.project_id, given), operating_status: 'NO_MONITOR', pool_id: pool.id,
    address: String(given['address']), protocol_port: asInteger(given['protocol_port']) ?? 0,
    subnet_id: asText(given['subnet_id']) ?? null, weight: asInteger(given['weight']) ?? 1,
    backup: given['backup'] === true, monitor_address: asText(given['monitor_address']) ?? null,
    monitor_port: asInteger(given['monitor_port']) ?? null,
  });
}

function create(core: Core, call: Call): Reply {
  const given = readBody(call, 'member', 'member_', CREATE);
  const pool = requirePool(core, call);
  requireWrite(call.caller, pool.project_id);
  requireSubnet(core, call, given);
  requireQuota(core, pool.project_id, 'member');
  lockBalancer(core, requireBalancer(core, pool.loadbalancer_id));
  if (sameMember(core, pool, given)) {
    throw new Refusal(409,
      `Another member on this pool is already using ip ${String(given['address'])} on protocol_port `
      + `${String(given['protocol_port'])}`);
  }
  const row = insertMember(core, pool, given);
  provision(core, call, pool.loadbalancer_id, [{ table: 'members', id: row.id, fate: 'active' }],
    core.latencies.memberMs);
  return { status: 201, body: { member: show(row) } };
}

/** The members named become the pool's; the others go, unless `additive_only`. */
function replace(core: Core, call: Call): Reply {
  const pool = requirePool(core, call);
  requireWrite(call.caller, pool.project_id);
  const asked = asAttributes(call.body)?.['members'];
  const given = (Array.isArray(asked) ? asked : [])
    .map((item) => readAttributes(asAttributes(item) ?? {}, 'members_.members', CREATE, false));
  for (const one of given) requireSubnet(core, call, one);
  const additive = /^(true|1)$/i.test(call.query.get('additive_only') ?? '');
  const known = given.map((one) => sameMember(core, pool, one));
  const going = additive ? [] : core.state.table('members').list(({ id, pool_id }) => pool_id === pool.id
    && !known.some((member) => member?.id === id));
  requireQuota(core, pool.project_id, 'member', known.filter((member) => !member).length - going.length);
  lockBalancer(core, requireBalancer(core, pool.loadbalancer_id));
  const parts = given.map((one, index) =>
    ({ table: 'members' as const, id: settled(core, pool, one, known[index]), fate: 'active' as const }));
  for (const { id } of going) markPart(core, 'members', id, 'PENDING_DELETE');
  const gone = going.map(({ id }) => ({ table: 'members' as const, id, fate: 'gone' as const }));
  provision(core, call, pool.loadbalancer_id, [...parts, ...gone], core.latencies.memberMs);
  return { status: 202 };
}

function settled(core: Core, pool: PoolRow, given: Attributes, known: MemberRow | undefined): string {
  if (!known) return insertMember(core, pool, given).id;
  core.state.table('members').update(known.id, {
    ...partChanges(given), ...ownChanges(given), provisioning_status: 'PENDING_UPDATE',
  });
  return known.id;
}

function ownChanges(given: Attributes): Partial<MemberRow> {
  const weight = asInteger(given['weight']);
  return {
    ...(weight !== undefined && { weight }), ...(typeof given['backup'] === 'boolean' && { backup: given['backup'] }),
    ...(given['monitor_address'] !== undefined && { monitor_address: asText(given['monitor_address']) ?? null }),
    ...(given['monitor_port'] !== undefined && { monitor_port: asInteger(given['monitor_port']) ?? null }),
  };
}

function sameMember(core: Core, pool: PoolRow, given: Attributes): MemberRow | undefined {
  return core.state.table('members').find(({ pool_id, address, protocol_port }) => pool_id === pool.id
    && address === given['address'] && protocol_port === asInteger(given['protocol_port']));
}

/** A subnet that is named must be there for the caller; none is always right. */
function requireSubnet(core: Core, call: Call, given: Attributes): void {
  const id = asText(given['subnet_id']);
  const subnet = core.state.table('subnets').get(id);
  if (id !== undefined && !(subnet && seesSubnet(core, call.caller, subnet))) {
    throw new Refusal(400, `Subnet ${id} not found.`);
  }
}

function requirePool(core: Core, call: Call): PoolRow {
  const pool = core.state.table('pools').get(call.param('pool'));
  if (!pool) throw new Refusal(404, `Pool ${call.param('pool')} not found.`, 'NoRoute');
  return pool;
}

function show(row: MemberRow): Attributes {
  const { address, protocol_port, weight, backup, subnet_id, monitor_address, monitor_port } = row;
  return { ...showPart(row), address, protocol_port, weight, backup, subnet_id, monitor_address, monitor_port };
}
