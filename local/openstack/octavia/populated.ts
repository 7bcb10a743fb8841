/**
 * Load balancers created with their children in one call. As observed, the children are there and stay PENDING_CREATE
 * for ever while the load balancer becomes ACTIVE: whoever relies on such creates notices here.
 */
import type { Core } from '../core.ts';
import type { LoadBalancerRow } from './rows.ts';
import { asAttributes, type Attributes } from '../service.ts';
import { insertListener } from './listeners.ts';
import { insertMember } from './members.ts';
import { insertPool } from './pools.ts';

export function insertChildren(core: Core, balancer: LoadBalancerRow, given: Attributes): void {
  for (const pool of itemsOf(given['pools'])) insertPoolTree(core, balancer, pool);
  for (const item of itemsOf(given['listeners'])) {
    const listener = insertListener(core, balancer.id, balancer.project_id, item);
    const pool = asAttributes(item['default_pool']);
    if (pool) core.state.table('listeners')
      .update(listener.id, { default_pool_id: insertPoolTree(core, balancer, pool) });
  }
}

function insertPoolTree(core: Core, balancer: LoadBalancerRow, given: Attributes): string {
  const pool = insertPool(core, balancer.id, balancer.project_id, given);
  for (const member of itemsOf(given['members'])) insertMember(core, pool, member);
  return pool.id;
}

function itemsOf(value: unknown): Attributes[] {
  return Array.isArray(value) ? value.map(asAttributes).filter((item) => item !== undefined) : [];
}
