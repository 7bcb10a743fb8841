/** The HTTP front: finds service and route, checks the token, lets faults strike, takes its time, answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Core } from './core.ts';
import type { Fault } from './faults.ts';
import { readToken, type Caller } from './keystone/token.ts';
import { answerMs } from './latencies.ts';
import { onlookerRequestId, type CallLog } from './log.ts';
import { Refusal } from './refusal.ts';
import type { Call, Reply, Route, Service } from './service.ts';

/** A request, whatever brought it here; header names in lower case, the body as text. */
export interface Ask { method: string; url: string; headers: Record<string, string | undefined>; text: string }
export interface Answer { status: number; headers: Record<string, string>; text: string }
/** Answers a request; undefined: the connection is cut. */
export type Desk = (ask: Ask) => Promise<Answer | undefined>;

/** Where all services of the cloud are asked. */
export function createDesk(core: Core, services: Service[], log: CallLog, scale: number): Desk {
  const tables = services.map((service) => ({ service, routes: service.routes.map(compile) }));
  return async (ask) => {
    const url = new URL(ask.url, core.baseUrl);
    const table = tables.find(({ service }) => url.pathname === service.prefix
      || url.pathname.startsWith(`${service.prefix}/`));
    if (!table) return { status: 404, headers: {}, text: '' };
    return answer(core, table.service, table.routes, log, scale, url, ask);
  };
}

/** Serves the desk over HTTP; the caller listens and closes. */
export function createFront(desk: Desk): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(desk, request, response).catch((error: unknown) => {
      console.error('cloud:', error);
      response.destroy();
    });
  });
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const method = request.method ?? 'GET';
  const headers = request.headers as Record<string, string | undefined>;
  const told = await desk({ method, url: request.url ?? '/', headers, text: Buffer.concat(chunks).toString() });
  if (!told) response.destroy();
  else response.writeHead(told.status, told.headers).end(method === 'HEAD' ? undefined : told.text);
}

interface CompiledRoute extends Route { pattern: RegExp; names: string[] }

function compile(one: Route): CompiledRoute {
  const names = [...one.template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return { ...one, names, pattern: new RegExp(`^${one.template.replace(/\{\w+\}/g, '([^/]+)')}$`) };
}

async function answer(
  core: Core, service: Service, routes: CompiledRoute[], log: CallLog, scale: number,
  url: URL, { method, headers, text }: Ask,
): Promise<Answer | undefined> {
  const path = url.pathname.slice(service.prefix.length).replace(/\/$/, '').replace(/\.json$/, '');
  const found = routes.find((one) => one.pattern.test(path) && one.method === method)
    ?? (method === 'HEAD' ? routes.find((one) => one.pattern.test(path) && one.method === 'GET') : undefined);
  const call = callOf(core, service, found, url, path, { method, headers, body: readBody(text) });
  const admin = service.prefix === '/_cloud';
  if (!admin && call.globalRequestId !== onlookerRequestId) {
    log.count(service.name, method, found?.template ?? '(none)');
  }
  const fault = admin ? undefined : core.faults.strike(service.name, method, path);
  const template = found?.template ?? path;
  const takesMs = admin ? 0 : answerMs(service.name, method, template) * core.faults.slowness() / scale;
  await pause(takesMs + (fault?.delayMs ?? 0));
  const act = (): Reply => perform(core, service, found, call);
  const reply = fault ? await suffer(fault, service, call, act) : act();
  return reply && answerOf(reply, service.headers(call));
}

/** What a fault leaves of the call: an answer, or none. */
async function suffer(fault: Fault, service: Service, call: Call, act: () => Reply): Promise<Reply | undefined> {
  if (fault.status !== undefined) {
    const headers: Record<string, string> = fault.retryAfter === undefined ? {}
      : { 'Retry-After': String(fault.retryAfter) };
    const message = fault.status === 429 ? 'This request was rate-limited.'
      : 'The server is currently unavailable. Please try again at a later time.';
    return service.refuse(new Refusal(fault.status, message, undefined, headers), call);
  }
  if (fault.landLateMs !== undefined) {
    setTimeout(act, fault.landLateMs);
    return undefined;
  }
  const reply = act();
  return fault.dropReply ? undefined : reply;
}

function perform(core: Core, service: Service, found: CompiledRoute | undefined, call: Call): Reply {
  const caller = readToken(core, call.headers['x-auth-token']);
  if (!caller && !found?.open) return service.unauthorized(call);
  if (caller) call.caller = caller;
  try {
    return core.state.transact(() => {
      service.admit?.(call);
      if (!found) throw new Refusal(404, 'The resource could not be found.', 'NoRoute');
      return found.handle(call);
    });
  } catch (error) {
    if (error instanceof Refusal) return service.refuse(error, call);
    throw error;
  }
}

const NOBODY: Caller = {
  userId: '', projectId: null, domainId: null, roles: [], isAdmin: false, has: () => false,
  token: {
    userId: '', projectId: null, domainId: null, applicationCredentialId: null,
    methods: [], issuedAt: 0, expiresAt: 0, auditId: '',
  },
};

function callOf(
  core: Core, service: Service, found: CompiledRoute | undefined,
  url: URL, path: string, { method, headers, body }: Pick<Ask, 'method' | 'headers'> & { body: unknown },
): Call {
  const values = found?.pattern.exec(path)?.slice(1) ?? [];
  const params = new Map(found?.names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
  const globalId = /^req-[\w-]+$/.exec(headers['x-openstack-request-id'] ?? '')?.[0] ?? null;
  return {
    method, path, serviceUrl: core.baseUrl + service.prefix, query: url.searchParams,
    headers, body, globalRequestId: globalId, requestId: `req-${core.random.uuid()}`, caller: NOBODY,
    param: (name) => params.get(name) ?? '',
  };
}

/** The body as JSON; undefined when there is none or it is none. */
function readBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function answerOf(reply: Reply, common: Record<string, string>): Answer {
  const text = reply.body === undefined ? '' : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  const length: Record<string,
  string> = reply.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  const type: Record<string, string> = text === '' ? {} : { 'Content-Type': 'application/json' };
  return { status: reply.status, headers: { ...type, ...common, ...length, ...reply.headers }, text };
}
