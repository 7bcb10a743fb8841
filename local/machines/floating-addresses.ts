/** Floating addresses of load balancers: listened on in truth, because they come out of 127.0.0.0/8. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { CloudListener, CloudLoadBalancer, CloudView } from './cloud.ts';
import type { Network } from './network.ts';

interface Open { server: Server; sockets: Set<Socket>; loadBalancer: CloudLoadBalancer; listener: CloudListener }

/** Passes on a connection that has come to a listener by its load balancer's floating address; `source` is the caller's. */
export type Deliver = (socket: Socket, loadBalancer: CloudLoadBalancer, listener: CloudListener, source: string) => Socket | undefined;

export interface FloatingAddressesOptions {
  deliver: Deliver;
  /**
   * The address a load balancer sees, for the one a connection comes from here. Left out: the very same, so that
   * `allowed_cidrs` of 127.0.0.0/8 are everybody on this machine, and whoever wants to be somebody else binds another
   * address of 127.0.0.0/8.
   */
  sourceOf?: ((remoteAddress: string) => string) | undefined;
  warn: (text: string) => void;
}

const bindable = (address: string): boolean => address.startsWith('127.');

/** To the members that listen on the stand-in's network; nobody else gets in. */
export const throughNetwork = (network: Network): Deliver => (socket, loadBalancer, listener, source) => {
  const found = network.through(loadBalancer, listener, source);
  if (typeof found === 'number') return connect({ port: found, host: '127.0.0.1', allowHalfOpen: true });
  socket.destroy();
  return undefined;
};

/** Listens where floating addresses lead to load balancers, and nowhere else. */
export class FloatingAddresses {
  readonly #open = new Map<string, Open>();
  readonly #refused = new Set<string>();
  readonly #options: FloatingAddressesOptions;

  constructor(options: FloatingAddressesOptions) {
    this.#options = options;
  }

  /** Opens and closes listeners until they are those of `view`. */
  async follow(view: CloudView): Promise<void> {
    const wanted = new Map<string, Pick<Open, 'loadBalancer' | 'listener'> & { address: string }>();
    for (const { address, portId } of view.floatingAddresses) {
      const loadBalancer = view.loadBalancers.find(({ vipPortId }) => vipPortId === portId);
      if (!loadBalancer || !bindable(address)) continue;
      for (const listener of loadBalancer.listeners) wanted.set(`${address}:${listener.port}`,
        { address, loadBalancer, listener });
    }
    for (const key of this.#open.keys()) if (!wanted.has(key)) this.#close(key);
    await Promise.all([...wanted].map(async ([key, target]) => {
      const open = this.#open.get(key);
      if (open) Object.assign(open, target);
      else await this.#listen(key, target);
    }));
  }

  close(): void {
    for (const key of this.#open.keys()) this.#close(key);
  }

  async #listen(key: string, { address, loadBalancer, listener }: Pick<Open,
    'loadBalancer' | 'listener'> & { address: string }): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const open: Open = { server, sockets: new Set(), loadBalancer, listener };
    server.on('connection', (socket) => this.#pass(open, socket));
    server.listen(listener.port, address);
    try {
      await once(server, 'listening');
    } catch (error) {
      if (!this.#refused.has(key)) this.#options.warn(`cannot listen on ${key}: ${(error as Error).message}`);
      this.#refused.add(key);
      return;
    }
    this.#refused.delete(key);
    this.#open.set(key, open);
  }

  #pass(open: Open, socket: Socket): void {
    const { deliver, sourceOf = (address) => address } = this.#options;
    socket.on('error', () => socket.destroy());
    const onward = deliver(socket, open.loadBalancer, open.listener, sourceOf(socket.remoteAddress ?? ''));
    if (!onward) return;
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
      open.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => { open.sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
    socket.resume();
  }

  #close(key: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    // Not until the last connection has ended: one that was handed to another process ends when it is done there.
    open.server.close();
    for (const socket of open.sockets) socket.destroy();
  }
}
