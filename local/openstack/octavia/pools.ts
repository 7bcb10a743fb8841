/** Octavia's pools. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { LoadBalancerRow, PoolRow } from './rows.ts';
import { asAttributes, asText, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { invalidOption, readBody, type Shape } from './attributes.ts';
import { listedProject, missing, requireBalancer, requireRead, requireWrite } from './policy.ts';
import { lockBalancer, markPart, newPart, partChanges, provision, showPart } from './provisioning.ts';
import { listReply, pick } from './query.ts';
import { requireQuota } from './quotas.ts';

const PATH = '/v2.0/lbaas/pools';
const ALGORITHMS = 'LEAST_CONNECTIONS SOURCE_IP ROUND_ROBIN SOURCE_IP_PORT';
const TLS: Shape = {
  tls_container_ref: 'text', ca_tls_container_ref: 'text', crl_container_ref: 'text', tls_enabled: 'flag',
  tls_ciphers: 'text', tls_versions: 'any', alpn_protocols: 'any',
};
const CREATE: Shape = {
  ...TLS, name: 'text', description: 'text', admin_state_up: 'flag', listener_id: 'uuid', loadbalancer_id: 'uuid',
  protocol: '!one:TCP SCTP HTTPS PROXYV2 PROXY UDP HTTP', lb_algorithm: `!one:${ALGORITHMS}`,
  session_persistence: 'any',
  project_id: 'any', tenant_id: 'any', healthmonitor: 'any', members: 'any', tags: 'any',
};
const UPDATE: Shape = {
  ...TLS, name: 'text', description: 'text', admin_state_up: 'flag', lb_algorithm: `one:${ALGORITHMS}`,
  session_persistence: 'any', tags: 'any',
};
const FILTERS = ['id', 'name', 'description', 'provisioning_status', 'operating_status', 'admin_state_up', 'protocol',
  'lb_algorithm'];
/** Pool protocols a listener can be served by. */
const FITTING: Record<string, string[]> = {
  TCP: ['HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP'], HTTP: ['HTTP', 'PROXY', 'PROXYV2'],
  HTTPS: ['HTTPS', 'PROXY', 'PROXYV2', 'TCP'], TERMINATED_HTTPS: ['HTTP', 'PROXY', 'PROXYV2'], UDP: ['UDP'],
  SCTP: ['SCTP'],
};

export function poolRoutes(core: Core): Route[] {
  const table = core.state.table('pools');
  const find = (call: Call): PoolRow => {
    const row = table.get(call.param('id'));
    if (!row) throw missing('Pool', call.param('id'));
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      const projectId = listedProject(call.caller, call.query.get('project_id'));
      const rows = table.list((row) => (projectId ?? row.project_id) === row.project_id
        && (call.query.get('loadbalancer_id') ?? row.loadbalancer_id) === row.loadbalancer_id);
      return listReply(call, 'pools', rows.map((row) => show(core, row)), FILTERS, ['project_id', 'loadbalancer_id']);
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireRead(call.caller, row.project_id);
      return { status: 200, body: { pool: pick(call, show(core, row)) } };
    }),
    route('PUT', `${PATH}/{id}`, (call) => update(core, call, find(call))),
    route('DELETE', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireWrite(call.caller, row.project_id);
      lockBalancer(core, requireBalancer(core, row.loadbalancer_id));
      markPart(core, 'pools', row.id, 'PENDING_DELETE');
      provision(core, call, row.loadbalancer_id, [{ table: 'pools', id: row.id, fate: 'gone' }], core.latencies.poolMs);
      return { status: 204 };
    }),
  ];
}

/** A new pool of these attributes, still PENDING_CREATE. */
export function insertPool(core: Core, balancerId: string, projectId: string, given: Attributes): PoolRow {
  return core.state.table('pools').insert({
    ...newPart(core, projectId, given), description: asText(given['description']) ?? '', loadbalancer_id: balancerId,
    protocol: String(given['protocol']), lb_algorithm: String(given['lb_algorithm']),
    session_persistence: asAttributes(given['session_persistence']) ?? null,
  });
}

