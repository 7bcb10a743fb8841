/** OpenStack as the caller sees it: with their own token, so that what they must not see does not exist. */
import { counted } from '../lifecycle/sessions.ts';
import { sessionFromToken, type UserSession } from '../openstack/session.ts';
import { createTransport, type Transport } from '../openstack/transport.ts';
import { requireSettings } from '../platform/settings.ts';
import type { Sessions } from '../admission/admit-cluster.ts';
import type { Caller } from './authenticate.ts';
import type { Request } from './endpoint.ts';
import { platformSession } from './platform-session.ts';

let transport: Transport | undefined;

export function userSession({ token }: Pick<Caller, 'token'>, requestId: string): UserSession {
  const { authUrl, regionName, caCertificate, magnumTypes } = requireSettings();
  transport ??= createTransport({ ca: caCertificate, timeoutMs: 15_000 });
  return sessionFromToken({
    authUrl, token, region: regionName, requestId, http: transport, onCall: counted, magnumTypes,
  });
}

/** Both, as admission asks for them. */
export const sessionsOf = ({ caller, requestId, event }: Request): Sessions =>
  ({ user: userSession(caller, requestId), platform: platformSession(event.requestContext.requestId) });
