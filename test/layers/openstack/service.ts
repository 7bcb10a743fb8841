import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { CatalogueEndpoint } from '../../../layers/openstack/catalogue.ts';

export interface Received {
  method: string;
  url: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: unknown;
}
export interface Reply { status?: number; headers?: Record<string, string>; body?: unknown }
/** `hang` never answers, `reset` breaks the connection. */
export type Answer = Reply | 'hang' | 'reset';

export interface FakeService { url: string; received: Received[]; catalogue: CatalogueEndpoint[] }

const running: http.Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A service for one test that answers as told and remembers what it was asked. */
export async function serve(answer: (request: Received, index: number) => Answer): Promise<FakeService> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const url = new URL(request.url!, 'http://any');
      const one: Received = {
        method: request.method!,
        url: request.url!,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: text ? (JSON.parse(text) as unknown) : undefined,
      };
      received.push(one);
      const reply = answer(one, received.length - 1);
      if (reply === 'hang') return;
      if (reply === 'reset') { request.socket.destroy(); return; }
      const { status = 200, headers = {}, body } = reply;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  running.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const types = ['identity', 'compute', 'network', 'volumev3', 'load-balancer', 'image'];
  return { url, received, catalogue: types.map((type) => ({ type, interface: 'public', region: 'R', url })) };
}

/** The answers in their order, the last one for ever. */
export const inTurn =
  (...answers: Answer[]) =>
  (_: Received, index: number): Answer =>
    answers[Math.min(index, answers.length - 1)]!;

/** What a promise was rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected an error, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
