/** Octavia's health monitors: one for each pool. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { HealthMonitorRow, PoolRow } from './rows.ts';
import { asInteger, asText, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { readBody, type Shape } from './attributes.ts';
import { listedProject, missing, requireBalancer, requireRead, requireWrite } from './policy.ts';
import { lockBalancer, markPart, newPart, partChanges, provision, showPart } from './provisioning.ts';
import { listReply, pick } from './query.ts';
import { requireQuota } from './quotas.ts';

const PATH = '/v2.0/lbaas/healthmonitors';
const CHANGEABLE: Shape = {
  name: 'text', admin_state_up: 'flag', delay: 'number:0', timeout: 'number:0', max_retries: 'number:1 10',
  max_retries_down: 'number:1 10', http_method: 'one:CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE',
  url_path: 'text',
  expected_codes: 'text', http_version: 'any', domain_name: 'text', tags: 'any',
};
const CREATE: Shape = {
  ...CHANGEABLE, type: '!one:HTTP HTTPS PING SCTP TCP TLS-HELLO UDP-CONNECT', delay: '!number:0', timeout: '!number:0',
  max_retries: '!number:1 10', pool_id: '!uuid', project_id: 'any', tenant_id: 'any',
};
const FILTERS = ['id', 'name', 'type', 'provisioning_status', 'operating_status', 'admin_state_up', 'delay', 'timeout',
  'max_retries'];

export function healthMonitorRoutes(core: Core): Route[] {
  const table = core.state.table('healthMonitors');
  const find = (call: Call): HealthMonitorRow => {
    const row = table.get(call.param('id'));
    if (!row) throw missing('Health Monitor', call.param('id'));
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      const projectId = listedProject(call.caller, call.query.get('project_id'));
      const rows = table.list((row) => (projectId ?? row.project_id) === row.project_id
        && (call.query.get('pool_id') ?? row.pool_id) === row.pool_id);
      return listReply(call, 'healthmonitors', rows.map(show), FILTERS, ['project_id', 'pool_id']);
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireRead(call.caller, row.project_id);
      return { status: 200, body: { healthmonitor: pick(call, show(row)) } };
    }),
    route('PUT', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireWrite(call.caller, row.project_id);
      const given = readBody(call, 'healthmonitor', 'health_monitor', CHANGEABLE, true);
      const balancerId = lockFor(core, row.pool_id);
      const changed = table.update(row.id,
        { ...partChanges(given), ...ownChanges(given), provisioning_status: 'PENDING_UPDATE' });
      provision(core, call, balancerId, [{ table: 'healthMonitors', id: row.id, fate: 'active' }],
        core.latencies.healthMonitorMs);
      return { status: 200, body: { healthmonitor: show(changed ?? row) } };
    }),
    route('DELETE', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireWrite(call.caller, row.project_id);
      const balancerId = lockFor(core, row.pool_id);
      markPart(core, 'healthMonitors', row.id, 'PENDING_DELETE');
      provision(core, call, balancerId, [{ table: 'healthMonitors', id: row.id, fate: 'gone' }],
        core.latencies.healthMonitorMs);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  const given = readBody(call, 'healthmonitor', 'health_monitor_', CREATE);
  const pool = requirePool(core, asText(given['pool_id']) ?? '');
  requireWrite(call.caller, pool.project_id);
  requireQuota(core, pool.project_id, 'health_monitor');
  lockFor(core, pool.id);
  const table = core.state.table('healthMonitors');
  if (table.find(({ pool_id }) => pool_id === pool.id)) {
    throw new Refusal(409, 'This pool already has a health monitor');
  }
  const type = String(given['type']);
  const web = type === 'HTTP' || type === 'HTTPS';
  const row = table.insert({
    ...newPart(core, pool.project_id, given), pool_id: pool.id, type, delay: asInteger(given['delay']) ?? 0,
    timeout: asInteger(given['timeout']) ?? 0, max_retries: asInteger(given['max_retries']) ?? 3,
    max_retries_down: asInteger(given['max_retries_down']) ?? 3,
    http_method: asText(given['http_method']) ?? (web ? 'GET' : null),
    url_path: asText(given['url_path']) ?? (web ? '/' : null),
    expected_codes: asText(given['expected_codes']) ?? (web ? '200' : null),
  });
  provision(core, call, pool.loadbalancer_id, [{ table: 'healthMonitors', id: row.id, fate: 'active' }],
    core.latencies.healthMonitorMs);
  return { status: 201, body: { healthmonitor: show(row) } };
}

function ownChanges(given: Attributes): Partial<HealthMonitorRow> {
  const numbers = ['delay', 'timeout', 'max_retries', 'max_retries_down'].filter((key) => given[key] != null)
    .map((key) => [key, asInteger(given[key])]);
  const texts = ['http_method', 'url_path', 'expected_codes'].filter((key) => given[key] !== undefined)
    .map((key) => [key, asText(given[key]) ?? null]);
  return Object.fromEntries([...numbers, ...texts]) as Partial<HealthMonitorRow>;
}

function lockFor(core: Core, poolId: string): string {
  const { loadbalancer_id: balancerId } = requirePool(core, poolId);
  lockBalancer(core, requireBalancer(core, balancerId));
  return balancerId;
}

function requirePool(core: Core, id: string): PoolRow {
  const pool = core.state.table('pools').get(id);
  if (!pool) throw missing('Pool', id);
  return pool;
}

function show(row: HealthMonitorRow): Attributes {
  const { type, delay, timeout, max_retries, max_retries_down, http_method, url_path, expected_codes } = row;
  return {
    ...showPart(row), type, delay, timeout, max_retries, max_retries_down, http_method, url_path, expected_codes,
    pools: [{ id: row.pool_id }], http_version: null, domain_name: null,
  };
}
