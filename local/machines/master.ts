/** A master: after its boot it serves the system cluster's API, is a member of its etcd and one of its nodes. */
import { connect } from 'node:net';
import { once } from 'node:events';
import type { Api } from '../kubernetes/api.ts';
import { serveApi, type ApiServer } from '../kubernetes/server.ts';
import type { CloudPort, CloudServer } from './cloud.ts';
import type { KubeletClientOptions } from './kubelet-client.ts';
import { register, report, requireOwnLabels } from './kubelet.ts';
import type { Disk } from './machine.ts';
import type { MasterData } from './machine-data.ts';
import type { Network } from './network.ts';

export interface MasterOptions {
  serverId: string;
  data: MasterData;
  disk: Disk;
  network: Network;
  bootMs: number;
  api: Api;
  hasQuorum: () => boolean;
  /** Something about it has changed that others may wait for. */
  changed: () => void;
}

export class Master {
  readonly serverId: string;
  readonly data: MasterData;
  readonly #options: MasterOptions;
  #ports: CloudPort[] = [];
  #server: ApiServer | undefined;
  #extra = new Map<number, number>();
  #registered = false;
  #on = true;

  constructor(options: MasterOptions) {
    this.serverId = options.serverId;
    this.data = options.data;
    this.#options = options;
    requireOwnLabels(options.data.kubelet);
  }

  /** Its API server and its etcd run. */
  get up(): boolean {
    return this.#server !== undefined;
  }

  get ready(): boolean {
    return this.#registered;
  }

  /** When something of its own is due; in the past when nothing is. */
  get dueAt(): number {
    return this.bootedAt;
  }

  get bootedAt(): number {
    return (this.#options.disk.state.poweredOnAt ?? Date.now()) + this.#options.bootMs;
  }

  /** Goes one step on: boots when it is time, then registers its node. Nothing is left half done when it throws. */
  async step(server: CloudServer, ports: CloudPort[]): Promise<void> {
    this.#ports = ports.filter(({ deviceId }) => deviceId === this.serverId);
    if (Date.now() < this.bootedAt || !this.#on) return;
    if (!this.#server && this.#finds(server)) await this.#boot();
    if (this.#server && !this.#registered && this.#options.hasQuorum()) await this.#join(this.#server);
  }

  /** Something of the user's control plane listens on this master too. */
  listen(port: number, localPort: number): void {
    this.#extra.set(port, localPort);
    this.#announce(port, localPort);
  }

  silence(port: number): void {
    this.#extra.delete(port);
    for (const { networkId, addresses } of this.#ports) {
      for (const address of addresses) this.#options.network.silence(networkId, address, port);
    }
  }

  /** As if it had been unplugged. */
  async halt(): Promise<void> {
    this.#on = false;
    const server = this.#server;
    this.#server = undefined;
    this.#registered = false;
    for (const port of [this.data.apiServer.port, ...this.#extra.keys()]) this.silence(port);
    await server?.close();
  }

  /** Its volume and its address, without which nothing starts. */
  #finds({ volumeIds }: CloudServer): boolean {
    const { disk } = this.#options;
    const { etcd, kubelet } = this.data;
    if (!volumeIds.includes(etcd.volumeId)) disk.print(`moorage-etcd-volume: no disk with serial ${etcd.volumeId}`);
    else if (!this.#ports.some(({ addresses }) => addresses.includes(kubelet.address))) {
      disk.print(`kubelet: failed to run Kubelet: failed to validate nodeIP: node IP: "${kubelet.address}" not found in the host's network interfaces`);
    } else if (etcd.members[etcd.name] !== kubelet.address) {
      disk.print(`etcd: couldn't find local name "${etcd.name}" with address ${kubelet.address} in the initial cluster configuration`);
    } else return true;
    return false;
  }

  async #boot(): Promise<void> {
    const { api, hasQuorum, disk, changed } = this.#options;
    const { apiServer: { port, certPem, keyPem, clientCaPem }, version } = this.data;
    this.#server = await serveApi({ api, hasQuorum, version, certPem, keyPem, clientCaPem });
    disk.print(`cloud-init: finished; kube-apiserver serves on ${this.data.kubelet.address}:${port}`);
    this.#announce(port, this.#server.port);
    changed();
  }

  async #join({ port }: ApiServer): Promise<void> {
    const { disk, changed } = this.#options;
    const { kubelet, version, hasPodNetwork } = this.data;
    const client: KubeletClientOptions = {
      ...kubelet.kubeconfig,
      // Its kubeconfig names the loopback address: its own API server.
      connect: async () => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      },
    };
    try {
      await register(client, kubelet, version);
      if (!hasPodNetwork) throw new Error('no network plug-in is configured in /etc/cni/net.d');
      await report(client, kubelet, version, true, 'kubelet is posting ready status');
      this.#registered = true;
      disk.print(`kubelet: node ${kubelet.name} is ready`);
    } catch (error) {
      disk.print(`kubelet: ${(error as Error).message}`);
    }
    changed();
  }

  #announce(port: number, localPort: number): void {
    for (const { networkId, addresses } of this.#ports) {
      for (const address of addresses) this.#options.network.listen(networkId, address, port, localPort);
    }
  }
}
