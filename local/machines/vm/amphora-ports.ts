/** Load balancers among virtual machines: with the ports that Octavia has made for their amphorae, and no others. */
import type { Port } from '../../../layers/openstack/neutron.ts';
import type { CloudLoadBalancer } from '../cloud.ts';
import type { BalancerNetworks } from '../real/balancers.ts';
import type { Wiring } from '../real/real-cloud.ts';
import { plugInto, unplug } from './switch.ts';

/** The port that an amphora has on its VIP's network: Octavia lets it bear the VIP's address too. Undefined until it is there. */
export const vipPortOf = ({ vipAddress, vipNetworkId }: Pick<CloudLoadBalancer, 'vipAddress' | 'vipNetworkId'>, { ports }: Pick<Wiring, 'ports'>): Port | undefined =>
  ports.find(({ name, network_id, allowed_address_pairs }) => name.startsWith('octavia-lb-vrrp-') && network_id === vipNetworkId
    && allowed_address_pairs.some(({ ip_address }) => ip_address === vipAddress));

/** The port of the same amphora on another subnet's network. Undefined until it is there. */
export const memberPortOf = (vipPort: Port, subnetId: string, { ports, subnets }: Pick<Wiring, 'ports' | 'subnets'>): Port | undefined =>
  ports.find(({ device_id, network_id }) => device_id !== '' && device_id === vipPort.device_id && network_id === subnets.get(subnetId)?.network_id);

export class AmphoraPorts implements BalancerNetworks {
  readonly #plugged = new Map<string, string[]>();

  async connectVip(loadBalancer: CloudLoadBalancer, pid: number, wiring: Wiring): Promise<boolean> {
    const port = vipPortOf(loadBalancer, wiring);
    if (!port) return false;
    await this.#plug(loadBalancer.id, port, pid, wiring, [loadBalancer.vipAddress]);
    return true;
  }

  async reach(loadBalancer: CloudLoadBalancer, subnetId: string, pid: number, _name: string, wiring: Wiring): Promise<boolean> {
    const vipPort = vipPortOf(loadBalancer, wiring);
    const port = vipPort && memberPortOf(vipPort, subnetId, wiring);
    if (!port) return false;
    await this.#plug(loadBalancer.id, port, pid, wiring);
    return true;
  }

  async forget(loadBalancerId: string): Promise<void> {
    for (const portId of this.#plugged.get(loadBalancerId) ?? []) await unplug(portId);
    this.#plugged.delete(loadBalancerId);
  }

  async #plug(loadBalancerId: string, port: Port, pid: number, wiring: Wiring, more: readonly string[] = []): Promise<void> {
    this.#plugged.set(loadBalancerId, [...this.#plugged.get(loadBalancerId) ?? [], port.id]);
    await plugInto(port, pid, wiring, more);
  }
}
