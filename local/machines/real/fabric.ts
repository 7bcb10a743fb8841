/** The networks between machines: a bridge for each of Neutron's, in a namespace of their own, and a namespace for each router. */
import type { ChildProcess } from 'node:child_process';
import type { Port } from '../../../layers/openstack/neutron.ts';
import { hold, inNetworkOf, ip, release } from './command.ts';
import { Firewall } from './firewall.ts';
import type { Wiring } from './real-cloud.ts';

type Held = ChildProcess & { pid: number };

const short = (id: string): string => id.replaceAll('-', '').slice(0, 11);
const bridgeOf = (networkId: string): string => `br${short(networkId)}`;
/** The fabric's end of a port's cable. */
export const cableOf = (portId: string): string => `pt${short(portId)}`;
const routerInterface = 'network:router_interface';

/** `address/prefix` of each of the port's addresses. */
export const addressesOf = (port: Port, { subnets }: Wiring): string[] =>
  port.fixed_ips.map(({ ip_address, subnet_id }) => `${ip_address}/${subnets.get(subnet_id)?.cidr.split('/')[1] ?? '32'}`);

export class Fabric {
  #space: Held | undefined;
  readonly #firewall = new Firewall();
  readonly #bridges = new Set<string>();
  readonly #routers = new Map<string, { space: Held; ports: Set<string> }>();

  async open(): Promise<void> {
    this.#space = await newSpace();
    await this.#firewall.open(this.#space.pid);
  }

  get pid(): number {
    return this.#space!.pid;
  }

  /** Every network that a router leads to has its bridge and its gateway; routers that are gone lead nowhere. */
  async follow(wiring: Wiring): Promise<void> {
    const interfaces = wiring.ports.filter(({ device_owner }) => device_owner === routerInterface);
    for (const port of interfaces) await this.#connectRouter(port, wiring);
    const there = new Set(interfaces.map(({ device_id }) => device_id));
    for (const [id, router] of this.#routers) {
      if (there.has(id)) continue;
      this.#routers.delete(id);
      await release(router.space);
    }
    await this.#firewall.follow(wiring);
  }

  /** A cable from the port's network to an interface of that name in the namespace of `pid`. The port's own rules hold for it. */
  async plug(port: Port, pid: number, name: string, wiring: Wiring): Promise<void> {
    await this.#firewall.guard(port, cableOf(port.id), wiring);
    await this.#cable(port, pid, name, wiring);
  }

  /** The same for what Neutron's rules do not hold for: routers and load balancers. */
  async #cable(port: Pick<Port, 'id' | 'network_id' | 'mac_address'>, pid: number, name: string, { networks }: Wiring): Promise<void> {
    const bridge = await this.#bridge(port.network_id);
    const cable = cableOf(port.id);
    const mtu = networks.get(port.network_id)?.mtu ?? 1450;
    await this.#unplug(cable);
    await ip(this.pid, [`link add ${cable} mtu ${mtu} type veth peer name ${name} netns ${pid} address ${port.mac_address} mtu ${mtu}`,
      `link set ${cable} master ${bridge} up`]);
  }

  /** The kernel takes away the cable of a machine that has died in its own time: the machine may be on again before. */
  async #unplug(cable: string): Promise<void> {
    await inNetworkOf(this.pid, 'ip', ['link', 'delete', cable]).catch((error: unknown) => {
      if (!/Cannot find device/.test((error as Error).message)) throw error;
    });
  }

  /** As `plug`, and the interface is up with the port's addresses. */
  async connect(port: Port, pid: number, name: string, wiring: Wiring): Promise<void> {
    await this.#cable(port, pid, name, wiring);
    await ip(pid, ['link set lo up', ...addressesOf(port, wiring).map((address) => `addr add ${address} dev ${name}`), `link set ${name} up`]);
  }

  async close(): Promise<void> {
    for (const { space } of this.#routers.values()) await release(space);
    if (this.#space) await release(this.#space);
  }

  async #connectRouter(port: Port, wiring: Wiring): Promise<void> {
    const router = this.#routers.get(port.device_id) ?? { space: await newSpace(), ports: new Set<string>() };
    this.#routers.set(port.device_id, router);
    if (router.ports.has(port.id)) return;
    router.ports.add(port.id);
    await inNetworkOf(router.space.pid, 'sh', ['-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
    await this.connect(port, router.space.pid, cableOf(port.id), wiring);
  }

  async #bridge(networkId: string): Promise<string> {
    const bridge = bridgeOf(networkId);
    if (!this.#bridges.has(bridge)) {
      this.#bridges.add(bridge);
      await ip(this.pid, [`link add ${bridge} type bridge forward_delay 0`, `link set ${bridge} up`]);
    }
    return bridge;
  }
}

/** An empty network namespace, held by a process that does nothing. Resolves when it is one of its own. */
export async function newSpace(): Promise<Held> {
  const space = hold('unshare', ['--net', 'sleep', 'infinity']);
  const own = await inNetworkOf(process.pid, 'readlink', ['/proc/self/ns/net']);
  for (;;) {
    const theirs = await inNetworkOf(space.pid, 'readlink', ['/proc/self/ns/net']);
    if (theirs !== own) return space;
  }
}
