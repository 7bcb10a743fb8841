/** Plays the machines of a cloud whose hypervisors are fake: looks at its servers,
  and brings up what their data says. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { openSession } from '../../layers/openstack/session.ts';
import type { Credential, Scope } from '../../layers/openstack/token.ts';
import type { CloudServer, CloudView, MachinesCloud } from './cloud.ts';
import { CloudControllers } from './cloud-controllers.ts';
import { ControlPlaneWait } from './control-plane-wait.ts';
import { FloatingAddresses } from './floating-addresses.ts';
import { scaled, type Latencies } from './latencies.ts';
import { Disk, readConsole, scrap } from './machine.ts';
import { BadData, readMachineData, type MasterData, type WorkerData } from './machine-data.ts';
import { Master } from './master.ts';
import { Network } from './network.ts';
import { openStackCloud } from './openstack-cloud.ts';
import { onlookerRequestId } from '../openstack/log.ts';
import { clusterKey, SystemCluster } from './system-cluster.ts';
import { UserCluster } from './user-cluster.ts';
import { Waits, type Wait } from './waits.ts';
import { Worker } from './worker.ts';

export interface MachinesOptions {
  /** Keystone. Where there is none, `cloud` is looked at instead. */
  authUrl: string;
  /** Of an administrator: it must see the servers, ports and load balancers of all projects. */
  credential: Credential;
  scope: Scope;
  region?: string;
  cloud?: MachinesCloud;
  /** How many times as fast as on a real cloud. */
  scale: number;
  /** Keeps disks, consoles and what etcd holds: the same directory again, and everything goes on. */
  dataDir: string;
  log: (line: string) => void;
  /** See FloatingAddresses. */
  sourceOf?: (remoteAddress: string) => string;
  /** Between two looks at the cloud; follows from `scale` when left out. */
  lookEveryMs?: number;
}

export interface Machines {
  /** Everything that was waited for, oldest first. */
  waits(): Wait[];
  /** What the server's console showed. */
  console(serverId: string): string;
  /** A connection as somebody on that network would make it, to a VIP or to a machine. Rejects with NoWay. */
  connectAs(networkId: string, address: string, port: number, source: string): Promise<Socket>;
  close(): Promise<void>;
}

interface Cluster { system: SystemCluster; user: UserCluster; wait: ControlPlaneWait; controllers: CloudControllers; volumeIds: Set<string> }
type Machine = Master | Worker;

/** Looks at the cloud from now on. Resolves after the first look, whether or not it worked. */
export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const { scale, authUrl, credential, scope, region } = options;
  const cloud = options.cloud
    ?? openStackCloud(openSession({ authUrl, credential, scope, region, requestId: onlookerRequestId }));
  const lookEveryMs = options.lookEveryMs ?? Math.min(500, Math.max(150, 1000 / scale));
  const machines = new Fleet(options, cloud, lookEveryMs);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    await machines.look();
    if (!closed) timer = setTimeout(() => { looking = look(); }, lookEveryMs);
  };
  looking = look();
  await looking;
  return {
    waits: () => machines.waits.list(),
    console: (serverId) => readConsole(options.dataDir, serverId),
    connectAs: (networkId, address, port, source) => machines.network.connectAs(networkId, address, port, source),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await looking;
      await machines.close();
    },
  };
}

class Fleet {
  readonly network = new Network();
  readonly waits: Waits;
  readonly #options: MachinesOptions;
  readonly #cloud: MachinesCloud;
  readonly #latencies: Latencies;
  readonly #floating: FloatingAddresses;
  readonly #machines = new Map<string, Machine>();
  /** Servers whose data has been read and makes no machine of ours. */
  readonly #strangers = new Set<string>();
  readonly #clusters = new Map<string, Cluster>();
  readonly #lookEveryMs: number;
  readonly #stepping = new Map<string, Promise<void>>();
  #complaint = '';

  constructor(options: MachinesOptions, cloud: MachinesCloud, lookEveryMs: number) {
    this.#options = options;
    this.#lookEveryMs = lookEveryMs;
    this.#cloud = cloud;
    this.#latencies = scaled(options.scale);
    mkdirSync(options.dataDir, { recursive: true });
    this.waits = new Waits(join(options.dataDir, 'waits.json'));
    this.#floating = new FloatingAddresses({ network: this.network, sourceOf: options.sourceOf, warn: options.log });
  }

