/** A load balancer does one thing at a time: PENDING while it does it, immutable until it is done. */
import { nextNumber, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { BalancerPartRow, LoadBalancerRow } from './rows.ts';
import { asText, asTexts, type Attributes, type Call } from '../service.ts';
import type { Table } from '../state.ts';

export type PartTable = 'listeners' | 'pools' | 'members' | 'healthMonitors';

/** What becomes of a part when the load balancer is done. */
interface Part { table: PartTable; id: string; fate: 'active' | 'gone' }

export function registerProvisioning(core: Core): void {
  core.jobs.on('balancer-settled', (id, job) => settle(core, id, job.detail as Part[]));
}

/** Refuses unless the load balancer is ACTIVE; it is busy from now on. */
export function lockBalancer(core: Core, balancer: LoadBalancerRow): void {
  if (balancer.provisioning_status !== 'ACTIVE') {
    throw new Refusal(409, `Load Balancer ${balancer.id} is immutable and cannot be updated.`);
  }
  core.state.table('loadBalancers').update(balancer.id, { provisioning_status: 'PENDING_UPDATE' });
}

/** Has the load balancer busy with these parts for so long. */
export function provision(core: Core, call: Call, balancerId: string, parts: Part[], afterMs: number): void {
  const [first] = parts;
  const row = first ? partTable(core, first.table).get(first.id) : core.state.table('loadBalancers').get(balancerId);
  const resource = first ? `${RESOURCES[first.table]}${first.fate === 'gone' ? '-delete' : ''}`
    : 'load-balancer-update';
  core.jobs.begin('balancer-settled', balancerId, afterMs, {
    resource, resourceId: row?.id ?? balancerId, name: row?.name ?? '', projectId: row?.project_id ?? '',
    requestId: call.globalRequestId,
  }, parts);
}

/** Marks a part as changing or going. */
export function markPart(core: Core, table: PartTable, id: string, status: 'PENDING_UPDATE' | 'PENDING_DELETE'): void {
  partTable(core, table).update(id, { provisioning_status: status, updated_at: balancerTime() });
}

/** What every part starts with. */
export function newPart(core: Core, projectId: string, given: Attributes): BalancerPartRow {
  return {
    id: core.random.uuid(), project_id: projectId, name: asText(given['name']) ?? '',
    provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE',
    admin_state_up: given['admin_state_up'] !== false, tags: asTexts(given['tags']) ?? [], created_at: balancerTime(),
    updated_at: null, order: nextNumber(core, 'balancerOrder'),
  };
}

/** The attributes every part shows. */
export function showPart(row: BalancerPartRow): Attributes {
  const { id, name, provisioning_status, operating_status, admin_state_up, project_id, tags, created_at,
    updated_at } = row;
  return {
    id, name, provisioning_status, operating_status, admin_state_up, project_id, tenant_id: project_id, tags,
    created_at,
    updated_at,
  };
}

/** The changes an update makes to what every part has. */
export function partChanges(given: Attributes): Partial<BalancerPartRow> {
  const tags = asTexts(given['tags']);
  return {
    ...(typeof given['name'] === 'string' && { name: given['name'] }),
    ...(typeof given['admin_state_up'] === 'boolean' && { admin_state_up: given['admin_state_up'] }),
    ...(tags && { tags }), updated_at: balancerTime(),
  };
}

/** Now, as Octavia writes it. */
export function balancerTime(): string {
  return new Date().toISOString().slice(0, 19);
}

const RESOURCES: Record<PartTable, string> = {
  listeners: 'listener', pools: 'pool', members: 'members', healthMonitors: 'health-monitor',
};

/** The part's table, seen as what all parts have in common. */
function partTable(core: Core, table: PartTable): Table<BalancerPartRow> {
  return core.state.table(table) as unknown as Table<BalancerPartRow>;
}

function settle(core: Core, balancerId: string, parts: Part[]): void {
  for (const { table, id, fate } of parts) {
    if (fate === 'gone') removePart(core, table, id);
    else becomeActive(core, table, id);
  }
  const balancer = core.state.table('loadBalancers').get(balancerId);
  if (balancer?.provisioning_status === 'PENDING_UPDATE') {
    core.state.table('loadBalancers').update(balancerId, { provisioning_status: 'ACTIVE', updated_at: balancerTime() });
  }
}

function becomeActive(core: Core, table: PartTable, id: string): void {
  const operating = table === 'members' && !isMonitored(core, id) ? 'NO_MONITOR' : 'ONLINE';
  partTable(core, table).update(id, {
    provisioning_status: 'ACTIVE', operating_status: operating, updated_at: balancerTime(),
  });
  if (table === 'healthMonitors') {
    const poolId = core.state.table('healthMonitors').get(id)?.pool_id;
    const members = core.state.table('members');
    for (const member of members.list(({ pool_id }) => pool_id === poolId)) {
      members.update(member.id, { operating_status: 'ONLINE' });
    }
  }
}

function isMonitored(core: Core, memberId: string): boolean {
  const poolId = core.state.table('members').get(memberId)?.pool_id;
  return core.state.table('healthMonitors').find(({ pool_id }) => pool_id === poolId) !== undefined;
}

/** Removes a part and what hangs on it. */
export function removePart(core: Core, table: PartTable, id: string): void {
  if (table === 'pools') {
    for (const { id: member } of core.state.table('members').list(({ pool_id }) => pool_id === id)) {
      core.state.table('members').remove(member);
    }
    for (const { id: monitor } of core.state.table('healthMonitors').list(({ pool_id }) => pool_id === id)) {
      core.state.table('healthMonitors').remove(monitor);
    }
    const listeners = core.state.table('listeners');
    for (const one of listeners.list((row) => row.default_pool_id === id)) {
      listeners.update(one.id, { default_pool_id: null });
    }
  }
  partTable(core, table).remove(id);
}
