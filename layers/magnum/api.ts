/**
 * The Magnum API's functions: finds the route and its microversion, lets the caller in, and answers as Magnum does.
 * Magnum takes every path with and without `/v1`, and with a slash at its end.
 */
import { authenticate } from '../http/authenticate.ts';
import type { Request } from '../http/endpoint.ts';
import { refusalOf, type Answer } from '../http/error-answer.ts';
import { HttpError } from '../http/http-error.ts';
import { idOf } from '../http/middlewares.ts';
import { open, type Endpoint, type Event } from '../http/open.ts';
import routes from '../../schemas/generated/magnum-routes.json' with { type: 'json' };
import { magnumErrorAnswer, refused } from './errors.ts';
import { baseOf } from './links.ts';
import { microversionOf, versionHeaders, type Microversion } from './microversion.ts';

/** A request that has been let in. */
export interface MagnumRequest extends Request {
  version: Microversion;
  /** Where the client reached us, without a slash at the end: what links begin with. */
  base: string;
  /** Below `/v1`, still encoded. */
  below: string;
}

/** An answer that is more than its route's usual status. */
export class Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string>;
  constructor(status: number, body: string, headers: Record<string, string> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export type Handler = (request: MagnumRequest) => Promise<object>;
interface Route { id: string; method: string; path: string; role: string; since: string; status: number; query: string[] }

const json = { 'content-type': 'application/json' };
const known = (routes as Route[]).map((route) => {
  const pattern = new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
  return { ...route, pattern, minor: Number(route.since.split('.')[1]), isPlain: !route.path.includes('{') };
}).toSorted((a, b) => Number(b.isPlain) - Number(a.isPlain));

/** One function for all of `handlers`, by the route's id; `otherwise` answers what no route takes. */
export function magnumApi(handlers: Readonly<Record<string, Handler>>, otherwise: Handler): Endpoint {
  return open((event) => serve(event, handlers, otherwise), { success, error: magnumErrorAnswer });
}

function success(of: object): Answer {
  const { status, body, headers } = of as Reply;
  return { statusCode: status, headers: { ...(body !== '' && json), ...headers }, body };
}

async function serve(event: Event, handlers: Readonly<Record<string, Handler>>, otherwise: Handler): Promise<Reply> {
  const path = pathOf(event.rawPath);
  const { method } = event.requestContext.http;
  const there = known.flatMap((route) => { const match = route.pattern.exec(path); return match ? [{ route, parts: match.groups ?? {} }] : []; });
  const found = there.find(({ route }) => route.method === method);
  const header = (name: string): string | undefined => event.headers[name.toLowerCase()];
  const role = found?.route.role ?? 'reader';
  const requestId = idOf(event);
  const now = Date.now();
  const caller = role === 'anyone' ? { userId: '', userName: '', projectId: '', roles: [], token: '', tokenEndsAt: 0 }
    : await authenticate(header('x-auth-token'), role === 'member' ? 'change' : 'read', event.requestContext.requestId, now);
  const version = microversionOf(header('openstack-api-version'));
  const request: MagnumRequest = {
    caller, requestId, now, header, event, path, version, base: baseOf(event), below: path.slice('/v1'.length),
    query: event.queryStringParameters ?? {}, part: (name) => decoded(found?.parts[name] ?? ''),
  };
  const headers = path === '/' ? {} : versionHeaders(version);
  try {
    if (!found && there.length > 0) throw wrongMethod(method, there.map(({ route }) => route.method));
    if (!found) return withHeaders(replyOf(await otherwise(request), 200), headers);
    requireRoute(found.route, request);
    return withHeaders(replyOf(await (handlers[found.route.id] ?? otherwise)(request), found.route.status), headers);
  } catch (error) {
    const { refusal } = refusalOf(error);
    throw new HttpError({ ...refusal, headers: { ...headers, ...refusal.headers } });
  }
}

const replyOf = (answer: object, status: number): Reply =>
  answer instanceof Reply ? answer : new Reply(status, status === 204 ? '' : JSON.stringify(answer));

const withHeaders = ({ status, body, headers }: Reply, more: Record<string, string>): Reply =>
  new Reply(status, body, { ...more, ...headers });

function requireRoute({ minor, query, id }: Route & { minor: number }, request: MagnumRequest): void {
  if (request.version.minor < minor) {
    throw refused(406, `Version 1.${request.version.minor} was requested, but ${id} is there from 1.${minor} on.`);
  }
  const unknown = Object.keys(request.query).find((name) => !query.includes(name));
  if (unknown !== undefined) throw refused(400, `Unknown argument: "${unknown}"`);
}

function wrongMethod(method: string, allowed: string[]): HttpError {
  const allow = [...new Set(allowed)].join(', ');
  return refused(405, `${method} is not for this path; ${allow} is.`, { Allow: allow });
}

/** With `/v1`, and without a slash at the end. */
function pathOf(raw: string): string {
  const path = raw.replace(/\/+$/, '');
  return path === '' ? '/' : /^\/v1(\/|$)/.test(path) ? path : `/v1${path}`;
}

function decoded(part: string): string {
  try { return decodeURIComponent(part); } catch { return part; }
}
