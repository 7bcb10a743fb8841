/** A worker: after its boot its kubelet joins the user's cluster by what its data says, over the way its data names. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { CloudPort } from './cloud.ts';
import { callApi, complaint, type KubeletClientOptions } from './kubelet-client.ts';
import { hasPodNetwork, register, report, requireOwnLabels } from './kubelet.ts';
import type { Disk } from './machine.ts';
import type { WorkerData } from './machine-data.ts';
import { NoWay, type Network } from './network.ts';
import { newNodeRequest } from './node-request.ts';
import { clusterKey } from './system-cluster.ts';
import type { Waits } from './waits.ts';

export interface WorkerOptions {
  serverId: string;
  data: WorkerData;
  disk: Disk;
  network: Network;
  bootMs: number;
  readyMs: number;
  waits: Waits;
  changed: () => void;
}

/** The controller manager signs at once. */
const signedWithinMs = 100;
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

export class Worker {
  readonly serverId: string;
  readonly data: WorkerData;
  /** Of the cluster that it wants to join. */
  readonly clusterKey: string;
  readonly #options: WorkerOptions;
  #ports: CloudPort[] = [];
  #ready = false;
  #booted = false;
  #registered = false;
  /** It could have been ready, had nothing been missing that others give. */
  #late = false;
  #on = true;

  constructor(options: WorkerOptions) {
    this.serverId = options.serverId;
    this.data = options.data;
    this.clusterKey = clusterKey(options.data.kubelet.kubeconfig.caPem);
    this.#options = options;
    requireOwnLabels(options.data.kubelet);
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** When something of its own is due; in the past when nothing is. */
  get dueAt(): number {
    return this.#booted ? this.readyAt : this.bootedAt;
  }

  get bootedAt(): number {
    return (this.#options.disk.state.poweredOnAt ?? Date.now()) + this.#options.bootMs;
  }

  /** When its node may be ready at the earliest; Infinity while its API has not answered. */
  get readyAt(): number {
    const { apiAnsweredAt = Infinity } = this.#options.disk.state;
    return Math.max(this.bootedAt, apiAnsweredAt) + this.#options.readyMs;
  }

  /** It runs, and there is a way from its parent port to the API. */
  get runs(): boolean {
    if (!this.#on || Date.now() < this.bootedAt) return false;
    const { hostname, port } = new URL(this.data.kubelet.kubeconfig.server);
    const parent = this.#parentPort();
    return parent !== undefined
      && this.#options.network.hasWay(parent.networkId, hostname, Number(port), this.data.parent.address);
  }

  async halt(): Promise<void> {
    this.#on = false;
    this.#ready = false;
  }

  /** Goes as far as it gets; what is in the way stands on its console. */
  async step(ports: CloudPort[]): Promise<void> {
    this.#ports = ports;
    // While it could not reach its API its node was given up: it says anew that it is ready.
    if (this.#ready && !this.runs) this.#ready = false;
    if (this.#ready || !this.#on || Date.now() < this.bootedAt) return;
    const { disk, changed } = this.#options;
    if (!this.#booted) {
      this.#booted = true;
      changed();
    }
    try {
      const certified = await this.#certificate();
      if (!certified) return;
      await this.#join(certified);
    } catch (error) {
      disk.print(`kubelet: ${(error as Error).message}`);
    }
    this.#late = Date.now() > this.readyAt;
  }

  #parentPort(): CloudPort | undefined {
    const { macAddress, address } = this.data.parent;
    return this.#ports.find((port) =>
      port.deviceId === this.serverId && port.macAddress.toLowerCase() === macAddress
        && port.addresses.includes(address));
  }

  /** Why the interface on the user's network carries nothing, or undefined when it does. */
  #userNetworkFault(): string | undefined {
    const { macAddress, vlanId, address } = this.data.user;
    const subPort = this.#parentPort()?.subPorts.find((one) => one.vlanId === vlanId);
    if (!subPort) return `no port of the trunk has VLAN ${vlanId}`;
    const port = this.#ports.find(({ id }) => id === subPort.portId);
    if (port?.macAddress.toLowerCase() !== macAddress) {
      return `${macAddress} is not the MAC address of the port with VLAN ${vlanId}`;
    }
    return port.addresses.includes(address) ? undefined
      : `${address} is not an address of the port with VLAN ${vlanId}`;
  }

  #client(identity: { token: string } | { certPem: string; keyPem: string }): KubeletClientOptions {
    const { server, caPem } = this.data.kubelet.kubeconfig;
    return {
      server, caPem, ...identity,
      connect: (address, port) => {
        const parent = this.#parentPort();
        if (!parent) throw new NoWay('ENETUNREACH',
          `connect ENETUNREACH ${address}:${port}: no interface has ${this.data.parent.macAddress} and ${this.data.parent.address}`);
        return this.#options.network.connectAs(parent.networkId, address, port, this.data.parent.address);
      },
    };
  }

  /** Its client certificate, or undefined while the one it asked for is not signed. */
  async #certificate(): Promise<{ certPem: string; keyPem: string } | undefined> {
    const { disk } = this.#options;
    const { keyPem, certPem, requestName } = disk.state.kubelet ?? {};
    if (keyPem && certPem) return { keyPem, certPem };
    const { token } = this.data.kubelet.kubeconfig;
    if (!token) throw new Error('bootstrap-kubelet.conf has no token');
    const client = this.#client({ token });
    if (!keyPem || !requestName) {
      await this.#ask(client);
      await setTimeout(signedWithinMs);
      return this.#certificate();
    }
    const answer = await callApi(client, 'GET', `${requests}/${requestName}`);
    this.#answered();
    // Asked for anew, with the next step.
    if (answer.status === 404) disk.keep({ kubelet: { keyPem } });
    if (answer.status !== 200) {
      throw new Error(`failed to run Kubelet: cannot get certificate signing request: ${complaint(answer)}`);
    }
    const { certificate } = (answer.body.status ?? {}) as { certificate?: string };
    if (!certificate) {
      disk.print('kubelet: waiting for the client certificate to be issued');
      return undefined;
    }
    const issued = { keyPem, certPem: Buffer.from(certificate, 'base64').toString() };
    disk.keep({ kubelet: issued });
    return issued;
  }

