/** One request: who, whether they may, what it does, the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { answerResource, parse, type Answer, type Request } from './answers.ts';
import { ApiError, forbidden, methodNotAllowed, noQuorum, noSuchPath, unauthorized } from './api-error.ts';
import type { Api } from './api.ts';
import { anonymous, authenticate, type User } from './authenticate.ts';
import { isAllowed, type Attributes } from './authorize.ts';
import { attributesOf, resourceCall, type ResourceCall } from './call.ts';
import { discover, openapi } from './discovery.ts';
import { isRecord } from './objects.ts';
import { watch } from './reads.ts';
import { tableOf, wantsTable } from './tables.ts';

export interface Serving {
  api: Api;
  /** With its v. */
  version: string;
  /** Whether etcd has a quorum now. */
  hasQuorum: () => boolean;
}

const largest = 3 * 1024 * 1024;

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new ApiError(413, 'RequestEntityTooLarge',
      `Request entity too large: limit is ${largest}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const health = /^\/(livez|readyz|healthz)(\/|$)/;

/** Everybody may ask for health and version; nobody without a name may ask anything else. */
function requireAllowed(api: Api, user: User, wanted: Attributes, call?: ResourceCall): void {
  if (isAllowed(api, user, wanted)) return;
  if (user === anonymous) throw unauthorized();
  const what = wanted.path === undefined
    ? `resource "${wanted.resource}" in API group "${wanted.group}"${wanted.namespace ? ` in the namespace "${wanted.namespace}"` : ' at the cluster scope'}`
    : `path "${wanted.path}"`;
  const why = `User "${user.name}" cannot ${wanted.verb} ${what}`;
  throw call ? forbidden(call.resource, call.name, why) : new ApiError(403, 'Forbidden', `forbidden: ${why}`, {});
}

function answerPath({ api, version, hasQuorum }: Serving, request: Request): Answer {
  const { pathname } = request.url;
  if (request.method !== 'GET' && request.method !== 'HEAD') return review(api, request);
  if (health.test(pathname)) {
    const name = pathname.split('/')[1]!;
    return hasQuorum() ? { code: 200, body: 'ok' }
      : { code: 500, body: `[+]ping ok\n[-]etcd failed: reason withheld\n${name} check failed\n` };
  }
  if (pathname === '/version' || pathname === '/version/') {
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
    return { code: 200, body: { major, minor, gitVersion: version, platform: 'linux/amd64' } };
  }
  if (pathname.startsWith('/openapi/v3')) return { code: 200, body: openapi(api.resources, pathname) };
  if (/^\/apis?(\/|$)/.test(pathname)) return { code: 200, body: discover(api.resources, pathname) };
  throw noSuchPath();
}

/** What `kubectl auth can-i` asks. */
function review(api: Api, request: Request): Answer {
  if (request.url.pathname !== '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') throw methodNotAllowed();
  const object = parse(request);
  const spec = isRecord(object) && isRecord(object.spec) ? object.spec : {};
  const asked = (isRecord(spec.resourceAttributes) ? spec.resourceAttributes : {}) as Record<string,
    string | undefined>;
  const { verb = '', group = '', resource = '', subresource = '', namespace, name } = asked;
  const allowed = isAllowed(api, request.user, { verb, group, resource, subresource, namespace, name });
  return { code: 201, body: { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {},
    spec, status: { allowed } } };
}

async function answer(serving: Serving, incoming: IncomingMessage,
  response: ServerResponse): Promise<Answer | undefined> {
  const { api, hasQuorum } = serving;
  const url = new URL(incoming.url ?? '/', 'https://kubernetes');
  const user = authenticate(api, incoming.socket as TLSSocket, incoming.headers.authorization);
  const request: Request = {
    user, url, method: incoming.method ?? 'GET', agent: incoming.headers['user-agent'] ?? '',
    contentType: (incoming.headers['content-type'] ?? '').split(';')[0]!.trim(), body: await bodyOf(incoming),
  };
  if (health.test(url.pathname)) return answerPath(serving, request);
  if (!hasQuorum()) throw noQuorum();
  const isReview = url.pathname.startsWith('/apis/authorization.k8s.io/') && request.method === 'POST';
  const call = isReview ? undefined : resourceCall(api.resources, request.method, url);
  if (!call) {
    const group = { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', subresource: '',
      namespace: undefined, name: undefined };
    requireAllowed(api, user, isReview ? { verb: 'create', ...group }
      : { verb: request.method.toLowerCase(), path: url.pathname });
    return answerPath(serving, request);
  }
  requireAllowed(api, user, attributesOf(call), call);
  const { kind } = call.resource;
  const asTable = (object: unknown): unknown => tableOf(kind, object, api.now());
  const shape = wantsTable(incoming.headers.accept) ? asTable : undefined;
  if (call.verb === 'watch') {
    watch(api, call, url.searchParams, response, shape);
    return undefined;
  }
  const { code, body } = answerResource(api, call, request);
  return { code, body: shape && request.method === 'GET' ? shape(body) : body };
}

/** Answers every request, with a Status when something is wrong. */
export async function handle(serving: Serving, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let result: Answer | undefined;
  try {
    result = await answer(serving, incoming, response);
    if (!result) return;
  } catch (error) {
    const known = error instanceof ApiError ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${(error as Error).message}`);
    result = { code: known.code, body: known.status };
  }
  const { code, body } = result;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(code, {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(code === 429 && { 'retry-after': '1' }),
  });
  response.end(incoming.method === 'HEAD' ? undefined : text);
}
