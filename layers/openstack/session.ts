import { passOn, send, wireOf, type Call, type Common, type Passed } from './call.ts';
import { flatten, withVersion, type CatalogService, type CatalogueEndpoint } from './catalogue.ts';
import { isOpenStackError } from './error.ts';
import type { Incoming } from './exchange.ts';
import { path } from './path.ts';
import { cacheKey, issueToken, memoryTokenCache } from './token.ts';
import type { CachedToken, Credential, Scope, TokenCache, Wire } from './token.ts';

/** Somebody's way into OpenStack: their token, the catalogue that came with it, and the request id all calls carry. */
export interface Session {
  /** The answer's body, or undefined where there is none. Everything that goes wrong is an OpenStackError. */
  request<T>(call: Call): Promise<T>;
}

/** A user's: what they ask of another service goes there as they asked it. */
export interface UserSession extends Session {
  /** The service's own answer, whatever it is; an OpenStackError only where there is none of its own. */
  passOn(passed: Passed): Promise<Incoming>;
}

export interface SessionOptions extends Common {
  authUrl: string;
  credential: Credential;
  scope?: Scope | undefined;
  tokens?: TokenCache | undefined;
  /** Epoch milliseconds; for tests. */
  now?: (() => number) | undefined;
}

/**
 * The token is the user's. Its catalogue is asked of Keystone at the first call where it is not given, and `remember`, if
 * given, decides for how long it counts.
 */
export type TokenSessionOptions = Common & { token: string } & (
    { authUrl: string; remember?: Remember } | { catalogue: CatalogueEndpoint[] }
  );
export type Remember = (token: string, read: () => Promise<CatalogueEndpoint[]>) => Promise<CatalogueEndpoint[]>;

/** Renewed this long before it ends, so that none ends while a service still works with it. */
const RENEW_BEFORE_MS = 120_000;

/** For everybody who brings no cache: tokens are shared by the whole process. */
const sharedTokens = memoryTokenCache();

/** A session of our own user: logs in at the first call, renews in time, and once more when a service says 401. */
export function openSession(options: SessionOptions): Session {
  const { tokens = sharedTokens, now = Date.now, ...login } = options;
  const wire = wireOf(options);
  const key = cacheKey(login);
  let current: Promise<CachedToken> | undefined;

  /** A token that is not `refused`: the cache's, which another function may have renewed meanwhile, or a new one. */
  async function obtain(refused?: string): Promise<CachedToken> {
    const cached = await tokens.get(key);
    if (cached && cached.token !== refused && isFresh(cached)) return cached;
    const issued = await issueToken(login, wire);
    await tokens.put(key, issued);
    return issued;
  }

  /** Calls at the same time share one login; a failed one is not kept. */
  function renew(refused?: string): Promise<CachedToken> {
    const obtaining = obtain(refused);
    current = obtaining;
    obtaining.catch(() => { if (current === obtaining) current = undefined; });
    return obtaining;
  }

  const isFresh = (token: CachedToken): boolean => token.expiresAtMs - RENEW_BEFORE_MS > now();

  async function token(refused?: string): Promise<CachedToken> {
    const held = current;
    const known = await held;
    if (known && known.token !== refused && isFresh(known)) return known;
    return current === held || current === undefined ? renew(refused) : current;
  }

  return {
    async request<T>(call: Call): Promise<T> {
      const known = await token();
      try {
        return await send<T>(call, known, options, wire);
      } catch (error) {
        if (!isOpenStackError(error, 401)) throw error;
        return send<T>(call, await token(known.token), options, wire);
      }
    },
  };
}

/** A session with a user's own token: it sees and may do what they may, and ends when their token does. */
export function sessionFromToken(options: TokenSessionOptions): UserSession {
  const wire = wireOf(options);
  const { token } = options;
  let known: Promise<CatalogueEndpoint[]> | undefined;

  /** Calls at the same time share one reading; a failed one is not kept. */
  function catalogue(): Promise<CatalogueEndpoint[]> {
    if (known) return known;
    const reading = 'catalogue' in options ? Promise.resolve(options.catalogue) : (options.remember ?? ((_, read) => read()))(
      token, () => readCatalogue(options.authUrl, token, wire));
    known = reading;
    reading.catch(() => { known = undefined; });
    return reading;
  }

  return {
    request: async <T>(call: Call): Promise<T> => send<T>(call, { token, catalogue: await catalogue() }, options, wire),
    passOn: async (passed) => passOn(passed, { token, catalogue: await catalogue() }, options, wire),
  };
}

async function readCatalogue(
  authUrl: string,
  token: string,
  { transport, headers, onCall, projectId }: Wire,
): Promise<CatalogueEndpoint[]> {
  const { body } = await transport.send({
    service: 'identity',
    method: 'GET',
    endpoint: withVersion(authUrl, 'v3'),
    path: path`/auth/catalog`,
    query: '',
    headers: { ...headers, 'x-auth-token': token },
    onCall,
    projectId,
  });
  return flatten((body as { catalog?: CatalogService[] } | undefined)?.catalog ?? []);
}
