import { randomUUID } from 'node:crypto';
import { requireEndpoint, type Interface } from './catalogue.ts';
import type { Method, Service } from './error.ts';
import { queryText, type Path, type Query } from './path.ts';
import type { CachedToken, Wire } from './token.ts';
import type { Incoming } from './exchange.ts';
import { createTransport, type CallRecord, type PassedRequest, type Transport } from './transport.ts';

/** One call of a service. */
export interface Call {
  service: Service;
  method: Method;
  path: Path;
  query?: Query;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Asked of services that have them: `2.93`. */
  microversion?: string;
  /** A PUT that acts instead of setting: not to be repeated. */
  once?: boolean;
}

/** What every session is made of, whoever's it is. */
export interface Common {
  region?: string | undefined;
  interface?: Interface | undefined;
  /** A UUID, with or without `req-`: goes with every call, so that one id finds it in the logs of all services. */
  requestId?: string | undefined;
  http?: Transport | undefined;
  /** Whose cluster the calls are about. */
  projectId?: string | undefined;
  onCall?: ((call: CallRecord) => void) | undefined;
  /** Types under which the catalogue may have the Magnum behind us. */
  magnumTypes?: readonly string[] | undefined;
}

/** For everybody who brings no transport: connections are shared by the whole process. */
let sharedTransport: Transport | undefined;

/** What goes with every call of a session. */
export function wireOf({ http, requestId = randomUUID(), onCall, projectId }: Common): Wire {
  const id = requestId.startsWith('req-') ? requestId : `req-${requestId}`;
  return {
    transport: http ?? (sharedTransport ??= createTransport()),
    headers: { 'x-openstack-request-id': id },
    onCall,
    projectId,
  };
}

/** Finds the service in the catalogue and calls it, with that token. */
export async function send<T>(
  call: Call,
  { token, catalogue }: Pick<CachedToken, 'token' | 'catalogue'>,
  options: Common,
  { transport, headers, onCall, projectId }: Wire,
): Promise<T> {
  const { service, method, body, once } = call;
  const answer = await transport.send({
    service,
    method,
    endpoint: endpointOf(service, catalogue, options),
    path: call.path,
    query: queryText(call.query ?? {}),
    body,
    once,
    onCall,
    projectId,
    headers: { ...headers, 'x-auth-token': token, ...microversionHeaders(service, call.microversion), ...call.headers },
  });
  return answer.body as T;
}

/** A request as somebody else made it: path, query and body go as they are. */
export interface Passed extends Pick<PassedRequest, 'service' | 'method' | 'path' | 'query' | 'text'> {
  headers: Readonly<Record<string, string>>;
}

/** Finds the service in the catalogue and passes the request on to it, with that token. */
export function passOn(
  passed: Passed,
  { token, catalogue }: Pick<CachedToken, 'token' | 'catalogue'>,
  options: Common,
  { transport, headers, onCall, projectId }: Wire,
): Promise<Incoming> {
  const endpoint = endpointOf(passed.service, catalogue, options);
  return transport.pass({
    ...passed, endpoint, onCall, projectId, headers: { ...headers, ...passed.headers, 'x-auth-token': token },
  });
}

function endpointOf(service: Service, catalogue: CachedToken['catalogue'], options: Common): string {
  return requireEndpoint(catalogue, {
    service, interface: options.interface ?? 'public', region: options.region,
    ...(service === 'container-infra' && { types: options.magnumTypes }),
  });
}

function microversionHeaders(service: Service, version: string | undefined): Record<string, string> {
  if (version === undefined) return {};
  // Cinder's name in this header is older than its name in the catalogue.
  return { 'openstack-api-version': `${service === 'block-storage' ? 'volume' : service} ${version}` };
}
