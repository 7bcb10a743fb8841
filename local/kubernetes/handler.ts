/** One request: who, whether they may, what it does, the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { parse as parseYaml } from 'yaml';
import { ApiError, badRequest, forbidden, methodNotAllowed, noQuorum, noSuchPath, unauthorized } from './api-error.ts';
import type { Api, Target, WriteOptions } from './api.ts';
import { anonymous, authenticate, type User } from './authenticate.ts';
import { isAllowed, type Attributes } from './authorize.ts';
import { attributesOf, resourceCall, type ResourceCall } from './call.ts';
import { discover, openapi } from './discovery.ts';
import { evict } from './eviction.ts';
import { isRecord, type KubeObject } from './objects.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patch.ts';
import { list, watch } from './reads.ts';
import { restrictNode } from './restrict-node.ts';
import { tableOf, wantsTable } from './tables.ts';

export interface Serving {
  api: Api;
  /** With its v. */
  version: string;
  /** Whether etcd has a quorum now. */
  hasQuorum: () => boolean;
}

interface Request { user: User; method: string; url: URL; contentType: string; agent: string; body: string }
interface Answer { code: number; body: unknown }

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

function parse({ body, contentType }: Request): unknown {
  if (body === '') return undefined;
  if (contentType.endsWith('protobuf')) throw unsupported(contentType);
  try {
    return contentType.endsWith('yaml') ? parseYaml(body) : JSON.parse(body);
  } catch (error) {
    throw badRequest(`the body cannot be read as ${contentType || 'JSON'}: ${(error as Error).message}`);
  }
}

const unsupported = (type: string): ApiError =>
  new ApiError(415, 'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, not ${type}`);

function optionsOf({ url, agent }: Request): WriteOptions {
  return { manager: url.searchParams.get('fieldManager') || agent.split('/')[0]
    || 'unknown', dryRun: url.searchParams.get('dryRun') === 'All' };
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

function patch(api: Api, target: Target, request: Request): Answer {
  const type = request.contentType;
  const body = parse(request);
  const options = optionsOf(request);
  if (type.startsWith('application/apply-patch')) {
    if (!request.url.searchParams.get('fieldManager')) throw badRequest('fieldManager is required for apply patch');
    const force = request.url.searchParams.get('force') === 'true';
    const there = api.find(target);
    return { code: there ? 200 : 201, body: api.apply(target, body, { ...options, force }) };
  }
  return { code: 200, body: api.patch(target, (live) => patched(live, body, type, target.resource.custom), options) };
}

function patched(live: KubeObject, body: unknown, type: string, custom: boolean): unknown {
  if (type === 'application/merge-patch+json') return mergePatch(live, body);
  if (type === 'application/strategic-merge-patch+json' && !custom) return strategicPatch(live, body, custom);
  if (type === 'application/json-patch+json') return jsonPatch(live, body);
  throw unsupported(type);
}

function writeStatus(api: Api, target: Target, request: Request): Answer {
  const body = parse(request);
  if (request.method === 'GET') return { code: 200, body: api.get(target) };
  const next = (live: KubeObject): unknown => request.method === 'PUT' ? body
    : request.contentType.startsWith('application/apply-patch') ? mergePatch(live, body)
      : patched(live, body, request.contentType, target.resource.custom);
  return { code: 200, body: api.writeStatus(target, (_, live) => (next(live) as KubeObject).status) };
}

function removeCollection(api: Api, call: ResourceCall, query: URLSearchParams): Answer {
  const { items } = list(api, call, query) as { items: KubeObject[] };
  for (const { metadata } of items) api.remove({ ...call, namespace: metadata.namespace, name: metadata.name });
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
}

function answerResource(api: Api, call: ResourceCall, request: Request): Answer {
  const { resource, namespace, name, subresource, verb } = call;
  const target = { resource, namespace, name: name ?? '' };
  if (subresource === 'status' && resource.hasStatus) return writeStatus(api, target, request);
  if (subresource === 'eviction' && resource.kind === 'Pod'
    && verb === 'create') return { code: 201, body: evict(api, namespace!, name!) };
  if (subresource === 'approval'
    && resource.kind === 'CertificateSigningRequest') return writeStatus(api, target, request);
  if (subresource !== '') throw noSuchPath();
  switch (verb) {
    case 'get': return { code: 200, body: api.get(target) };
    case 'list': return { code: 200, body: list(api, call, request.url.searchParams) };
    case 'create': {
      if (name !== undefined) throw methodNotAllowed();
      const sent = parse(request);
      restrictNode(request.user, resource, sent);
      return { code: 201, body: api.create(resource, namespace, withRequester(resource.kind, sent, request.user),
        optionsOf(request)) };
    }
    case 'update': return { code: 200, body: api.update(target, parse(request), optionsOf(request)) };
    case 'patch': return patch(api, target, request);
    case 'delete': {
      const preconditions = parse(request);
      return { code: 200, body: deleted(api.remove(target, isRecord(preconditions)
        && isRecord(preconditions.preconditions) ? preconditions.preconditions : {}), call) };
    }
    case 'deletecollection': return removeCollection(api, call, request.url.searchParams);
    default: throw methodNotAllowed();
  }
}

/** A request for a certificate names who made it, whatever was sent. */
function withRequester(kind: string, sent: unknown, { name, groups }: User): unknown {
  if (kind !== 'CertificateSigningRequest' || !isRecord(sent)) return sent;
  return { ...sent, spec: { ...isRecord(sent.spec) ? sent.spec : {}, username: name, groups } };
}

function deleted(object: KubeObject, { resource, name }: ResourceCall): unknown {
  if (object.metadata.deletionTimestamp) return object;
  const { group, plural } = resource;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success',
    details: { name, kind: plural, ...(group && { group }), uid: object.metadata.uid } };
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
  const shape = wantsTable(incoming.headers.accept) ? (object: unknown): unknown => tableOf(kind, object, api.now()) : undefined;
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
