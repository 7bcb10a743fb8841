/**
 * A machine's way to the cloud it runs on. Where the cloud's APIs are at 127.0.0.1, as here, a machine finds them at its own
 * 127.0.0.1; and it finds the metadata service at its usual address, since this kernel cannot mount a config drive.
 */
import type { ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { hold, ip, release } from './command.ts';

export const metadataAddress = '169.254.169.254';
const program = join(import.meta.dirname, 'way-out-process.ts');

export interface Metadata { uuid: string; name: string; hostname: string; availability_zone: string; project_id: string }

export class WayOut {
  readonly #metadata: Server;
  #process: ChildProcess | undefined;

  constructor(metadata: Metadata) {
    this.#metadata = createServer((request, response) => {
      const found = /^\/openstack\/[^/]+\/meta_data\.json$/.test(request.url ?? '');
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? JSON.stringify(metadata) : '');
    });
  }

  /** Opens it in the network namespace of `pid`, for those ports of the cloud's. */
  async open(pid: number, ports: readonly number[]): Promise<void> {
    await ip(pid, ['link set lo up', `addr replace ${metadataAddress}/32 dev lo`]);
    const child = hold('nsenter', ['--target', String(pid), '--net', process.execPath, '--max-old-space-size=48', program], ['ignore', 'inherit', 'inherit', 'ipc']);
    this.#process = child;
    child.on('message', (message: { address: string; port: number } | 'here', socket?: Socket) => {
      if (message === 'here') {
        child.send({ places: [...ports.map((port) => ({ address: '127.0.0.1', port })), { address: metadataAddress, port: 80 }] });
      } else if (socket) this.#lead(message, socket);
    });
  }

  async close(): Promise<void> {
    if (this.#process) await release(this.#process);
    this.#metadata.close();
  }

  #lead({ address, port }: { address: string; port: number }, socket: Socket): void {
    if (address === metadataAddress) {
      this.#metadata.emit('connection', socket);
      socket.resume();
      return;
    }
    const onward = connect({ host: address, port, allowHalfOpen: true });
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
    socket.resume();
  }
}
