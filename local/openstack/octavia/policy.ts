/** Octavia's default policy: only the load-balancer roles count, and admins. */
import type { Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { LoadBalancerRow } from './rows.ts';

export function denied(): Refusal {
  return new Refusal(403, 'Policy does not allow this request to be performed.');
}

export function requireRead(caller: Caller, projectId: string | null): void {
  const own = projectId !== null && projectId === caller.projectId;
  const reads = caller.has('load-balancer_member') || caller.has('load-balancer_observer');
  if (!isAdmin(caller) && !caller.has('load-balancer_global_observer') && !(own && reads)) throw denied();
}

export function requireWrite(caller: Caller, projectId: string): void {
  if (!isAdmin(caller) && !(projectId === caller.projectId && caller.has('load-balancer_member'))) throw denied();
}

export function isAdmin(caller: Caller): boolean {
  return caller.isAdmin || caller.has('load-balancer_admin');
}

/** The projects a list covers: undefined for all of them. */
export function listedProject(caller: Caller, asked: string | null): string | undefined {
  if (isAdmin(caller) || caller.has('load-balancer_global_observer')) return asked ?? undefined;
  requireRead(caller, asked ?? caller.projectId);
  return asked ?? caller.projectId ?? '';
}

export function missing(what: string, id: string): Refusal {
  return new Refusal(404, `${what} ${id} not found.`);
}

export function requireBalancer(core: Core, id: string): LoadBalancerRow {
  const row = core.state.table('loadBalancers').get(id);
  if (!row) throw missing('Load Balancer', id);
  return row;
}
