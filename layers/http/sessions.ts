/** OpenStack as the caller sees it: with their own token, so that what they must not see does not exist. */
import { createHash } from 'node:crypto';
import { counted, gateFor } from '../lifecycle/sessions.ts';
import type { CatalogueEndpoint } from '../openstack/catalogue.ts';
import { sessionFromToken, type Remember, type UserSession } from '../openstack/session.ts';
import { createTransport, type Transport } from '../openstack/transport.ts';
import { requireSettings } from '../platform/settings.ts';
import type { Sessions } from '../admission/admit-cluster.ts';
import type { Caller } from './authenticate.ts';
import type { Request } from './endpoint.ts';
import { platformSession } from './platform-session.ts';

/** A service that has moved is found this much later at most. */
const keepMs = 60_000;
const keepMost = 200;
interface Known { catalogue: Promise<CatalogueEndpoint[]>; until: number }
/** By a hash: the memory of a function holds no more tokens than it must. */
const catalogues = new Map<string, Known>();

/** A token's catalogue, for a minute: every request that needs the cloud would ask Keystone for it first. One that failed is not kept. */
const remember: Remember = (token, read) => {
  const key = createHash('sha256').update(token).digest('base64');
  const known = catalogues.get(key);
  if (known && known.until > Date.now()) return known.catalogue;
  if (catalogues.size >= keepMost) catalogues.clear();
  const catalogue = read();
  catalogues.set(key, { catalogue, until: Date.now() + keepMs });
  catalogue.catch(() => void catalogues.delete(key));
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
