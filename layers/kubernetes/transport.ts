/** One HTTPS request to a Kubernetes API, and what came of it. */
import { request, type Agent } from 'node:https';
import { wholeAnswer } from '../platform/whole-answer.ts';
import { unreachable } from './errors.ts';

export interface KubeCall {
  method: string;
  path: string;
  status: number;
  ms: number;
}

export interface KubeOptions {
  /** https://<address>:<port> */
  server: string;
  caPem: string;
  certPem: string;
  keyPem: string;
  /** For one call, connecting included. */
  timeoutMs: number;
  /** Told of every call; status 0 when there was no answer. */
  onCall?: (call: KubeCall) => void;
}

export interface Answer {
  status: number;
  body: string;
  retryAfterMs: number | undefined;
}

/** One request, one answer, whatever its status. Throws KubernetesUnreachable when there is none. */
export function send(
  options: KubeOptions,
  agent: Agent,
  method: string,
  path: string,
  body: unknown,
  contentType: string,
): Promise<Answer> {
  const started = performance.now();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const told = (status: number) => options.onCall?.({ method, path, status, ms: performance.now() - started });
  return new Promise<Answer>((resolve, reject) => {
    const fail = (error: Error) => {
      told(0);
      reject(unreachable(method, path, error));
    };
    const outgoing = request(
      new URL(path, options.server),
      {
        method,
        agent,
        signal: AbortSignal.timeout(options.timeoutMs),
        headers: {
          accept: 'application/json',
          'user-agent': 'moorage',
          ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
        },
      },
      (incoming) => {
        wholeAnswer(incoming).then((whole) => {
          const status = incoming.statusCode ?? 0;
          const retryAfter = Number(incoming.headers['retry-after']);
          told(status);
          resolve({
            status,
            body: whole,
            retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
          });
        }, fail);
      },
    );
    outgoing.on('error', fail);
    outgoing.end(text);
  });
}
