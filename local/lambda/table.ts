/**
 * DynamoDB's stand-in: dynalite on disk, plus what it lacks. Every write, of one item or of a transaction, reaches the
 * disk as one batch: after a kill -9 it happened or it did not.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import db from 'dynalite/db/index.js';
import { writesOf } from './table-writes.ts';

export interface Table { endpoint: string; expire(table: string, attribute: string, now: number): Promise<number>; close(): Promise<void> }
/** Throws what the caller is answered, when it may not do what it asks for. */
export type Permit = (request: IncomingMessage, operation: string, body: Record<string, unknown>) => void;

/** Serves the tables kept under `path` on a free port of the loopback interface. */
export async function startTable(path: string, permit: Permit): Promise<Table> {
  const { server, store } = create(path);
  const [reads] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
  const writes = writesOf(store);
  server.removeAllListeners('request');
  const open = new Set<ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => void open.delete(response));
    void answer(request, response, { reads, writes, permit });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expire: (table, attribute, now) => writes.expire(table, attribute, now),
    async close() {
      // dynalite does not bear its store being closed in the middle of an answer.
      await Promise.all([...open].map((response) => once(response, 'close')));
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}

/** dynalite keeps its store to itself; this is how it is reached. */
function create(path: string): { server: Server; store: DynaliteStore } {
  let store: DynaliteStore | undefined;
  const createStore = db.create;
  db.create = (options) => (store = createStore(options));
  const server = dynalite({ path, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  db.create = createStore;
  return { server, store: store! };
}

interface Parts { reads: (request: IncomingMessage, response: ServerResponse) => void; writes: ReturnType<typeof writesOf>; permit: Permit }

async function answer(request: IncomingMessage, response: ServerResponse, { reads, writes, permit }: Parts): Promise<void> {
  const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  const text = await textOf(request);
  let status = 200;
  let body: object;
  try {
    const asked = JSON.parse(text || '{}') as Record<string, unknown>;
    permit(request, operation, asked);
    const write = writes.operation(operation);
    if (!write) return replay(request, response, text, reads);
    body = await write(asked);
  } catch (error) {
    const known = error as { statusCode?: number; body?: object; message: string };
    status = known.statusCode ?? 500;
    body = known.body ?? { __type: 'InternalServerError', message: known.message };
  }
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The body has been read here; dynalite is given it again, as the events it listens for. */
function replay(request: IncomingMessage, response: ServerResponse, text: string, listener: Parts['reads']): void {
  listener(request, response);
  request.emit('data', Buffer.from(text));
  request.emit('end');
}
