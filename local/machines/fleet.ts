/** The machines of a cloud: powered on and off as its servers are, and taken one step further at every look. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudServer, CloudView, MachinesCloud } from './cloud.ts';
import { Cluster } from './cluster.ts';
import { FloatingAddresses, throughNetwork } from './floating-addresses.ts';
import { scaled, type Latencies } from './latencies.ts';
import { Disk, scrap } from './machine.ts';
import { BadData, readMachineData, type MasterData, type WorkerData } from './machine-data.ts';
import { Master } from './master.ts';
import { Network } from './network.ts';
import { clusterKey } from './system-cluster.ts';
import { Waits } from './waits.ts';
import { Worker } from './worker.ts';

export interface FleetOptions {
  cloud: MachinesCloud;
  scale: number;
  dataDir: string;
  log: (line: string) => void;
  sourceOf?: ((remoteAddress: string) => string) | undefined;
  lookEveryMs: number;
}

type Machine = Master | Worker;

/** All machines and what runs on them. `look` is to be called again and again. */
export class Fleet {
  readonly network = new Network();
  readonly waits: Waits;
  readonly #options: FleetOptions;
  readonly #latencies: Latencies;
  readonly #floating: FloatingAddresses;
  readonly #machines = new Map<string, Machine>();
  /** Servers whose data has been read and makes no machine of ours. */
  readonly #strangers = new Set<string>();
  readonly #clusters = new Map<string, Cluster>();
  readonly #stepping = new Map<string, Promise<void>>();
  #complaint = '';

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#latencies = scaled(options.scale);
    mkdirSync(options.dataDir, { recursive: true });
    this.waits = new Waits(join(options.dataDir, 'waits.json'));
    this.#floating = new FloatingAddresses({ deliver: throughNetwork(this.network), sourceOf: options.sourceOf, warn: options.log });
  }

  /** One look: what there is to be done is begun. A cloud that does not answer changes nothing. */
  async look(): Promise<void> {
    try {
      const view = await this.#options.cloud.look();
      this.network.see(view);
      await this.#powerOff(view);
      await this.#powerOn(view);
      this.#step(view);
      for (const cluster of this.#clusters.values()) cluster.step(view);
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
    this.#floating.close();
    await Promise.all([...this.#clusters.values()].map((cluster) => cluster.close()));
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
      const userData = await this.#options.cloud.userData(server.id);
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
    const cluster = new Cluster({
      data, dataDir, scale, warn, latencies: this.#latencies, waits: this.waits, workerRuns: (of, name) => this.#workerRuns(of, name),
    });
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
      if (dueInMs > 0 && dueInMs < this.#options.lookEveryMs) setTimeout(() => this.#stepOne(view, id, machine), dueInMs);
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
    for (const cluster of this.#clusters.values()) cluster.changed();
  }

  /** What etcd kept is on the masters' volumes: it goes when the last of them is gone. */
  async #forgetClusters(view: CloudView): Promise<void> {
    for (const [key, cluster] of this.#clusters) {
      const { system, volumeIds } = cluster;
      const attached = view.servers.some((server) => server.volumeIds.some((id) => volumeIds.has(id)));
      if (system.masters.size > 0 || attached || await this.#options.cloud.hasAnyVolume([...volumeIds])) continue;
      this.#clusters.delete(key);
      await cluster.close();
      cluster.system.forget();
    }
  }
}
