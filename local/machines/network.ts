/**
 * Stands for the networks between machines. No address of theirs can be used here, so what listens on one is a port of
 * the loopback interface; load balancers and connections between machines look it up.
 */
import { connect, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { CloudListener, CloudLoadBalancer, CloudMember, CloudView } from './cloud.ts';

const keyOf = (networkId: string, address: string, port: number): string => `${networkId} ${address}:${port}`;

/** Whether the address lies in one of the blocks. */
export function within(address: string, cidrs: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return cidrs.some((cidr) => {
    const [range, bits] = ipaddr.parseCIDR(cidr);
    return range.kind() === parsed.kind() && parsed.match([range, bits] as never);
  });
}

/** Nothing answers there: `ECONNREFUSED` when the machine is there,
  `ETIMEDOUT` when a listener does not let the caller in. */
export class NoWay extends Error {
  override name = 'NoWay';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class Network {
  readonly #endpoints = new Map<string, number>();
  readonly #turns = new Map<string, number>();
  #view: CloudView = { servers: [], ports: [], loadBalancers: [], floatingAddresses: [], networkOfSubnet: {} };

  /** What load balancers there are and where they lead, from now on. */
  see(view: CloudView): void {
    this.#view = view;
  }

  /** Something listens on `address:port` of that network; `localPort` is where it does in truth. */
  listen(networkId: string, address: string, port: number, localPort: number): void {
    this.#endpoints.set(keyOf(networkId, address, port), localPort);
  }

  silence(networkId: string, address: string, port: number): void {
    this.#endpoints.delete(keyOf(networkId, address, port));
  }

  /**
   * The loopback port of the member that is next in turn; undefined when none listens. `source` is the caller's address
   * as the load balancer sees it: it is closed to callers outside the listener's `allowed_cidrs`.
   */
  through(loadBalancer: CloudLoadBalancer, listener: CloudListener, source: string): number | 'closed' | undefined {
    if (listener.allowedCidrs && !within(source, listener.allowedCidrs)) return 'closed';
    const listening = listener.members.flatMap((member) => this.#memberPort(loadBalancer, member) ?? []);
    if (listening.length === 0) return undefined;
    const turn = (this.#turns.get(listener.id) ?? 0) + 1;
    this.#turns.set(listener.id, turn);
    return listening[turn % listening.length];
  }

  /**
   * Connects as somebody on that network with the address `source` would: to a load balancer's VIP, or straight to what
   * listens there. Rejects with NoWay.
   */
  async connectAs(networkId: string, address: string, port: number, source: string): Promise<Socket> {
    const localPort = this.#lookUp(networkId, address, port, source);
    return new Promise((resolve, reject) => {
      const socket = connect(localPort, '127.0.0.1');
      socket.once('connect', () => { socket.off('error', reject); resolve(socket); });
      socket.once('error', reject);
    });
  }

  /** Whether a connection would be made just now. */
  hasWay(networkId: string, address: string, port: number, source: string): boolean {
    try {
      this.#lookUp(networkId, address, port, source);
      return true;
    } catch {
      return false;
    }
  }

  #lookUp(networkId: string, address: string, port: number, source: string): number {
    const direct = this.#endpoints.get(keyOf(networkId, address, port));
    if (direct !== undefined) return direct;
    const loadBalancer = this.#view.loadBalancers.find((one) =>
      one.vipNetworkId === networkId && one.vipAddress === address);
    const listener = loadBalancer?.listeners.find((one) => one.port === port);
    if (!loadBalancer || !listener) throw new NoWay('ECONNREFUSED', `connect ECONNREFUSED ${address}:${port}`);
    const found = this.through(loadBalancer, listener, source);
    if (found === 'closed') throw new NoWay('ETIMEDOUT',
      `connect ETIMEDOUT ${address}:${port}: the listener lets ${listener.allowedCidrs?.join(', ')} in, not ${source}`);
    if (found === undefined) throw new NoWay('ECONNREFUSED',
      `connect ECONNREFUSED ${address}:${port}: no member of the load balancer listens`);
    return found;
  }

  #memberPort(loadBalancer: CloudLoadBalancer, { address, port, subnetId }: CloudMember): number | undefined {
    // Without a subnet the load balancer looks for the member on the network that its VIP is on.
    const networkId = subnetId ? this.#view.networkOfSubnet[subnetId] : loadBalancer.vipNetworkId;
    return networkId === undefined ? undefined : this.#endpoints.get(keyOf(networkId, address, port));
  }
}
