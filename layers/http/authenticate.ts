/** Who is asking, as Keystone tells: every call brings a token, and its project owns what is asked about. */
import { validateToken, type TokenInfo } from '../openstack/keystone.ts';
import { isOpenStackError } from '../openstack/error.ts';
import { platformSession } from './platform-session.ts';
import { logger } from '../platform/logger.ts';
import { unauthorised } from './error-answer.ts';
import { HttpError, unavailable } from './http-error.ts';
import { hashOf, Memory } from './memory.ts';
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

const rights: Record<Right, readonly string[]> = { read: ['reader', 'member', 'admin'], change: ['member', 'admin'] };

/** By the token's hash. One that is revoked counts for a minute more at most. */
const known = new Memory<TokenInfo>(2_000, 60_000);

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
  const key = hashOf(token);
  const held = known.get(key, now);
  if (held) return held;
  const info = await ask(token, invocation);
  if (info) known.keep(key, info, now, Date.parse(info.expires_at));
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
