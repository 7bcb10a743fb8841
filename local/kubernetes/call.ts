/** What a request's method and path ask for. */
import { methodNotAllowed, noSuchPath } from './api-error.ts';
import type { Attributes } from './authorize.ts';
import type { Resource, ResourceTable } from './resource-table.ts';

export interface ResourceCall {
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string;
  verb: string;
}

const verbs: Record<string, [named: string, collection: string]> = {
  GET: ['get', 'list'], POST: ['create', 'create'], PUT: ['update', ''], PATCH: ['patch', ''],
    DELETE: ['delete', 'deletecollection'],
};

function verbOf(method: string, named: boolean, query: URLSearchParams): string {
  if (method === 'GET' && query.get('watch') === 'true') return 'watch';
  const verb = verbs[method === 'HEAD' ? 'GET' : method]?.[named ? 0 : 1];
  if (!verb) throw methodNotAllowed();
  return verb;
}

/** The resource that a path below /api and /apis leads to; undefined for other paths. Throws 404 when there is none. */
export function resourceCall(resources: ResourceTable, method: string, url: URL): ResourceCall | undefined {
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const [group, version, ...rest] = core ? ['', ...parts.slice(1)] : parts.slice(1);
  if (!version || rest.length === 0) return undefined;
  // /namespaces/x/pods is about pods; /namespaces/x and /namespaces/x/status are about the namespace.
  const within = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2]!);
  const [plural, name, subresource = '', beyond] = within ? rest.slice(2) : rest;
  const resource = plural === undefined ? undefined : resources.find(group!, version, plural);
  // What follows /proxy is for who is behind it.
  if (!resource || (beyond !== undefined && subresource !== 'proxy') || (within && !resource.namespaced)) throw noSuchPath();
  const namespace = within ? rest[1] : undefined;
  if (resource.namespaced && !within && (name !== undefined || method !== 'GET')) throw noSuchPath();
  return { resource, namespace, name, subresource, verb: verbOf(method, name !== undefined, url.searchParams) };
}

/** The same call as authorisation sees it. */
export const attributesOf = ({ resource, namespace, name, subresource, verb }: ResourceCall): Attributes =>
  ({ verb, group: resource.group, resource: resource.plural, subresource, namespace, name });