function create(core: Core, call: Call): Reply {
  const given = readBody(call, 'pool', 'pool_', CREATE);
  requireSupported(given);
  const listenerId = asText(given['listener_id']);
  const balancer = balancerOf(core, given);
  requireWrite(call.caller, balancer.project_id);
  const listener = core.state.table('listeners').get(listenerId);
  if (listener && !FITTING[listener.protocol]?.includes(String(given['protocol']))) {
    throw invalidOption(`The pool protocol '${String(given['protocol'])}' is invalid while the listener protocol is `
      + `'${listener.protocol}'.`);
  }
  requireQuota(core, balancer.project_id, 'pool');
  if (listener?.default_pool_id) throw new Refusal(409, 'This listener already has a default pool');
  lockBalancer(core, balancer);
  const row = insertPool(core, balancer.id, balancer.project_id, given);
  if (listener) core.state.table('listeners').update(listener.id, { default_pool_id: row.id });
  provision(core, call, balancer.id, [{ table: 'pools', id: row.id, fate: 'active' }], core.latencies.poolMs);
  return { status: 201, body: { pool: show(core, row) } };
}

function update(core: Core, call: Call, row: PoolRow): Reply {
  requireWrite(call.caller, row.project_id);
  const given = readBody(call, 'pool', 'pool', UPDATE, true);
  requireSupported(given);
  lockBalancer(core, requireBalancer(core, row.loadbalancer_id));
  const changed = core.state.table('pools').update(row.id, {
    ...partChanges(given), provisioning_status: 'PENDING_UPDATE',
    ...(typeof given['description'] === 'string' && { description: given['description'] }),
    ...(typeof given['lb_algorithm'] === 'string' && { lb_algorithm: given['lb_algorithm'] }),
    ...(given['session_persistence'] !== undefined && {
      session_persistence: asAttributes(given['session_persistence']) ?? null,
    }),
  });
  provision(core, call, row.loadbalancer_id, [{ table: 'pools', id: row.id, fate: 'active' }], core.latencies.poolMs);
  return { status: 200, body: { pool: show(core, changed ?? row) } };
}

function requireSupported(given: Attributes): void {
  if (given['lb_algorithm'] !== 'SOURCE_IP_PORT') return;
  throw new Refusal(501, 'Provider \'amphora\' does not support a requested option: Amphora provider does not support '
    + 'SOURCE_IP_PORT algorithm.');
}

function balancerOf(core: Core, given: Attributes): LoadBalancerRow {
  const balancerId = asText(given['loadbalancer_id']);
  const listenerId = asText(given['listener_id']);
  if (balancerId !== undefined) return requireBalancer(core, balancerId);
  if (listenerId === undefined) throw invalidOption('Must provide at least one of: loadbalancer_id, listener_id');
  const listener = core.state.table('listeners').get(listenerId);
  if (!listener) throw missing('Listener', listenerId);
  return requireBalancer(core, listener.loadbalancer_id);
}

function show(core: Core, row: PoolRow): Attributes {
  const listeners = core.state.table('listeners').list(({ default_pool_id }) => default_pool_id === row.id);
  const members = core.state.table('members').list(({ pool_id }) => pool_id === row.id);
  const monitor = core.state.table('healthMonitors').find(({ pool_id }) => pool_id === row.id);
  return {
    ...showPart(row), description: row.description, protocol: row.protocol, lb_algorithm: row.lb_algorithm,
    session_persistence: row.session_persistence, loadbalancers: [{ id: row.loadbalancer_id }],
    listeners: listeners.map(({ id }) => ({ id })), ...(monitor && { healthmonitor_id: monitor.id }),
    members: members.map(({ id }) => ({ id })), tls_container_ref: null, ca_tls_container_ref: null,
    crl_container_ref: null, tls_enabled: false, tls_ciphers: null, tls_versions: null, alpn_protocols: null,
  };
}
