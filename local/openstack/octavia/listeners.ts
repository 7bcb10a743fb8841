/** Octavia's listeners; protocol and port are the natural key within a load balancer. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ListenerRow } from './rows.ts';
import { asInteger, asText, asTexts, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { invalidOption, readBody, type Shape } from './attributes.ts';
import { listedProject, missing, requireBalancer, requireRead, requireWrite } from './policy.ts';
import { lockBalancer, markPart, newPart, partChanges, provision, showPart } from './provisioning.ts';
import { listReply, pick } from './query.ts';
import { requireQuota } from './quotas.ts';

const PATH = '/v2.0/lbaas/listeners';
const CHANGEABLE: Shape = {
  name: 'text', description: 'text', admin_state_up: 'flag', connection_limit: 'number:-1', default_pool_id: 'uuid',
  allowed_cidrs: 'cidrs', insert_headers: 'any', timeout_client_data: 'number:0 31536000',
  timeout_member_connect: 'number:0 31536000', timeout_member_data: 'number:0 31536000',
  timeout_tcp_inspect: 'number:0 31536000', tags: 'any', default_tls_container_ref: 'text', sni_container_refs: 'any',
  client_ca_tls_container_ref: 'text', client_authentication: 'text', client_crl_container_ref: 'text',
  tls_ciphers: 'text', tls_versions: 'any', alpn_protocols: 'any',
};
const CREATE: Shape = {
  ...CHANGEABLE, protocol: '!one:TCP PROMETHEUS SCTP HTTPS UDP TERMINATED_HTTPS HTTP', protocol_port: '!port',
  loadbalancer_id: '!uuid', project_id: 'any', tenant_id: 'any', default_pool: 'any', l7policies: 'any',
};
const FILTERS = ['id', 'name', 'description', 'provisioning_status', 'operating_status', 'admin_state_up', 'protocol',
  'protocol_port', 'default_pool_id', 'connection_limit', 'loadbalancer_id'];

export function listenerRoutes(core: Core): Route[] {
  const table = core.state.table('listeners');
  const find = (call: Call): ListenerRow => {
    const row = table.get(call.param('id'));
    if (!row) throw missing('Listener', call.param('id'));
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      const projectId = listedProject(call.caller, call.query.get('project_id'));
      const rows = table.list((row) => (projectId ?? row.project_id) === row.project_id
        && (call.query.get('loadbalancer_id') ?? row.loadbalancer_id) === row.loadbalancer_id);
      return listReply(call, 'listeners', rows.map(show), FILTERS,
        ['project_id', 'loadbalancer_id', 'load_balancer_id']);
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireRead(call.caller, row.project_id);
      return { status: 200, body: { listener: pick(call, show(row)) } };
    }),
    route('PUT', `${PATH}/{id}`, (call) => update(core, call, find(call))),
    route('DELETE', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireWrite(call.caller, row.project_id);
      lockBalancer(core, requireBalancer(core, row.loadbalancer_id));
      markPart(core, 'listeners', row.id, 'PENDING_DELETE');
      provision(core, call, row.loadbalancer_id, [{ table: 'listeners', id: row.id, fate: 'gone' }],
        core.latencies.poolMs);
      return { status: 204 };
    }),
  ];
}

/** A new listener of these attributes, still PENDING_CREATE. */
export function insertListener(core: Core, balancerId: string, projectId: string, given: Attributes): ListenerRow {
  const number = (key: string, initial: number): number => asInteger(given[key]) ?? initial;
  return core.state.table('listeners').insert({
    ...newPart(core, projectId, given), description: asText(given['description']) ?? '', loadbalancer_id: balancerId,
    protocol: String(given['protocol']), protocol_port: number('protocol_port', 0),
    connection_limit: number('connection_limit', -1), default_pool_id: asText(given['default_pool_id']) ?? null,
    allowed_cidrs: asTexts(given['allowed_cidrs']) ?? null,
    insert_headers: (given['insert_headers'] ?? {}) as Record<string, string>,
    timeout_client_data: number('timeout_client_data', 50_000),
    timeout_member_connect: number('timeout_member_connect', 5_000),
    timeout_member_data: number('timeout_member_data', 50_000), timeout_tcp_inspect: number('timeout_tcp_inspect', 0),
  });
}

