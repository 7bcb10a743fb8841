/**
 * What a user has asked to be done in their own project is done with their own token: sealed for as long as it is valid,
 * under the operation that needs it, and given to no other.
 */
import { TerminalError } from '../engine/failure.ts';
import { isOpenStackError } from '../openstack/error.ts';
import { sessionFromToken, type Session } from '../openstack/session.ts';
import { createTransport, type Transport } from '../openstack/transport.ts';
import type { Settings } from '../platform/settings.ts';
import { getToken, putToken } from '../store/tokens.ts';
import { counted, gateFor, requestIdOf } from './sessions.ts';

export interface Authority { token: string; projectId: string }

const keyOf = (operationId: string): string => `authority:${operationId}`;

/** Lends the user's token to the operation; the latest counts. `expiresAt` in epoch milliseconds: Keystone's own end of it. */
export const lendAuthority = (operationId: string, authority: Authority, expiresAt: number): Promise<void> =>
  putToken(keyOf(operationId), authority, expiresAt);

let transport: Transport | undefined;

/** OpenStack as the user who asked for the operation sees it. Throws a TerminalError when their token has ended. */
export async function userAuthority(
  { authUrl, regionName, caCertificate, magnumTypes }: Settings, operationId: string, purpose: string,
): Promise<{ user: Session; projectId: string }> {
  const authority = await getToken<Authority>(keyOf(operationId));
  if (!authority) throw ended();
  transport ??= createTransport({ ca: caCertificate, gate: gateFor('user') });
  const session = sessionFromToken({
    authUrl, token: authority.token, region: regionName, magnumTypes, http: transport, requestId: requestIdOf(purpose), onCall: counted,
  });
  return { user: { request: (call) => session.request<never>(call).catch(refuseEnded) }, projectId: authority.projectId };
}

/** A token that was revoked, or whose end came in the middle, says 401 everywhere. */
function refuseEnded(error: unknown): never {
  throw isOpenStackError(error, 401) ? ended() : error;
}

const ended = (): TerminalError => new TerminalError('token_ended',
  'The token with which this was asked for has ended, and nothing may be done in the project without it.',
  'Ask for the same again with a new token: it goes on from where it stopped.');
