/** Sessions of the platform's user, with tokens shared through the table and every call counted. */
import { openSession, type Session } from '../openstack/session.ts';
import type { Credential, Scope, TokenCache } from '../openstack/token.ts';
import { createTransport, type CallRecord, type Gate, type Transport } from '../openstack/transport.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { platformPassword } from '../platform/password.ts';
import { requireSettings, type Settings } from '../platform/settings.ts';
import { uuidFrom } from '../platform/uuid.ts';
import { bookService, leaveServiceAlone, readService, slowService } from '../store/services.ts';
import { getToken, putToken } from '../store/tokens.ts';
import { createGate } from './cloud-gate.ts';

/** One for each cluster that a function has to do with: it must not remember all that there are. */
const keepMost = 1_000;
const memory = new Map<string, { token: string; expiresAtMs: number }>();

function remember(key: string, token: { token: string; expiresAtMs: number }): void {
  if (memory.size >= keepMost) memory.clear();
  memory.set(key, token);
}

/** In the function's memory first, then in the table: a cold start need not log in. */
export const tokens: TokenCache = {
  async get(key) {
    const known = memory.get(key) ?? await getToken(key);
    if (known) remember(key, known as never);
    return known as never;
  },
  async put(key, token) {
    remember(key, token);
    await putToken(key, token, token.expiresAtMs);
  },
};

const bookings = { book: bookService, read: readService, leaveAlone: leaveServiceAlone, slow: slowService };
const unlimited = { atOnce: 0, perSecond: 0 };

/**
 * What everybody passes who asks OpenStack. Steps, watch and janitor keep to the installation's limits. What users ask for
 * themselves is limited where it comes in, and waits only while a service wants to be left alone by Moorage.
 */
export const gateFor = (who: 'platform' | 'edge' | 'user'): Gate => createGate({
  bookings, speaksForAll: who !== 'user',
  limitOf(service) {
    const { cloudCallsAtOnce, cloudCallsPerSecond } = requireSettings();
    return who === 'platform' ? { atOnce: cloudCallsAtOnce[service], perSecond: cloudCallsPerSecond[service] } : unlimited;
  },
  warn: (message, told) => logger.warn(message, { ...told }),
});

const transports = new Map<'platform' | 'edge', Transport>();

/** Of the process: connections, and what is known of services, are shared. */
function transportFor(who: 'platform' | 'edge', ca: string | undefined): Transport {
  const known = transports.get(who) ?? createTransport({ ca, gate: gateFor(who) });
  transports.set(who, known);
  return known;
}

export interface Purpose {
  /** Operation and step, or what else it is for: becomes the request id that every call carries, the same for the same. */
  purpose: string;
  /** The user's project whose cluster it is about: who asks little of a busy service goes before who asks much. */
  projectId?: string | undefined;
  /** Somebody waits for an answer of the API. */
  isAtEdge?: boolean;
  /** Instead of the platform's user. */
  credential?: Credential;
}

/** A session in `scope`, of the platform's user or of `credential`. */
export function session(settings: Settings, scope: Scope | undefined, { purpose, projectId, isAtEdge = false, credential }: Purpose): Session {
  const { username, userDomainName } = settings;
  return openSession({
    authUrl: settings.authUrl, region: settings.regionName, scope, tokens, requestId: requestIdOf(purpose), onCall: counted,
    http: transportFor(isAtEdge ? 'edge' : 'platform', settings.caCertificate), projectId,
    credential: credential ?? { username, password: platformPassword, userDomainName },
  });
}

/** The same for the same purpose. */
export const requestIdOf = (purpose: string): string => `req-${uuidFrom(purpose)}`;

/** Every call to a cloud, whoever makes it, by service, verb and outcome. */
export const counted = ({ service, method, status }: CallRecord): void =>
  count('CloudCalls', 1, { api: service, method, outcome: status === 0 ? 'none' : `${Math.floor(status / 100)}xx` });