function create(core: Core, call: Call): Reply {
  const given = readBody(call, 'listener', 'listener_', CREATE);
  if (given['default_pool'] !== undefined) {
    throw new Refusal(500, '\'NoneType\' object has no attribute \'id\''); // nested pools break it on a real one too
  }
  const balancer = requireBalancer(core, asText(given['loadbalancer_id']) ?? '');
  requireWrite(call.caller, balancer.project_id);
  requireQuota(core, balancer.project_id, 'listener');
  lockBalancer(core, balancer);
  const clash = core.state.table('listeners').find((one) => one.loadbalancer_id === balancer.id
    && one.protocol_port === asInteger(given['protocol_port'])
      && sameTransport(one.protocol, String(given['protocol'])));
  if (clash) {
    throw new Refusal(409,
      `Another Listener on this Load Balancer is already using protocol ${String(given['protocol'])} `
      + `and protocol_port ${String(given['protocol_port'])}`);
  }
  checkPool(core, balancer.id, given);
  const row = insertListener(core, balancer.id, balancer.project_id, given);
  provision(core, call, balancer.id, [{ table: 'listeners', id: row.id, fate: 'active' }], core.latencies.listenerMs);
  return { status: 201, body: { listener: show(row) } };
}

function update(core: Core, call: Call, row: ListenerRow): Reply {
  requireWrite(call.caller, row.project_id);
  const given = readBody(call, 'listener', 'listener', CHANGEABLE, true);
  checkPool(core, row.loadbalancer_id, given);
  lockBalancer(core, requireBalancer(core, row.loadbalancer_id));
  const changed = core.state.table('listeners').update(row.id, {
    ...partChanges(given), provisioning_status: 'PENDING_UPDATE',
    ...(typeof given['description'] === 'string' && { description: given['description'] }),
    ...(given['allowed_cidrs'] !== undefined && { allowed_cidrs: asTexts(given['allowed_cidrs']) ?? null }),
    ...(given['default_pool_id'] !== undefined && { default_pool_id: asText(given['default_pool_id']) ?? null }),
    ...Object.fromEntries(['connection_limit', 'timeout_client_data', 'timeout_member_connect', 'timeout_member_data',
      'timeout_tcp_inspect'].filter((key) => given[key] != null).map((key) => [key, asInteger(given[key])])),
  });
  provision(core, call, row.loadbalancer_id, [{ table: 'listeners', id: row.id, fate: 'active' }],
    core.latencies.poolMs);
  return { status: 200, body: { listener: show(changed ?? row) } };
}

/** A default pool must be there, and belong to the same load balancer. */
function checkPool(core: Core, balancerId: string, given: Attributes): void {
  const id = asText(given['default_pool_id']);
  if (id === undefined) return;
  const pool = core.state.table('pools').get(id);
  if (!pool) throw missing('Pool', id);
  if (pool.loadbalancer_id !== balancerId) throw invalidOption(`Pool ${id} is on another load balancer.`);
}

function sameTransport(one: string, other: string): boolean {
  const transport = (protocol: string): string => ['UDP', 'SCTP'].includes(protocol) ? protocol : 'TCP';
  return transport(one) === transport(other);
}

function show(row: ListenerRow): Attributes {
  return {
    ...showPart(row), description: row.description, protocol: row.protocol, protocol_port: row.protocol_port,
    connection_limit: row.connection_limit, default_tls_container_ref: null, sni_container_refs: [],
    default_pool_id: row.default_pool_id, l7policies: [], insert_headers: row.insert_headers,
    loadbalancers: [{ id: row.loadbalancer_id }], timeout_client_data: row.timeout_client_data,
    timeout_member_connect: row.timeout_member_connect, timeout_member_data: row.timeout_member_data,
    timeout_tcp_inspect: row.timeout_tcp_inspect, client_ca_tls_container_ref: null, client_authentication: 'NONE',
    client_crl_container_ref: null, allowed_cidrs: row.allowed_cidrs, tls_ciphers: null, tls_versions: null,
    alpn_protocols: null,
  };
}
