/** The cloud's own Magnum, which builds the first generation: requests are passed on with their user's own token. */
import { circuitBreaker, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { isOpenStackError, OpenStackError, type Method } from './error.ts';
import { path } from './path.ts';
import { get, list } from './resource.ts';
import type { Session, UserSession } from './session.ts';

export interface MagnumRequest {
  method: Method;
  /** Below `/v1`, with its first slash: `/clusters/{id or name}`. */
  path: string;
  /** With its question mark, or empty. */
  query?: string | undefined;
  /** The header `OpenStack-API-Version` as the user sent it. */
  microversion?: string | undefined;
  contentType?: string | undefined;
  body?: string | undefined;
}

/** What Magnum answered, whatever the status. Headers in lower case, only those that are the user's business. */
export interface MagnumAnswer { status: number; headers: Record<string, string>; body: string }

/** Headers that are about the content, and not about the way it came. */
const PASSED_BACK = ['content-type', 'location', 'openstack-api-version', 'openstack-api-minimum-version',
  'openstack-api-maximum-version', 'vary', 'www-authenticate', 'x-openstack-request-id'];

/**
 * A Magnum that has not answered three times in a row is left alone for a while: a list of both generations shall not
 * wait for it each time. Only what Magnum itself failed to do counts, never a refusal.
 */
const breaker = circuitBreaker(handleWhen((error) => isOpenStackError(error) && error.type !== 'EndpointNotFound'), {
  halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(3),
});

/**
 * The answer of Magnum itself, refusals included. Throws an OpenStackError when there is none: `EndpointNotFound` where
 * this cloud (or this token) has no Magnum, `MagnumRests` after it has failed several times, otherwise why it failed.
 */
export async function passOn(session: UserSession, request: MagnumRequest): Promise<MagnumAnswer> {
  const { method, microversion, contentType, body, query = '' } = request;
  const place = { text: encoded(request), template: '/{path}' };
  const headers = {
    ...(microversion !== undefined && { 'openstack-api-version': microversion }),
    ...(contentType !== undefined && { 'content-type': contentType }),
  };
  try {
    const { status, headers: all, body: text } = await breaker.execute(() =>
      session.passOn({ service: 'container-infra', method, path: place, query, text: body, headers }));
    const kept = PASSED_BACK.flatMap((name) => (typeof all[name] === 'string' ? [[name, all[name]]] : []));
    return { status, headers: Object.fromEntries(kept) as Record<string, string>, body: text };
  } catch (error) {
    if (!isBrokenCircuitError(error)) throw error;
    throw problem(request, 0, 'MagnumRests', 'Magnum has not answered several times and is left alone for a moment');
  }
}

/** What Moorage itself needs to know of a cluster. `stack_id` is shown up to 1.12. */
export interface MagnumCluster { uuid: string; name: string; status: string; status_reason: string | null; stack_id: string; project_id: string }
export interface MagnumNodeGroup { uuid: string; name: string; role: string; stack_id: string; node_count: number; is_default: boolean }

const VERSION = '1.10';

/** By uuid or name; undefined when it does not exist, or not for this token. */
export function getCluster(session: Session, cluster: string): Promise<MagnumCluster | undefined> {
  return get<MagnumCluster>(session, {
    service: 'container-infra', path: path`/clusters/${cluster}`, key: null, microversion: VERSION,
  });
}

export function listNodeGroups(session: Session, clusterId: string): Promise<MagnumNodeGroup[]> {
  return list<MagnumNodeGroup>(session, {
    service: 'container-infra', path: path`/clusters/${clusterId}/nodegroups`, key: 'nodegroups', microversion: VERSION,
  });
}

/** One page of a list; `next` is the marker after which it goes on. */
export interface MagnumPage<Item> { items: Item[]; next?: string }
export interface PageOf { limit?: number; marker?: string; sort_key?: string; sort_dir?: string }
export interface ListOptions { detail?: boolean; microversion?: string }
export interface Listed extends Record<string, unknown> { uuid: string; name: string | null }

/** Clusters of the user's project, as Magnum lists them. Throws an OpenStackError also for a refusal. */
export const listClusters = (session: UserSession, page: PageOf, options: ListOptions = {}): Promise<MagnumPage<Listed>> =>
  listPage(session, 'clusters', page, options);

/** Cluster templates that the user sees, as Magnum lists them; errors as above. */
export const listClusterTemplates = (
  session: UserSession, page: PageOf, options: ListOptions = {},
): Promise<MagnumPage<Listed>> => listPage(session, 'clustertemplates', page, options);

async function listPage(
  session: UserSession, key: string, page: PageOf, { detail, microversion }: ListOptions,
): Promise<MagnumPage<Listed>> {
  const wanted = Object.entries(page).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const request: MagnumRequest = {
    method: 'GET', path: `/${key}${detail ? '/detail' : ''}`, microversion,
    query: wanted.length > 0 ? `?${new URLSearchParams(wanted)}` : '',
  };
  const { status, body } = await passOn(session, request);
  if (status !== 200) throw problem(request, status, `HTTP ${status}`, reasonOf(body));
  const answer = JSON.parse(body) as { next?: string } & Record<string, Listed[]>;
  const items = answer[key];
  if (!items) throw problem(request, 0, 'UnexpectedAnswer', `Magnum answered without "${key}"`);
  const next = answer.next && new URL(answer.next, 'http://any').searchParams.get('marker');
  return { items, ...(next && { next }) };
}

function reasonOf(body: string): string {
  const detail = /"detail":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  return detail ? JSON.parse(`"${detail}"`) as string : 'Magnum refused without saying why';
}

/** Every part stays one part: what a user put into the path must not climb out of `/v1`. */
function encoded({ method, path: text }: MagnumRequest): string {
  return text.split('/').map((part) => {
    const plain = decoded(part);
    if (plain === '.' || plain === '..') {
      throw problem({ method, path: '' }, 404, 'NotFound', 'The resource could not be found.');
    }
    return encodeURIComponent(plain);
  }).join('/');
}

function decoded(part: string): string {
  try { return decodeURIComponent(part); } catch { return part; }
}

const problem = (
  request: Pick<MagnumRequest, 'method' | 'path'>, status: number, type: string, message: string,
): OpenStackError => new OpenStackError({
  service: 'container-infra', method: request.method, path: request.path, status, type, message,
});
