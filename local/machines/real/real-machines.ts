/**
 * Machines in namespaces: each ACTIVE server of a cloud whose hypervisors are fake is a machine of its own on this host, with
 * real containerd and kubelet, wired as its ports, trunk and security groups say.
 */
import * as nova from '../../../layers/openstack/nova.ts';
import { openSession, type Session } from '../../../layers/openstack/session.ts';
import type { Port } from '../../../layers/openstack/neutron.ts';
import type { CloudServer, CloudView } from '../cloud.ts';
import { FloatingAddresses } from '../floating-addresses.ts';
import type { Machines, MachinesOptions } from '../machines.ts';
import { onlookerRequestId } from '../../openstack/log.ts';
import { Balancers } from './balancers.ts';
import { addressesOf, Fabric } from './fabric.ts';
import { FabricBalancers } from './fabric-balancers.ts';
import { podMemory, type PodMemory } from './figures.ts';
import { Guest, type Interface } from './guest.ts';
import { prepareHost } from './host.ts';
import { ensureImage } from './image.ts';
import { realCloud, type RealCloud, type Wiring } from './real-cloud.ts';
import { cloudPorts } from './cloud-ports.ts';
import { Volumes } from './volumes.ts';
import { WayOut } from './way-out.ts';

interface Powered { guest: Guest; wayOut?: WayOut; ready: Promise<void>; booted: boolean }

const lookEveryMs = 1_000;
/** A cloud that is slow to answer is looked at the more rarely: looking takes a quarter of its time at most. */
const restFor = 3;

/** Looks at the cloud from now on. Resolves after the first look, whether or not it worked. */
export async function startRealMachines(options: MachinesOptions): Promise<Machines> {
  const { authUrl, credential, scope, region, log } = options;
  const session = openSession({ authUrl, credential, scope, region, requestId: onlookerRequestId });
  const machines = new RealMachines(session, options);
  await machines.open();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let complaint = '';
  const look = async (): Promise<void> => {
    const startedAt = performance.now();
    try {
      await machines.look();
      complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint) log(`machines: ${message}`);
      complaint = message;
    }
    if (!closed) timer = setTimeout(() => { looking = look(); }, Math.max(lookEveryMs, restFor * (performance.now() - startedAt)));
  };
  let looking = look();
  await looking;
  return {
    waits: () => [],
    cloudWaits: () => [],
    console: (serverId) => machines.console(serverId),
    podMemory: () => machines.podMemory(),
    userDataSizes: () => [...machines.userDataSizes].map(([name, characters]) => ({ name, characters })),
    cutPower: (serverId) => machines.cutPower(serverId),
    restorePower: (serverId) => machines.restorePower(serverId),
    connectAs: () => Promise.reject(new Error('machines in namespaces are reached over their networks')),
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking;
      await machines.close();
    },
  };
}

class RealMachines {
  readonly #session: Session;
  readonly #cloud: RealCloud;
  readonly #options: MachinesOptions;
  readonly #fabric = new Fabric();
  readonly #balancers = new Balancers(new FabricBalancers(this.#fabric));
  readonly #volumes: Volumes;
  readonly #floating: FloatingAddresses;
  readonly #powered = new Map<string, Powered>();
  /** Servers whose machines have no current. */
  readonly #powerless = new Set<string>();
  /** Characters of each machine's user_data, by its name. */
  readonly userDataSizes = new Map<string, number>();
  #ports: number[] = [];

