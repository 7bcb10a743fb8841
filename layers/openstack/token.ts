import { createHash } from 'node:crypto';
import { flatten, withVersion, type CatalogueEndpoint, type CatalogService } from './catalogue.ts';
import { OpenStackError } from './error.ts';
import { path } from './path.ts';
import type { CallRecord, Transport } from './transport.ts';

/** Who logs in. A name needs its domain; an application credential carries its user and project. */
export type Credential =
  | { username: string; userDomainName: string; password: Password }
  | { userId: string; password: Password }
  | { applicationCredentialId: string; applicationCredentialSecret: string };

/** Known, or asked for where a login really needs it: most find a token that somebody else got. */
export type Password = string | (() => Promise<string>);

/** What the token is good for. An application credential is bound to its project, so it takes no scope. */
export type Scope = { projectId: string } | { projectName: string; projectDomainName: string } | { domainName: string };

export interface CachedToken { token: string; expiresAtMs: number; catalogue: CatalogueEndpoint[] }

/** Shares tokens between sessions, and between functions where a table backs it. Losing an entry costs one call. */
export interface TokenCache {
  get(key: string): Promise<CachedToken | undefined>;
  put(key: string, token: CachedToken): Promise<void>;
}

/** Keeps tokens as long as the process lives. */
export function memoryTokenCache(): TokenCache {
  const tokens = new Map<string, CachedToken>();
  return {
    get: async (key) => tokens.get(key),
    put: async (key, token) => void tokens.set(key, token),
  };
}

export interface Login { authUrl: string; credential: Credential; scope?: Scope | undefined }

/** The same for the same user and scope; tells nothing of either, and does not depend on the secret. */
export function cacheKey({ authUrl, credential, scope }: Login): string {
  const who = Object.entries(credential).filter(([key]) => key !== 'password' && key !== 'applicationCredentialSecret');
  return createHash('sha256')
    .update(JSON.stringify([authUrl, who.sort(), Object.entries(scope ?? {}).sort()]))
    .digest('hex');
}

export interface Wire {
  transport: Transport;
  headers: Readonly<Record<string, string>>;
  onCall?: ((call: CallRecord) => void) | undefined;
  projectId?: string | undefined;
}

/** POST /v3/auth/tokens. */
export async function issueToken(login: Login, { transport, headers, onCall, projectId }: Wire): Promise<CachedToken> {
  const { credential, scope } = login;
  const answer = await transport.send({
    service: 'identity',
    method: 'POST',
    endpoint: withVersion(login.authUrl, 'v3'),
    path: path`/auth/tokens`,
    query: '',
    headers,
    onCall,
    projectId,
    body: { auth: { identity: await identityOf(credential), ...(scope && { scope: wireScope(scope) }) } },
  });
  const token = answer.headers['x-subject-token'];
  const body = answer.body as { token?: { expires_at?: string; catalog?: CatalogService[] } } | undefined;
  if (typeof token !== 'string' || !body?.token?.expires_at) {
    throw new OpenStackError({
      service: 'identity',
      method: 'POST',
      path: '/auth/tokens',
      status: answer.status,
      type: 'NoToken',
      message: 'Keystone answered without a token',
    });
  }
  return { token, expiresAtMs: Date.parse(body.token.expires_at), catalogue: flatten(body.token.catalog ?? []) };
}

async function identityOf(credential: Credential): Promise<object> {
  if ('applicationCredentialId' in credential) {
    const { applicationCredentialId: id, applicationCredentialSecret: secret } = credential;
    return { methods: ['application_credential'], application_credential: { id, secret } };
  }
  const user = 'userId' in credential
    ? { id: credential.userId }
    : { name: credential.username, domain: { name: credential.userDomainName } };
  const password = typeof credential.password === 'string' ? credential.password : await credential.password();
  return { methods: ['password'], password: { user: { ...user, password } } };
}

function wireScope(scope: Scope): object {
  if ('projectId' in scope) return { project: { id: scope.projectId } };
  if ('domainName' in scope) return { domain: { name: scope.domainName } };
  return { project: { name: scope.projectName, domain: { name: scope.projectDomainName } } };
}
