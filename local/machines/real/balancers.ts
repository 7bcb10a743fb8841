/** Load balancers of Octavia: a namespace each, with the VIP, an address on its members' networks, and a process that passes on. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { CloudListener, CloudLoadBalancer, CloudView } from '../cloud.ts';
import { hold, release } from './command.ts';
import type { Wiring } from './real-cloud.ts';

/** How the namespace of a load balancer comes to networks. Both are called again until they answer true. */
export interface BalancerNetworks {
  /** Its VIP is an address of the namespace of `pid`. */
  connectVip(loadBalancer: CloudLoadBalancer, pid: number, wiring: Wiring): Promise<boolean>;
  /** It has an address on the subnet of its members, by an interface of that name where none has to be given. */
  reach(loadBalancer: CloudLoadBalancer, subnetId: string, pid: number, name: string, wiring: Wiring): Promise<boolean>;
  /** The load balancer's namespace is gone. */
  forget(loadBalancerId: string): Promise<void>;
}

export type BalancerListener = Pick<CloudListener, 'id' | 'port' | 'allowedCidrs'> & { members: { address: string; port: number }[] };
export type BalancerOrder =
  | { kind: 'follow'; vipAddress: string; memberMs: number; listeners: BalancerListener[] }
  | { kind: 'pass'; listenerId: string; source: string };

interface Balancer { process: ChildProcess & { pid: number }; networks: Set<string>; told: string }

export interface BalancersOptions {
  /** How long a member may take to take a connection. */
  memberMs?: number;
}

const program = join(import.meta.dirname, 'balancer-process.ts');

export class Balancers {
  readonly #networks: BalancerNetworks;
  readonly #memberMs: number;
  readonly #balancers = new Map<string, Balancer>();

  constructor(networks: BalancerNetworks, { memberMs = 2_000 }: BalancersOptions = {}) {
    this.#networks = networks;
    this.#memberMs = memberMs;
  }

  async follow({ loadBalancers, networkOfSubnet }: CloudView, wiring: Wiring): Promise<void> {
    const there = new Set(loadBalancers.map(({ id }) => id));
    for (const [id, { process: amphora }] of this.#balancers) {
      if (there.has(id) && amphora.exitCode === null) continue;
      this.#balancers.delete(id);
      await release(amphora);
      await this.#networks.forget(id);
    }
    for (const loadBalancer of loadBalancers) await this.#one(loadBalancer, networkOfSubnet, wiring);
  }

  /** A connection that has come by the load balancer's floating address, from `source`. */
  deliver(loadBalancerId: string, listenerId: string, source: string, socket: Socket): void {
    const balancer = this.#balancers.get(loadBalancerId);
    if (!balancer) socket.destroy();
    else balancer.process.send({ kind: 'pass', listenerId, source } satisfies BalancerOrder, socket);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#balancers].map(async ([id, { process: amphora }]) => {
      await release(amphora);
      await this.#networks.forget(id);
    }));
  }

  async #one(loadBalancer: CloudLoadBalancer, networkOfSubnet: Record<string, string>, wiring: Wiring): Promise<void> {
    const { id, vipAddress, vipNetworkId, listeners } = loadBalancer;
    let balancer = this.#balancers.get(id);
    if (!balancer) {
      const amphora = hold('unshare', ['--net', process.execPath, '--max-old-space-size=64', program], ['ignore', 'inherit', 'inherit', 'ipc']);
      balancer = { process: amphora, networks: new Set(), told: '' };
      this.#balancers.set(id, balancer);
      await answering(amphora);
    }
    const { process: { pid }, networks } = balancer;
    if (!networks.has(vipNetworkId)) {
      if (!await this.#networks.connectVip(loadBalancer, pid, wiring)) return;
      networks.add(vipNetworkId);
    }
    for (const subnetId of listeners.flatMap(({ members }) => members.flatMap((member) => member.subnetId ?? []))) {
      const networkId = networkOfSubnet[subnetId];
      if (networkId === undefined || networks.has(networkId)) continue;
      if (await this.#networks.reach(loadBalancer, subnetId, pid, `m${networks.size}`, wiring)) networks.add(networkId);
    }
    const order: BalancerOrder = { kind: 'follow', vipAddress, memberMs: this.#memberMs, listeners: listeners.map(({ members, ...listener }) => ({
      ...listener, members: members.map(({ address, port }) => ({ address, port })) })) };
    const told = JSON.stringify(order);
    if (told === balancer.told) return;
    balancer.told = told;
    balancer.process.send(order);
  }
}

/** Its namespace is its own once its program runs. */
async function answering(amphora: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    amphora.once('message', () => resolve());
    amphora.once('exit', (code) => reject(new Error(`a load balancer's process has ended (${code})`)));
  });
}
