/** Load balancers of Octavia: a namespace each, with the VIP, an address on its members' networks, and a process that passes on. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import type { CloudListener, CloudLoadBalancer, CloudView } from '../cloud.ts';
import { hold, ip, release } from './command.ts';
import type { Fabric } from './fabric.ts';
import type { Wiring } from './real-cloud.ts';

export type BalancerListener = Pick<CloudListener, 'id' | 'port' | 'allowedCidrs'> & { members: { address: string; port: number }[] };
export type BalancerOrder =
  | { kind: 'follow'; vipAddress: string; listeners: BalancerListener[] }
  | { kind: 'pass'; listenerId: string; source: string };

interface Balancer { process: ChildProcess & { pid: number }; networks: Set<string>; told: string }

const program = join(import.meta.dirname, 'balancer-process.ts');

export class Balancers {
  readonly #fabric: Fabric;
  readonly #balancers = new Map<string, Balancer>();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  async follow({ loadBalancers, networkOfSubnet }: CloudView, wiring: Wiring): Promise<void> {
    const there = new Set(loadBalancers.map(({ id }) => id));
    for (const [id, { process: amphora }] of this.#balancers) {
      if (there.has(id) && amphora.exitCode === null) continue;
      this.#balancers.delete(id);
      await release(amphora);
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
    await Promise.all([...this.#balancers.values()].map(({ process: amphora }) => release(amphora)));
  }

  async #one({ id, vipAddress, vipPortId, vipNetworkId, listeners }: CloudLoadBalancer, networkOfSubnet: Record<string, string>, wiring: Wiring): Promise<void> {
    const vip = wiring.ports.find((port) => port.id === vipPortId);
    if (!vip) return;
    let balancer = this.#balancers.get(id);
    if (!balancer) {
      const amphora = hold('unshare', ['--net', process.execPath, '--max-old-space-size=64', program], ['ignore', 'inherit', 'inherit', 'ipc']);
      balancer = { process: amphora, networks: new Set([vipNetworkId]), told: '' };
      this.#balancers.set(id, balancer);
      await answering(amphora);
      await this.#fabric.connect(vip, amphora.pid, 'vip', wiring);
    }
    for (const subnetId of listeners.flatMap(({ members }) => members.flatMap((member) => member.subnetId ?? []))) {
      const networkId = networkOfSubnet[subnetId];
      if (networkId === undefined || balancer.networks.has(networkId)) continue;
      balancer.networks.add(networkId);
      await this.#reach(balancer, id, subnetId, wiring);
    }
    const order: BalancerOrder = { kind: 'follow', vipAddress, listeners: listeners.map(({ members, ...listener }) => ({
      ...listener, members: members.map(({ address, port }) => ({ address, port })) })) };
    const told = JSON.stringify(order);
    if (told === balancer.told) return;
    balancer.told = told;
    balancer.process.send(order);
  }

  /** An amphora gets a port on its members' network; here, the last address of the subnet's pool that no port has. */
  async #reach({ process: { pid }, networks }: Balancer, id: string, subnetId: string, wiring: Wiring): Promise<void> {
    const subnet = wiring.subnets.get(subnetId);
    if (!subnet) return;
    const taken = new Set(wiring.ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address)));
    const [, bits] = ipaddr.IPv4.parseCIDR(subnet.cidr);
    const last = subnet.allocation_pools.at(-1)?.end ?? ipaddr.IPv4.broadcastAddressFromCIDR(subnet.cidr).toString();
    let address = last.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const text = (): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
    while (taken.has(text())) address -= 1;
    const name = `m${networks.size}`;
    const mac = `fa:16:3f:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`;
    await this.#fabric.connect({ ...wiring.ports[0]!, id: `${subnetId.slice(0, 4)}${id}`, network_id: subnet.network_id, mac_address: mac, fixed_ips: [] }, pid, name, wiring);
    await ip(pid, [`addr add ${text()}/${bits} dev ${name}`]);
  }
}

/** Its namespace is its own once its program runs. */
async function answering(amphora: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    amphora.once('message', () => resolve());
    amphora.once('exit', (code) => reject(new Error(`a load balancer's process has ended (${code})`)));
  });
}