  /** One look: what there is to be done is begun. A cloud that does not answer changes nothing. */
  async look(): Promise<void> {
    try {
      const view = await this.#cloud.look();
      this.network.see(view);
      await this.#powerOff(view);
      await this.#powerOn(view);
      this.#step(view);
      for (const { controllers } of this.#clusters.values()) controllers.step(view);
      await this.#floating.follow(view);
      await this.#forgetClusters(view);
      this.#complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#complaint) this.#options.log(`machines: ${message}`);
      this.#complaint = message;
    }
  }

  async close(): Promise<void> {
    const machines = [...this.#machines.values()];
    this.#machines.clear();
    await Promise.all(this.#stepping.values());
    await this.#floating.close();
    await Promise.all([...this.#clusters.values()].map(closeCluster));
    await Promise.all(machines.map((machine) => machine.halt()));
  }

  async #powerOff(view: CloudView): Promise<void> {
    const active = new Set(view.servers.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id));
    const there = new Set(view.servers.map(({ id }) => id));
    for (const [id, machine] of this.#machines) {
      if (active.has(id)) continue;
      this.#machines.delete(id);
      await machine.halt();
      new Disk(this.#options.dataDir, id).keep({ poweredOnAt: undefined });
      if (!there.has(id)) scrap(this.#options.dataDir, id);
      const cluster = [...this.#clusters.values()].find(({ system }) => system.masters.has(id));
      cluster?.system.masters.delete(id);
      this.#options.log(`machines: ${id} is off`);
      this.#changed();
    }
    for (const id of this.#strangers) if (!there.has(id)) this.#strangers.delete(id);
  }

  async #powerOn(view: CloudView): Promise<void> {
    for (const server of view.servers) {
      if (server.status !== 'ACTIVE' || this.#machines.has(server.id) || this.#strangers.has(server.id)) continue;
      const userData = await this.#cloud.userData(server.id);
      const disk = new Disk(this.#options.dataDir, server.id);
      try {
        const data = userData === undefined ? undefined : readMachineData(userData, server.id);
        if (data) this.#assemble(server, data, disk);
        else this.#strangers.add(server.id);
      } catch (error) {
        if (!(error instanceof BadData)) throw error;
        this.#strangers.add(server.id);
        disk.print(error.message);
        this.#options.log(`machines: ${server.name} does not come up: ${error.message}`);
      }
    }
  }

  #assemble(server: CloudServer, data: MasterData | WorkerData, disk: Disk): void {
    if (disk.state.poweredOnAt === undefined) {
      disk.keep({ poweredOnAt: Date.now() });
      disk.print(`${server.name} is powered on`);
    }
    const common = { serverId: server.id, disk, network: this.network, changed: () => this.#changed() };
    const machine = data.role === 'master' ? this.#addMaster(server, data, common) : new Worker({
      ...common, data, bootMs: this.#latencies.workerBootMs, readyMs: this.#latencies.nodeReadyMs, waits: this.waits,
    });
    this.#machines.set(server.id, machine);
    this.#options.log(`machines: ${server.name} is on: a ${data.role}`);
  }

  #addMaster(server: CloudServer, data: MasterData, common: Omit<ConstructorParameters<typeof Master>[0],
    'data' | 'bootMs' | 'api' | 'hasQuorum'>): Master {
    const cluster = this.#clusterOf(data);
    cluster.volumeIds.add(data.etcd.volumeId);
    const { system } = cluster;
    const master = new Master({
      ...common, data, bootMs: this.#latencies.masterBootMs, api: system.api, hasQuorum: () => system.hasQuorum(),
    });
    system.masters.set(server.id, master);
    this.waits.begin('system cluster', server.id, common.disk.state.poweredOnAt!);
    return master;
  }

  #clusterOf(data: MasterData): Cluster {
    const key = clusterKey(data.caPem);
    const known = this.#clusters.get(key);
    if (known) return known;
    const { dataDir, scale, log: warn } = this.#options;
    const common = { dataDir, scale, warn, latencies: this.#latencies };
    const system = new SystemCluster({ ...common, data, userApiUp: () => this.#clusters.get(key)?.user.up ?? false });
    const user = new UserCluster({ ...common, system, workerRuns: (of, name) => this.#workerRuns(of, name) });
    const cluster = {
      system, user, wait: new ControlPlaneWait(system, this.waits),
        controllers: new CloudControllers(system, user, warn), volumeIds: new Set<string>(),
    };
    this.#clusters.set(key, cluster);
    return cluster;
  }

  #workerRuns(of: string, name: string): boolean {
    return [...this.#machines.values()].some((machine) =>
      machine instanceof Worker && machine.clusterKey === of && machine.data.kubelet.name === name && machine.runs);
  }

  /** Machines go on side by side, and at the very moment that something of theirs is due before the next look. */
  #step(view: CloudView): void {
    for (const [id, machine] of this.#machines) {
      this.#stepOne(view, id, machine);
      const dueInMs = machine.dueAt - Date.now();
      if (dueInMs > 0 && dueInMs < this.#lookEveryMs) setTimeout(() => this.#stepOne(view, id, machine), dueInMs);
    }
  }

  /** One that is still busy with its last step is left to it. */
  #stepOne(view: CloudView, id: string, machine: Machine): void {
    if (this.#stepping.has(id) || this.#machines.get(id) !== machine) return;
    const server = view.servers.find((one) => one.id === id)!;
    const step = (machine instanceof Master ? machine.step(server, view.ports) : machine.step(view.ports))
      .catch((error: unknown) => this.#options.log(`machines: ${server.name}: ${(error as Error).message}`))
      .finally(() => {
        this.#stepping.delete(id);
        if (machine instanceof Master && machine.ready) this.waits.end('system cluster', id, Date.now());
      });
    this.#stepping.set(id, step);
  }

  #changed(): void {
    for (const { system, user } of this.#clusters.values()) {
      system.changed();
      void user.follow();
    }
  }

  /** What etcd kept is on the masters' volumes: it goes when the last of them is gone. */
  async #forgetClusters(view: CloudView): Promise<void> {
    for (const [key, cluster] of this.#clusters) {
      const { system, volumeIds } = cluster;
      const attached = view.servers.some((server) => server.volumeIds.some((id) => volumeIds.has(id)));
      if (system.masters.size > 0 || attached || await this.#cloud.hasAnyVolume([...volumeIds])) continue;
      this.#clusters.delete(key);
      await closeCluster(cluster);
      system.forget();
    }
  }
}

async function closeCluster({ system, user, wait, controllers }: Cluster): Promise<void> {
  wait.close();
  await controllers.close();
  await user.close();
  await system.close();
}