  async #ask(client: KubeletClientOptions): Promise<void> {
    const { disk } = this.#options;
    const { keyPem, requestPem } = await newNodeRequest(this.data.kubelet.name);
    const requestName = `node-csr-${randomBytes(16).toString('hex')}`;
    const answer = await callApi(client, 'POST', requests, {
      apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: requestName },
      spec: {
        request: Buffer.from(requestPem).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
      },
    });
    this.#answered();
    if (answer.status !== 201) {
      throw new Error(`failed to run Kubelet: cannot create certificate signing request: ${complaint(answer)}`);
    }
    disk.keep({ kubelet: { keyPem, requestName } });
    disk.print(`kubelet: asked for a client certificate: ${requestName}`);
  }

  #answered(): void {
    const { disk, waits } = this.#options;
    if (disk.state.apiAnsweredAt !== undefined) return;
    const apiAnsweredAt = Date.now();
    disk.keep({ apiAnsweredAt });
    waits.begin('node ready', this.serverId, Math.max(this.bootedAt, apiAnsweredAt));
  }

  async #join(identity: { certPem: string; keyPem: string }): Promise<void> {
    const { disk, waits, changed } = this.#options;
    const { kubelet } = this.data;
    if (this.#registered && Date.now() < this.readyAt) return;
    const client = this.#client(identity);
    const { status, body } = await callApi(client, 'GET', '/version');
    this.#answered();
    // The kubelet is of the image's version, which is the cluster's.
    const version = status === 200 ? String(body.gitVersion) : '';
    if ((await callApi(client, 'GET', `/api/v1/nodes/${kubelet.name}`)).status === 404) {
      await register(client, kubelet, version);
      disk.print(`kubelet: registered node ${kubelet.name}`);
      changed();
    }
    this.#registered = true;
    if (Date.now() < this.readyAt) return;
    const fault = this.#userNetworkFault();
    if (fault) throw new Error(`user0: no carrier: ${fault}`);
    if (!await hasPodNetwork(client,
      kubelet)) throw new Error('Container runtime network not ready: cni plugin not initialized');
    if (!this.#on) return;
    await report(client, kubelet, version, true, 'kubelet is posting ready status');
    this.#ready = true;
    // What it waited for beyond its own time it waited for others.
    waits.end('node ready', this.serverId, this.#late ? this.readyAt : Date.now());
    disk.print(`kubelet: node ${kubelet.name} is ready`);
    changed();
  }
}
