/** A Kubernetes API over TLS on a port of the loopback interface. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { handle, type Serving } from './handler.ts';

export interface ServerOptions extends Serving {
  certPem: string;
  keyPem: string;
  /** Whose client certificates count. */
  clientCaPem: string;
  /** A free one when left out. */
  port?: number;
}

export interface ApiServer {
  port: number;
  /** Cuts every connection, as a machine that is gone does. */
  close(): Promise<void>;
}

/** Resolves when it answers. */
export async function serveApi({ certPem, keyPem, clientCaPem, port = 0,
  ...serving }: ServerOptions): Promise<ApiServer> {
  const sockets = new Set<Duplex>();
  const server = createServer({ cert: certPem, key: keyPem, ca: clientCaPem, requestCert: true,
    rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    (incoming, response) => void handle(serving, incoming, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
