/** Sessions of the platform's user, with tokens shared through the table and every call counted. */
import { openSession, type Session } from '../openstack/session.ts';
import type { Credential, Scope, TokenCache } from '../openstack/token.ts';
import { createTransport, type CallRecord, type Transport } from '../openstack/transport.ts';
import { count } from '../platform/metrics.ts';
import { platformPassword } from '../platform/password.ts';
import type { Settings } from '../platform/settings.ts';
import { uuidFrom } from '../platform/uuid.ts';
import { getToken, putToken } from '../store/tokens.ts';

const memory = new Map<string, { token: string; expiresAtMs: number }>();

/** In the function's memory first, then in the table: a cold start need not log in. */
export const tokens: TokenCache = {
  async get(key) {
    const known = memory.get(key) ?? await getToken(key);
    if (known) memory.set(key, known as never);
    return known as never;
  },
  async put(key, token) {
    memory.set(key, token);
    await putToken(key, token, token.expiresAtMs);
  },
};

let transport: Transport | undefined;

/**
 * A session in `scope`, of the platform's user or of `credential`. `purpose` (operation and step) becomes the request id
 * that every call carries: the same step of the same operation always sends the same one.
 */
export function session(settings: Settings, scope: Scope | undefined, purpose: string, credential?: Credential): Session {
  transport ??= createTransport({ ca: settings.caCertificate });
  const { username, userDomainName } = settings;
  return openSession({
    authUrl: settings.authUrl, region: settings.regionName, scope, tokens, http: transport, requestId: requestIdOf(purpose), onCall: counted,
    credential: credential ?? { username, password: platformPassword, userDomainName },
  });
}

/** The same for the same purpose. */
export const requestIdOf = (purpose: string): string => `req-${uuidFrom(purpose)}`;

/** Every call to a cloud, whoever makes it, by service, verb and outcome. */
export const counted = ({ service, method, status }: CallRecord): void =>
  count('CloudCalls', 1, { api: service, method, outcome: status === 0 ? 'none' : `${Math.floor(status / 100)}xx` });
