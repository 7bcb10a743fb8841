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

/** Serves these services; the caller listens and closes. */
export function createFront(core: Core, services: Service[], log: CallLog, scale: number): Server {
  const tables = services.map((service) => ({ service, routes: service.routes.map(compile) }));
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const url = new URL(request.url ?? '/', core.baseUrl);
    const table = tables.find(({ service }) => url.pathname === service.prefix
      || url.pathname.startsWith(`${service.prefix}/`));
    if (!table) {
      response.writeHead(404).end();
      return;
    }
    answer(core, table.service, table.routes, log, scale, url, request, response).catch((error: unknown) => {
      console.error('cloud:', error);
      response.destroy();
    });
  });
}

interface CompiledRoute extends Route { pattern: RegExp; names: string[] }

function compile(one: Route): CompiledRoute {
  const names = [...one.template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return { ...one, names, pattern: new RegExp(`^${one.template.replace(/\{\w+\}/g, '([^/]+)')}$`) };
}

async function answer(
  core: Core, service: Service, routes: CompiledRoute[], log: CallLog, scale: number,
  url: URL, request: IncomingMessage, response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = url.pathname.slice(service.prefix.length).replace(/\/$/, '').replace(/\.json$/, '');
  const found = routes.find((one) => one.pattern.test(path) && one.method === method)
    ?? (method === 'HEAD' ? routes.find((one) => one.pattern.test(path) && one.method === 'GET') : undefined);
  const call = callOf(core, service, found, url, path, request, await readBody(request));
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
  if (reply) send(response, method, reply, service.headers(call));
  else response.destroy();
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
  url: URL, path: string, request: IncomingMessage, body: unknown,
): Call {
  const values = found?.pattern.exec(path)?.slice(1) ?? [];
  const params = new Map(found?.names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
  const headers = request.headers as Record<string, string | undefined>;
  const globalId = /^req-[\w-]+$/.exec(headers['x-openstack-request-id'] ?? '')?.[0] ?? null;
  return {
    method: request.method ?? 'GET', path, serviceUrl: core.baseUrl + service.prefix, query: url.searchParams,
    headers, body, globalRequestId: globalId, requestId: `req-${core.random.uuid()}`, caller: NOBODY,
    param: (name) => params.get(name) ?? '',
  };
}

/** The body as JSON; undefined when there is none or it is none. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) as unknown : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, method: string, reply: Reply, common: Record<string, string>): void {
  const text = reply.body === undefined ? '' : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  const length: Record<string,
  string> = reply.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  const type: Record<string, string> = text === '' ? {} : { 'Content-Type': 'application/json' };
  response.writeHead(reply.status, { ...type, ...common, ...length, ...reply.headers });
  response.end(method === 'HEAD' ? undefined : text);
}
