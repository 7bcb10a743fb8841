/** What a request about a resource does, and the answer. */
import { parse as parseYaml } from 'yaml';
import { ApiError, badRequest, methodNotAllowed, noSuchPath } from './api-error.ts';
import type { Api, Target, WriteOptions } from './api.ts';
import type { User } from './authenticate.ts';
import type { ResourceCall } from './call.ts';
import { evict } from './eviction.ts';
import { askKubelet } from './kubelet-proxy.ts';
import { isRecord, type KubeObject } from './objects.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patch.ts';
import { list } from './reads.ts';
import { restrictNode } from './restrict-node.ts';

/** A request whose sender is known. */
export interface Request { user: User; method: string; url: URL; contentType: string; agent: string; body: string }
export interface Answer { code: number; body: unknown }

const unsupported = (type: string): ApiError =>
  new ApiError(415, 'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, not ${type}`);

/** The body as JSON or YAML. Throws 400 or 415 when it is neither. */
export function parse({ body, contentType }: Request): unknown {
  if (body === '') return undefined;
  if (contentType.endsWith('protobuf')) throw unsupported(contentType);
  try {
    return contentType.endsWith('yaml') ? parseYaml(body) : JSON.parse(body);
  } catch (error) {
    throw badRequest(`the body cannot be read as ${contentType || 'JSON'}: ${(error as Error).message}`);
  }
}

function optionsOf({ url, agent }: Request): WriteOptions {
  return { manager: url.searchParams.get('fieldManager') || agent.split('/')[0]
    || 'unknown', dryRun: url.searchParams.get('dryRun') === 'All' };
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

/** Does what the call asks for. It has been allowed. */
export function answerResource(api: Api, call: ResourceCall, request: Request): Answer {
  const { resource, namespace, name, subresource, verb } = call;
  const target = { resource, namespace, name: name ?? '' };
  if (subresource === 'status' && resource.hasStatus) return writeStatus(api, target, request);
  if (subresource === 'eviction' && resource.kind === 'Pod'
    && verb === 'create') return { code: 201, body: evict(api, namespace!, name!) };
  if (subresource === 'approval'
    && resource.kind === 'CertificateSigningRequest') return writeStatus(api, target, request);
  if (subresource === 'proxy' && resource.kind === 'Node' && verb === 'get') return { code: 200, body: askKubelet(api.get(target), request.url) };
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
