/** Load balancers among machines in namespaces: the VIP's own port, and an address that nobody has on each of the members' networks. */
import ipaddr from 'ipaddr.js';
import type { CloudLoadBalancer } from '../cloud.ts';
import type { BalancerNetworks } from './balancers.ts';
import { ip } from './command.ts';
import type { Fabric } from './fabric.ts';
import type { Wiring } from './real-cloud.ts';

export class FabricBalancers implements BalancerNetworks {
  readonly #fabric: Fabric;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  async connectVip({ vipPortId }: CloudLoadBalancer, pid: number, wiring: Wiring): Promise<boolean> {
    const vip = wiring.ports.find((port) => port.id === vipPortId);
    if (!vip) return false;
    await this.#fabric.connect(vip, pid, 'vip', wiring);
    return true;
  }

  /** An amphora gets a port on its members' network; here, the last address of the subnet's pool that no port has. */
  async reach({ id }: CloudLoadBalancer, subnetId: string, pid: number, name: string, wiring: Wiring): Promise<boolean> {
    const subnet = wiring.subnets.get(subnetId);
    if (!subnet) return false;
    const taken = new Set(wiring.ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address)));
    const [, bits] = ipaddr.IPv4.parseCIDR(subnet.cidr);
    const last = subnet.allocation_pools.at(-1)?.end ?? ipaddr.IPv4.broadcastAddressFromCIDR(subnet.cidr).toString();
    let address = last.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const text = (): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
    while (taken.has(text())) address -= 1;
    const mac = `fa:16:3f:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`;
    await this.#fabric.connect({ ...wiring.ports[0]!, id: `${subnetId.slice(0, 4)}${id}`, network_id: subnet.network_id, mac_address: mac, fixed_ips: [] }, pid, name, wiring);
    await ip(pid, [`addr add ${text()}/${bits} dev ${name}`]);
    return true;
  }

  /** Its cables went with its namespace. */
  forget(): Promise<void> {
    return Promise.resolve();
  }
}
