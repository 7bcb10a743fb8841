import http from 'node:http';
import https from 'node:https';
import { wholeAnswer } from '../platform/whole-answer.ts';
import type { Method } from './error.ts';

export interface ExchangeOptions {
  /** PEM of the authority behind the cloud's endpoints, where it is not a public one. */
  ca?: string | undefined;
  /** For a connection to stand, with TLS. */
  connectTimeoutMs: number;
}

export interface Outgoing {
  method: Method;
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  signal: AbortSignal;
}

export interface Incoming { status: number; headers: http.IncomingHttpHeaders; body: string }

/** One request and its answer; rejects only when there is no whole answer. */
export type Exchange = (outgoing: Outgoing) => Promise<Incoming>;

/** Shorter than services keep an idle connection, so that no request is written into one that they have closed. */
const IDLE_CONNECTION_MS = 4_000;
const CONNECTIONS_PER_SERVICE = 32;

/** Keeps connections for later. node:http because the built-in fetch is slow to start and takes no authority. */
export function createExchange({ ca, connectTimeoutMs }: ExchangeOptions): Exchange {
  const kept = { keepAlive: true, maxSockets: CONNECTIONS_PER_SERVICE, timeout: IDLE_CONNECTION_MS };
  const plain = new http.Agent(kept);
  const secure = new https.Agent({ ...kept, ...(ca && { ca }) });

  return ({ method, url, headers, body, signal }) => new Promise((resolve, reject) => {
    const target = new URL(url);
    const isSecure = target.protocol === 'https:';
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = (isSecure ? https : http).request(target, {
      method, signal, headers: { ...headers, ...length }, agent: isSecure ? secure : plain,
    });
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const late = setTimeout(() => request.destroy(new ConnectTimeout(connectTimeoutMs)), connectTimeoutMs);
      socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(late));
      socket.once('close', () => clearTimeout(late));
    });
    request.once('error', reject);
    request.once('response', (response) => {
      wholeAnswer(response).then((text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }), reject);
    });
    request.end(body);
  });
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(afterMs: number) {
    super(`no connection within ${afterMs} ms`);
  }
}
