/** Tokens: signed, not stored; what they are worth is read from the state at every use, as with Fernet tokens. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Core } from '../core.ts';
import type { RoleRow } from './rows.ts';

/** Tokens live this long; a cloud's default. */
export const TOKEN_LIFETIME_MS = 3_600_000;

export interface TokenContent {
  userId: string;
  projectId: string | null;
  domainId: string | null;
  applicationCredentialId: string | null;
  methods: string[];
  issuedAt: number;
  expiresAt: number;
  auditId: string;
}

/** Who calls, as the services see it. */
export interface Caller {
  userId: string;
  projectId: string | null;
  domainId: string | null;
  roles: RoleRow[];
  isAdmin: boolean;
  token: TokenContent;
  has(role: string): boolean;
}

/** Roles of which one includes another. */
const IMPLIED: Record<string, string> = { admin: 'member', member: 'reader' };

export function issueToken(core: Core, content: TokenContent): string {
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `gAAAAA${payload}.${sign(core, payload)}`;
}

/**
 * The caller behind a token; undefined when it is forged, expired or revoked, or when its user, project, domain, role
 * or application credential is gone or disabled.
 */
export function readToken(core: Core, token: string | undefined): Caller | undefined {
  const content = contentOf(core, token);
  return content && callerOf(core, content);
}

/** What a token was issued for, as long as it is genuine, not expired and not revoked. */
export function contentOf(core: Core, token: string | undefined): TokenContent | undefined {
  const match = /^gAAAAA([\w-]+)\.([\w-]+)$/.exec(token ?? '');
  if (!match?.[1] || !match[2]) return undefined;
  const expected = Buffer.from(sign(core, match[1]));
  const given = Buffer.from(match[2]);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const content = JSON.parse(Buffer.from(match[1], 'base64url').toString()) as TokenContent;
  if (content.expiresAt <= Date.now() || core.state.table('revokedTokens').get(content.auditId)) return undefined;
  return content;
}

/** The caller a token of this content stands for; undefined when it stands for nobody (any more). */
export function callerOf(core: Core, token: TokenContent): Caller | undefined {
  const { userId, projectId, domainId } = token;
  if (!userEnabled(core, userId) || !scopeEnabled(core, projectId, domainId)) return undefined;
  let roles = rolesOf(core, userId, projectId, domainId);
  if (token.applicationCredentialId) {
    const credential = core.state.table('applicationCredentials').get(token.applicationCredentialId);
    if (!credential || (credential.expires_at && Date.parse(credential.expires_at) <= Date.now())) return undefined;
    roles = roles.filter((role) => credential.roleIds.includes(role.id));
  }
  const scoped = projectId !== null || domainId !== null;
  if (scoped && roles.length === 0) return undefined;
  const names = new Set(roles.map((role) => role.name));
  const has = (role: string): boolean => names.has(role);
  return { userId, projectId, domainId, roles, isAdmin: has('admin'), token, has };
}

/** The roles a user has there, with those they include. */
export function rolesOf(core: Core, userId: string, projectId: string | null, domainId: string | null): RoleRow[] {
  const project = core.state.table('projects').get(projectId);
  const granted = core.state.table('assignments').list((assignment) => assignment.userId === userId && (
    (assignment.scope === 'project' && assignment.scopeId === projectId)
    || (assignment.scope === 'domain' && assignment.scopeId === domainId)
    || (assignment.scope === 'inherited' && project !== undefined && assignment.scopeId === project.domain_id)));
  const names = new Set<string>();
  for (const { roleId } of granted) {
    let name = core.state.table('roles').get(roleId)?.name;
    for (; name !== undefined; name = IMPLIED[name]) names.add(name);
  }
  return core.state.table('roles').list((role) => names.has(role.name));
}

function userEnabled(core: Core, userId: string): boolean {
  const user = core.state.table('users').get(userId);
  return user?.enabled === true && core.state.table('domains').get(user.domain_id)?.enabled === true;
}

function scopeEnabled(core: Core, projectId: string | null, domainId: string | null): boolean {
  const project = core.state.table('projects').get(projectId);
  if (projectId !== null && project?.enabled !== true) return false;
  const domain = project?.domain_id ?? domainId;
  return domain === null || core.state.table('domains').get(domain)?.enabled === true;
}

function sign(core: Core, payload: string): string {
  const key = String(core.state.table('meta').get('tokenKey')?.value);
  return createHmac('sha256', key).update(payload).digest('base64url');
}
