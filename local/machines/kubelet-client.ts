/** How a kubelet calls its API: over a connection of its machine's network, with what its kubeconfig says. */
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface KubeletClientOptions {
  /** https://<address>:<port>, as the kubeconfig names it: the certificate must be for that address. */
  server: string;
  caPem: string;
  certPem?: string | undefined;
  keyPem?: string | undefined;
  token?: string | undefined;
  /** A connection to that server. */
  connect: (address: string, port: number) => Promise<Socket>;
}

export interface KubeletAnswer { status: number; body: Record<string, unknown> }

const timeoutMs = 10_000;

/** The API's answer, whatever its status. Throws when there is none. */
export async function callApi(options: KubeletClientOptions, method: string, path: string, body?: unknown,
  contentType = 'application/json'): Promise<KubeletAnswer> {
  const { hostname, port } = new URL(options.server);
  const plain = await options.connect(hostname, Number(port));
  const secure = connectTls({ socket: plain, host: hostname, ca: options.caPem, cert: options.certPem,
    key: options.keyPem });
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise<KubeletAnswer>((resolve, reject) => {
    const fail = (error: Error): void => { plain.destroy(); reject(error); };
    secure.once('error', fail);
    plain.once('error', fail);
    const outgoing = request(new URL(path, options.server), {
      method, createConnection: () => secure, signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'user-agent': 'kubelet/local', 'accept': 'application/json', 'connection': 'close',
        ...(options.token && { authorization: `Bearer ${options.token}` }),
        ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
      },
    }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        plain.destroy();
        resolve({ status: incoming.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) });
      });
    });
    outgoing.on('error', fail);
    outgoing.end(text);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { message: text };
  }
}

/** What an answer that is no success says. */
export const complaint = ({ status, body }: KubeletAnswer): string =>
  `${status} ${typeof body.message === 'string' ? body.message : ''}`.trim();
