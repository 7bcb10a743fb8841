/** Octavia's load balancers. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { LoadBalancerRow } from './rows.ts';
import { asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { invalidOption, readBody, type Shape } from './attributes.ts';
import { insertChildren } from './populated.ts';
import { listedProject, requireBalancer, requireRead, requireWrite } from './policy.ts';
import { balancerTime, newPart, partChanges, provision, removePart, showPart } from './provisioning.ts';
import { listReply, pick } from './query.ts';
import { requireQuota } from './quotas.ts';
import { statusTree } from './status-tree.ts';
import { dropVip, plugAmphora, takeVip } from './vip.ts';

const PATH = '/v2.0/lbaas/loadbalancers';
const CREATE: Shape = {
  name: 'text', description: 'text', vip_address: 'address', vip_port_id: 'uuid', vip_subnet_id: 'uuid',
  vip_network_id: 'uuid', vip_qos_policy_id: 'uuid', additional_vips: 'any', project_id: 'any', tenant_id: 'any',
  admin_state_up: 'flag', listeners: 'any', pools: 'any', provider: 'text', flavor_id: 'uuid',
  availability_zone: 'text',
  tags: 'any',
};
const UPDATE: Shape = { name: 'text', description: 'text', vip_qos_policy_id: 'uuid', admin_state_up: 'flag',
  tags: 'any' };
const FILTERS = ['id', 'name', 'description', 'provisioning_status', 'operating_status', 'admin_state_up',
  'vip_address',
  'vip_port_id', 'vip_subnet_id', 'vip_network_id', 'provider', 'flavor_id', 'availability_zone'];

export function loadBalancerRoutes(core: Core): Route[] {
  const table = core.state.table('loadBalancers');
  core.jobs.on('balancer-ready', (id) => becomeReady(core, id));
  core.jobs.on('balancer-gone', (id) => vanish(core, id));
  const readable = (call: Call): LoadBalancerRow => {
    const row = requireBalancer(core, call.param('id'));
    requireRead(call.caller, row.project_id);
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      const projectId = listedProject(call.caller, call.query.get('project_id') ?? call.query.get('tenant_id'));
      const rows = table.list((row) => (projectId ?? row.project_id) === row.project_id);
      return listReply(call, 'loadbalancers', rows.map((row) => show(core, row)), FILTERS, ['project_id', 'tenant_id']);
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) =>
      ({ status: 200, body: { loadbalancer: pick(call, show(core, readable(call))) } })),
    route('PUT', `${PATH}/{id}`, (call) => update(core, call)),
    route('DELETE', `${PATH}/{id}`, (call) => remove(core, call)),
    route('GET', `${PATH}/{id}/status`, (call) => ({ status: 200, body: statusTree(core, readable(call)) })),
    route('GET', `${PATH}/{id}/statuses`, (call) => ({ status: 200, body: statusTree(core, readable(call)) })),
    route('GET', `${PATH}/{id}/stats`, (call) => {
      readable(call);
      const stats = { bytes_in: 0, bytes_out: 0, active_connections: 0, total_connections: 0, request_errors: 0 };
      return { status: 200, body: { stats } };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  if (!within(call.body, 'loadbalancer')) {
    throw new Refusal(500, '\'UnsetType\' object has no attribute \'project_id\'');
  }
  const given = readBody(call, 'loadbalancer', 'load_balancer', CREATE);
  const projectId = asText(given['project_id'] ?? given['tenant_id']) ?? call.caller.projectId;
  if (projectId === null) {
    throw invalidOption(
      'Missing project ID in request where one is required. An administrator should check the keystone '
      + 'settings in the Octavia configuration.');
  }
  requireWrite(call.caller, projectId);
  const provider = asText(given['provider']) ?? 'amphora';
  if (!['amphora', 'octavia'].includes(provider)) throw new Refusal(400, `Provider '${provider}' is not enabled.`);
  requireQuota(core, projectId, 'load_balancer');
  const part = newPart(core, projectId, given);
  const row = core.state.table('loadBalancers').insert({
    ...part, description: asText(given['description']) ?? '', provider: 'amphora', vrrpPortId: null,
    flavor_id: asText(given['flavor_id']) ?? null, availability_zone: asText(given['availability_zone']) ?? null,
    ...takeVip(core, call, part.id, projectId, given),
  });
  insertChildren(core, row, given);
  core.jobs.begin('balancer-ready', row.id, core.latencies.loadBalancerMs, {
    resource: 'load-balancer', resourceId: row.id, name: row.name, projectId, requestId: call.globalRequestId,
  });
  return { status: 201, body: { loadbalancer: show(core, row) } };
}

function becomeReady(core: Core, id: string): void {
  const row = core.state.table('loadBalancers').get(id);
  if (row?.provisioning_status !== 'PENDING_CREATE') return;
  const failed = core.faults.breaks('load-balancer-error');
  core.state.table('loadBalancers').update(id, failed
    ? { provisioning_status: 'ERROR', updated_at: balancerTime() }
    : {
        provisioning_status: 'ACTIVE', operating_status: 'ONLINE', updated_at: balancerTime(),
        vrrpPortId: plugAmphora(core, row),
      });
}

function update(core: Core, call: Call): Reply {
  const row = requireBalancer(core, call.param('id'));
  requireWrite(call.caller, row.project_id);
  const given = readBody(call, 'loadbalancer', 'load_balancer', UPDATE, true);
  requireState(row, ['ACTIVE']);
  const changed = core.state.table('loadBalancers').update(row.id, {
    ...partChanges(given), provisioning_status: 'PENDING_UPDATE',
    ...(typeof given['description'] === 'string' && { description: given['description'] }),
  });
  provision(core, call, row.id, [], core.latencies.loadBalancerUpdateMs);
  return { status: 200, body: { loadbalancer: show(core, changed ?? row) } };
}

function remove(core: Core, call: Call): Reply {
  const row = requireBalancer(core, call.param('id'));
  requireWrite(call.caller, row.project_id);
  const cascade = /^(true|1)$/i.test(call.query.get('cascade') ?? '');
  const children = [...childrenOf(core, row.id).listeners, ...childrenOf(core, row.id).pools];
  if (children.length > 0 && !cascade) {
    throw invalidOption(`Cannot delete Load Balancer ${row.id} - it has children`);
  }
  requireState(row, ['ACTIVE', 'ERROR']);
  core.state.table('loadBalancers')
    .update(row.id, { provisioning_status: 'PENDING_DELETE', updated_at: balancerTime() });
  core.jobs.begin('balancer-gone', row.id, core.latencies.loadBalancerDeleteMs, {
    resource: 'load-balancer-delete', resourceId: row.id, name: row.name, projectId: row.project_id,
    requestId: call.globalRequestId,
  });
  return { status: 204 };
}

function vanish(core: Core, id: string): void {
  const row = core.state.table('loadBalancers').get(id);
  if (!row) return;
  const { listeners, pools } = childrenOf(core, id);
  for (const pool of pools) removePart(core, 'pools', pool.id);
  for (const listener of listeners) removePart(core, 'listeners', listener.id);
  dropVip(core, row);
  core.state.table('loadBalancers').remove(id);
}

function requireState(row: LoadBalancerRow, states: string[]): void {
  if (states.includes(row.provisioning_status)) return;
  throw new Refusal(409, `Invalid state ${row.provisioning_status} of loadbalancer resource ${row.id}`);
}

function childrenOf(core: Core, id: string): { listeners: { id: string }[]; pools: { id: string }[] } {
  return {
    listeners: core.state.table('listeners').list(({ loadbalancer_id }) => loadbalancer_id === id),
    pools: core.state.table('pools').list(({ loadbalancer_id }) => loadbalancer_id === id),
  };
}

function show(core: Core, row: LoadBalancerRow): Attributes {
  const { listeners, pools } = childrenOf(core, row.id);
  return {
    ...showPart(row), description: row.description, vip_address: row.vip_address, vip_port_id: row.vip_port_id,
    vip_subnet_id: row.vip_subnet_id, vip_network_id: row.vip_network_id, additional_vips: [],
    listeners: listeners.map(({ id }) => ({ id })), pools: pools.map(({ id }) => ({ id })), provider: row.provider,
    flavor_id: row.flavor_id, vip_qos_policy_id: null, availability_zone: row.availability_zone,
  };
}
