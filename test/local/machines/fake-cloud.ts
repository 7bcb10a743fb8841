/** A cloud of a test's own, as machines see it: what its tests put there. */
import type { CloudListener, CloudPort, CloudServer, CloudView, MachinesCloud } from '../../../local/machines/cloud.ts';

export class FakeCloud implements MachinesCloud {
  readonly view: CloudView = { servers: [], ports: [], loadBalancers: [], floatingAddresses: [], networkOfSubnet: {} };
  readonly volumes = new Set<string>();
  readonly #userData = new Map<string, string>();

  addServer(server: Omit<CloudServer, 'status' | 'volumeIds'> & Partial<CloudServer>, userData: string,
    ports: Omit<CloudPort, 'deviceId'>[]): void {
    const { volumeIds = [] } = server;
    for (const id of volumeIds) this.volumes.add(id);
    this.view.servers.push({ status: 'ACTIVE', volumeIds, ...server });
    for (const port of ports) this.view.ports.push({ ...port,
      deviceId: port.id.startsWith('sub-') ? 'trunk' : server.id });
    this.#userData.set(server.id, userData);
  }

  setStatus(serverId: string, status: string): void {
    this.view.servers.find(({ id }) => id === serverId)!.status = status;
  }

  removeServer(serverId: string): void {
    this.view.servers = this.view.servers.filter(({ id }) => id !== serverId);
  }

  addLoadBalancer(id: string, vip: { address: string; networkId: string; floating?: string },
    listeners: Omit<CloudListener, 'id'>[]): void {
    const vipPortId = `vip-${id}`;
    this.view.loadBalancers.push({
      id, vipAddress: vip.address, vipPortId, vipNetworkId: vip.networkId,
      listeners: listeners.map((listener) => ({ id: `${id}-${listener.port}`, ...listener })),
    });
    if (vip.floating) this.view.floatingAddresses.push({ address: vip.floating, portId: vipPortId });
  }

  look = async (): Promise<CloudView> => structuredClone(this.view);
  userData = async (serverId: string): Promise<string | undefined> => this.#userData.get(serverId);
  hasAnyVolume = async (ids: readonly string[]): Promise<boolean> => ids.some((id) => this.volumes.has(id));
}
