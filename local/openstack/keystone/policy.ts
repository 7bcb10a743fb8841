/** Who may do what in Keystone: its default policy, with what an operator adds for Moorage's role. */
import type { Call } from '../service.ts';
import { forbidden } from './keystone.ts';
import type { ProjectRow, RoleRow, UserRow } from './rows.ts';

/** What users of clusters may be given. */
const ROLES = ['member', 'load-balancer_member'];

/** Lets admins pass; anyone else is told which action is not theirs. */
export function requireAdmin(call: Call, action: string): void {
  if (!call.caller.isAdmin) throw forbidden(action);
}

/** Admins, and Moorage with whatever token. */
export function requirePlatform(call: Call, action: string): void {
  if (!call.caller.has('moorage')) requireAdmin(call, action);
}

/** Admins, and Moorage with a token for the domain the thing is in; who asks for what is gone is refused as well. */
export function requireKeeper(call: Call, action: string, thing: ProjectRow | UserRow | undefined): void {
  if (!(call.caller.has('moorage') && keeps(call, thing))) requireAdmin(call, action);
}

/** Admins; Moorage for users of its domain and the two roles. */
export function requireGranter(call: Call, action: string, user: UserRow | undefined, role: RoleRow | undefined): void {
  if (!(call.caller.has('moorage') && keeps(call, user) && ROLES.includes(role?.name ?? ''))) requireAdmin(call, action);
}

/** Admins, and readers with a token for a domain, who see what is in it. */
export function requireDomainReader(call: Call, action: string): void {
  if (!(call.caller.has('reader') && call.caller.domainId !== null)) requireAdmin(call, action);
}

/** What a token for a domain shows in lists; another token shows everything. */
export function inSight(call: Call, domainId: string | undefined): boolean {
  return call.caller.domainId === null || call.caller.domainId === domainId;
}

function keeps(call: Call, thing: ProjectRow | UserRow | undefined): boolean {
  return thing !== undefined && call.caller.domainId === thing.domain_id;
}