  constructor(session: Session, options: MachinesOptions) {
    this.#session = session;
    this.#cloud = realCloud(session);
    this.#options = options;
    this.#volumes = new Volumes(options.dataDir);
    this.#floating = new FloatingAddresses({
      warn: options.log, sourceOf: options.sourceOf,
      deliver: (socket, loadBalancer, listener, source) => {
        this.#balancers.deliver(loadBalancer.id, listener.id, source, socket);
        return undefined;
      },
    });
  }

  async open(): Promise<void> {
    await prepareHost();
    await this.#fabric.open();
    this.#ports = await cloudPorts(this.#options);
  }

  async look(): Promise<void> {
    const view = await this.#cloud.look();
    const wiring = await this.#cloud.wiring(view);
    await this.#fabric.follow(wiring);
    await this.#powerOff(view);
    for (const server of view.servers) if (server.status === 'ACTIVE') this.#powerOn(server, wiring);
    await this.#balancers.follow(view, wiring);
    await this.#floating.follow(view);
    for (const { guest, booted } of this.#powered.values()) if (booted && guest.runs) await this.#plug(guest, wiring);
    await this.#volumes.follow(wiring);
  }

  async podMemory(): Promise<PodMemory[]> {
    return (await Promise.all([...this.#powered.values()].filter(({ booted }) => booted).map(({ guest }) => podMemory(guest)))).flat();
  }

  async cutPower(serverId: string): Promise<void> {
    const powered = this.#powered.get(serverId);
    if (!powered) throw new Error(`there is no machine of server ${serverId}`);
    this.#powerless.add(serverId);
    this.#powered.delete(serverId);
    await this.#halt(powered);
    this.#options.log(`machines: ${powered.guest.name} has died`);
  }

  restorePower(serverId: string): void {
    this.#powerless.delete(serverId);
  }

  console(serverId: string): string {
    return (this.#powered.get(serverId)?.guest ?? new Guest({ id: serverId, name: '' }, this.#options.dataDir)).console();
  }

  async close(): Promise<void> {
    this.#floating.close();
    for (const powered of this.#powered.values()) await this.#halt(powered);
    await this.#balancers.close();
    await this.#fabric.close();
    await this.#volumes.close();
  }

  async #powerOff({ servers }: CloudView): Promise<void> {
    const active = new Set(servers.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id));
    for (const [id, powered] of this.#powered) {
      if (active.has(id)) continue;
      this.#powered.delete(id);
      await this.#halt(powered);
      this.#options.log(`machines: ${powered.guest.name} is off`);
    }
  }

  async #halt({ guest, wayOut, ready }: Powered): Promise<void> {
    await ready;
    const disks = [...guest.plugged.keys()];
    await wayOut?.close();
    await guest.powerOff();
    for (const volumeId of disks) await this.#volumes.detach(volumeId);
  }

  /** Machines come up side by side. One that does not is told once, and tried again when its server is started anew. */
  #powerOn(server: CloudServer, wiring: Wiring): void {
    if (this.#powered.has(server.id) || this.#powerless.has(server.id)) return;
    const guest = new Guest(server, this.#options.dataDir);
    const powered: Powered = { guest, ready: Promise.resolve(), booted: false };
    this.#powered.set(server.id, powered);
    powered.ready = this.#bringUp(powered, wiring).catch((error: unknown) => {
      this.#options.log(`machines: ${server.name} does not come up: ${(error as Error).message}`);
    });
  }

  async #bringUp(powered: Powered, wiring: Wiring): Promise<void> {
    const { guest } = powered;
    const userData = await this.#cloud.userData(guest.serverId);
    if (userData === undefined) throw new Error('it has no user_data');
    this.userDataSizes.set(guest.name, userData.length);
    const own = wiring.ports.filter(({ device_id }) => device_id === guest.serverId);
    await guest.powerOn(await ensureImage(this.#versionOf(guest, wiring)), userData, own.map((port, index) => interfaceOf(port, index, wiring)));
    for (const [index, port] of own.entries()) {
      await this.#fabric.plug(port, guest.pid, interfaceName(index), wiring);
      for (const { port_id, segmentation_id } of port.trunk_details?.sub_ports ?? []) {
        const subPort = wiring.ports.find(({ id }) => id === port_id);
        if (subPort) await this.#fabric.plug(subPort, guest.pid, `${interfaceName(index)}.${segmentation_id}`, wiring);
      }
    }
    const server = await nova.getServer(this.#session, guest.serverId);
    powered.wayOut = new WayOut({
      uuid: guest.serverId, name: guest.name, hostname: guest.name, project_id: server?.tenant_id ?? '',
      availability_zone: server?.['OS-EXT-AZ:availability_zone'] ?? '',
    });
    await powered.wayOut.open(guest.pid, this.#ports);
    await this.#plug(guest, wiring);
    await guest.boot();
    powered.booted = true;
    this.#options.log(`machines: ${guest.name} is on`);
  }

  #versionOf({ serverId, name }: Guest, { attachments }: Wiring): string {
    const version = attachments.find((one) => one.serverId === serverId && one.device.endsWith('da'))?.kubeVersion;
    if (!version) throw new Error(`the boot disk of ${name} is of no image with a Kubernetes version`);
    return version;
  }

  #plug(guest: Guest, { attachments }: Wiring): Promise<void> {
    return this.#volumes.plug(guest.pid, attachments.filter(({ serverId }) => serverId === guest.serverId), guest.plugged);
  }
}

const interfaceName = (index: number): string => `ens${3 + index}`;

function interfaceOf(port: Port, index: number, wiring: Wiring): Interface {
  const subnet = wiring.subnets.get(port.fixed_ips[0]?.subnet_id ?? '');
  return {
    name: interfaceName(index), macAddress: port.mac_address, addresses: addressesOf(port, wiring), gateway: subnet?.gateway_ip ?? null,
    dnsServers: subnet?.dns_nameservers ?? [], mtu: wiring.networks.get(port.network_id)?.mtu ?? 1450,
  };
}
