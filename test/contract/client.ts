/** A bare client: one call, one answer, nothing hidden, nothing tried again. */
import { flatten, requireEndpoint, withVersion, type CatalogService } from '../../layers/openstack/catalogue.ts';
import type { Service } from '../../layers/openstack/error.ts';
import { readFault, type Fault } from '../../layers/openstack/fault.ts';
import type { Credential, Scope } from '../../layers/openstack/token.ts';
import { cloud, patienceMs } from './cloud.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** As JSON; text where it is none. */
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  body: any;
  text: string;
  /** What the service said when it refused. */
  error?: Fault;
}

/** Somebody's token, and calls with it. */
export interface Client {
  token: string;
  userId: string;
  call(service: Service, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** Nova of the microversion that Moorage speaks. */
export const nova293 = { 'OpenStack-API-Version': 'compute 2.93' };

/** Logs in; throws with the answer when that is refused. */
export async function openClient(authUrl: string, credential: Credential, scope: Scope | undefined): Promise<Client> {
  const answer = await authenticate(authUrl, credential, scope);
  if (answer.status !== 201) throw new Error(`login: ${answer.status} ${answer.text}`);
  const { catalog = [], user } = (answer.body as { token: { catalog?: CatalogService[]; user: { id: string } } }).token;
  const catalogue = flatten(catalog);
  const token = answer.headers.get('x-subject-token') ?? '';
  return {
    token, userId: user.id,
    async call(service, method, path, body, headers) {
      const endpoint = requireEndpoint(catalogue, { service, interface: 'public', region: cloud.regionName });
      const answer = await send(method, endpoint + path, body, { 'X-Auth-Token': token, ...headers });
      return answer.status < 400 ? answer : { ...answer, error: readFault(service, answer.status, answer.text) };
    },
  };
}

/** `POST /auth/tokens`. */
export function authenticate(authUrl: string, credential: Credential, scope?: Scope): Promise<Answer> {
  return send('POST', `${withVersion(authUrl, 'v3')}/auth/tokens`, { auth: { identity: identityOf(credential), ...(scope && { scope: scopeBody(scope) }) } });
}

function identityOf(credential: Credential): object {
  if ('applicationCredentialId' in credential) {
    const { applicationCredentialId: id, applicationCredentialSecret: secret } = credential;
    return { methods: ['application_credential'], application_credential: { id, secret } };
  }
  const user = 'userId' in credential ? { id: credential.userId } : { name: credential.username, domain: { name: credential.userDomainName } };
  return { methods: ['password'], password: { user: { ...user, password: credential.password } } };
}

function scopeBody(scope: Scope): object {
  if ('projectId' in scope) return { project: { id: scope.projectId } };
  if ('domainName' in scope) return { domain: { name: scope.domainName } };
  return { project: { name: scope.projectName, domain: { name: scope.projectDomainName } } };
}

export async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method, headers: { 'Content-Type': 'application/json', ...headers }, signal: AbortSignal.timeout(patienceMs),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // not JSON: the text stands for itself
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}
