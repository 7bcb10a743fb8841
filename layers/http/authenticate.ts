/** Who is asking, as Keystone tells: every call brings a token, and its project owns what is asked about. */
import { createHash } from 'node:crypto';
import { validateToken, type TokenInfo } from '../openstack/keystone.ts';
import { isOpenStackError } from '../openstack/error.ts';
import { platformSession } from './platform-session.ts';
import { logger } from '../platform/logger.ts';
import { unauthorised } from './error-answer.ts';
import { HttpError, unavailable } from './http-error.ts';
import { limitRate } from './rate-limit.ts';

export interface Caller {
  userId: string;
  userName: string;
  projectId: string;
  roles: readonly string[];
  token: string;
  /** Epoch milliseconds. */
  tokenEndsAt: number;
}
/** `read` needs one of Keystone's three roles, `change` one of the upper two. */
export type Right = 'read' | 'change';

/** A token that is revoked counts for this much longer at most. */
const keepMs = 60_000;
const keepMost = 2_000;
const rights: Record<Right, readonly string[]> = { read: ['reader', 'member', 'admin'], change: ['member', 'admin'] };

interface Known { info: TokenInfo; until: number }
/** By a hash: the memory of a function holds no more tokens than it must. */
const known = new Map<string, Known>();

/** The caller, if the token is valid, scoped to a project, and its roles give the right. */
export async function authenticate(
  token: string | undefined, right: Right, invocation: string, now: number,
): Promise<Caller> {
  if (!token) throw unauthorised('There is no token in the request.');
  const info = await tokenInfo(token, invocation, now);
  if (!info) throw unauthorised('Keystone does not know the token, or no longer.');
  const { user, project, roles = [] } = info;
  if (!project) {
    throw new HttpError({
      status: 403, code: 'token_without_project',
      message: 'The token is not scoped to a project.', action: 'Ask Keystone for a token that is.',
    });
  }
  await limitRate(project.id, right, invocation, now);
  const names = roles.map(({ name }) => name);
  if (!rights[right].some((role) => names.includes(role))) {
    const [needed] = rights[right];
    const message = `This needs the role ${needed} in the project ${project.name}.`;
    throw new HttpError({ status: 403, code: 'role_missing', message });
  }
  const tokenEndsAt = Date.parse(info.expires_at);
  return { userId: user.id, userName: user.name, projectId: project.id, roles: names, token, tokenEndsAt };
}

async function tokenInfo(token: string, invocation: string, now: number): Promise<TokenInfo | undefined> {
  const key = createHash('sha256').update(token).digest('base64');
  const held = known.get(key);
  if (held && held.until > now) return held.info;
  const info = await ask(token, invocation);
  if (!info) {
    known.delete(key);
    return undefined;
  }
  if (known.size >= keepMost) known.clear();
  known.set(key, { info, until: Math.min(now + keepMs, Date.parse(info.expires_at)) });
  return info;
}

async function ask(token: string, invocation: string): Promise<TokenInfo | undefined> {
  try {
    return await validateToken(platformSession(invocation), token);
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    const { status, type, message, retryAfterMs } = error;
    logger.error('Keystone did not say whose token it is', { status, type, cloudMessage: message });
    throw unavailable('identity_unavailable', 'Keystone does not answer, so nobody can be let in.', retryAfterMs);
  }
}

/** For tests: nobody is known. */
export const forgetCallers = (): void => known.clear();
