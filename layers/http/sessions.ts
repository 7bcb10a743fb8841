/** OpenStack as the caller sees it: with their own token, so that what they must not see does not exist. */
import { counted, gateFor } from '../lifecycle/sessions.ts';
import type { CatalogueEndpoint } from '../openstack/catalogue.ts';
import { sessionFromToken, type Remember, type UserSession } from '../openstack/session.ts';
import { createTransport, type Transport } from '../openstack/transport.ts';
import { requireSettings } from '../platform/settings.ts';
import type { Sessions } from '../admission/admit-cluster.ts';
import type { Caller } from './authenticate.ts';
import type { Request } from './endpoint.ts';
import { hashOf, Memory } from './memory.ts';
import { platformSession } from './platform-session.ts';

/** By the token's hash. A service that has moved is found a minute later at most. */
const catalogues = new Memory<CatalogueEndpoint[]>(200, 60_000);

/** A token's catalogue: every request that needs the cloud would ask Keystone for it first. */
const remember: Remember = async (token, read) => {
  const key = hashOf(token);
  const known = catalogues.get(key);
  if (known) return known;
  const catalogue = await read();
  catalogues.keep(key, catalogue);
  return catalogue;
};

let transport: Transport | undefined;

export function userSession({ token }: Pick<Caller, 'token'>, requestId: string): UserSession {
  const { authUrl, regionName, caCertificate, magnumTypes } = requireSettings();
  transport ??= createTransport({ ca: caCertificate, timeoutMs: 15_000, gate: gateFor('user') });
  return sessionFromToken({
    authUrl, token, remember, region: regionName, requestId, http: transport, onCall: counted, magnumTypes,
  });
}

/** All, as admission asks for them; nothing is remembered. */
export function sessionsOf({ caller, requestId, event }: Request): Sessions {
  const user = userSession(caller, requestId);
  return { user, lookups: user, platform: platformSession(event.requestContext.requestId) };
}
