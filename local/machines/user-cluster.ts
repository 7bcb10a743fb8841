/** The user's cluster: its API on every master whose API server's pod is ready, its controllers as far as they run. */
import { Api } from '../kubernetes/api.ts';
import { seedCluster } from '../kubernetes/bootstrap-policy.ts';
import { certificateRequests } from '../kubernetes/controllers/certificate-requests.ts';
import { runControllers, type Controller, type Loop } from '../kubernetes/controllers/control.ts';
import { daemonSets } from '../kubernetes/controllers/daemon-sets.ts';
import { deployments, replicaSets } from '../kubernetes/controllers/deployments.ts';
import { disruptionBudgets } from '../kubernetes/controllers/disruption-budgets.ts';
import { rootAuthority } from '../kubernetes/controllers/root-authority.ts';
import { expiredTokens, garbage, orphanedPods } from '../kubernetes/controllers/garbage.ts';
import { kubelets } from '../kubernetes/controllers/kubelets.ts';
import { resources } from '../kubernetes/controllers/kinds.ts';
import { namespaces } from '../kubernetes/controllers/namespaces.ts';
import { nodeLifecycle } from '../kubernetes/controllers/node-lifecycle.ts';
import { scheduler } from '../kubernetes/controllers/scheduler.ts';
import { serviceAddresses } from '../kubernetes/controllers/service-addresses.ts';
import { statefulSets } from '../kubernetes/controllers/stateful-sets.ts';
import { tableOf } from '../kubernetes/resource-table.ts';
import { serveApi, type ApiServer } from '../kubernetes/server.ts';
import { Store } from '../kubernetes/store.ts';
import type { KeyPair } from '../../layers/pki/authority.ts';
import { etcdMembers, fileOf, filesOf, running, type Process, type ServingFiles } from './control-plane.ts';
import type { Latencies } from './latencies.ts';
import type { Master } from './master.ts';
import { certificatesIn } from './trust.ts';
import { clusterKey, storePath, type SystemCluster } from './system-cluster.ts';

export interface UserClusterOptions {
  system: SystemCluster;
  dataDir: string;
  latencies: Latencies;
  scale: number;
  warn: (text: string) => void;
  /** Whether a worker of that name, of the cluster with that key, runs and has its way to the API. */
  workerRuns: (clusterKey: string, name: string) => boolean;
}

/** Changes come in bursts. */
const settleMs = 10;

interface Served { server: ApiServer; master: Master; port: number; with: string }

export class UserCluster {
  readonly #options: UserClusterOptions;
  readonly #served = new Map<string, Served>();
  #store: Store | undefined;
  #api: Api | undefined;
  #loops: Loop[] = [];
  /** Of the authorities whose clients its API servers let in. */
  #clientCas: string[] = [];
  #soon: NodeJS.Timeout | undefined;
  #busy = false;
  #again = false;

  constructor(options: UserClusterOptions) {
    this.#options = options;
    options.system.api.store.changes.on('change', ({ table }) => {
      if (table !== tableOf(resources.pods) && table !== tableOf(resources.secrets)) return;
      this.#soon ??= setTimeout(() => { this.#soon = undefined; void this.follow(); }, settleMs);
    });
  }

  /** The API's objects, once there are any. */
  get api(): Api | undefined {
    return this.#api;
  }

  /** Some master's API server serves, and etcd has a quorum. */
  get up(): boolean {
    return this.#served.size > 0 && this.#hasQuorum();
  }

  /** A majority of etcd's members is ready, on masters that run. */
  #hasQuorum(): boolean {
    const { api, masters } = this.#options.system;
    const up = new Set([...masters.values()].filter((master) => master.up).map((master) => master.data.kubelet.name));
    const { wanted, ready } = etcdMembers(api);
    return ready.filter((node) => up.has(node)).length > wanted / 2;
  }

  /** Brings API servers up and down until they are those whose pods are ready. */
  async follow(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#serve();
      }
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#soon);
    for (const loop of this.#loops) loop.stop();
    await Promise.all([...this.#served.keys()].map((name) => this.#stop(name)));
    this.#store?.close();
  }

  async #serve(): Promise<void> {
    const { system } = this.#options;
    const before = this.up;
    const wanted = new Map<string, { master: Master; process: Process; files: ServingFiles }>();
    for (const process of running(system.api, 'kube-apiserver')) {
      const master = [...system.masters.values()].find((one) =>
        one.up && one.data.kubelet.name === process.pod.spec.nodeName);
      const files = filesOf(system.api, process);
      if (master && files) wanted.set(master.serverId, { master, process, files });
    }
    for (const [id, { with: files }] of this.#served) {
      const target = wanted.get(id);
      if (!target || JSON.stringify(target.files) !== files) await this.#stop(id);
    }
    for (const [id, { master, process, files }] of wanted) if (!this.#served.has(id)) await this.#start(id, master,
      process, files);
    if (before !== this.up) system.changed();
    for (const loop of this.#loops) loop.nudge();
  }

  async #start(id: string, master: Master, { container }: Process, files: ServingFiles): Promise<void> {
    const api = this.#open(files);
    const version = container.image.slice(container.image.lastIndexOf(':') + 1);
    const server = await serveApi({ api, version, hasQuorum: () => this.#hasQuorum(), ...files, port: 0 });
    this.#served.set(id, { server, master, port: files.port, with: JSON.stringify(files) });
    master.listen(files.port, server.port);
  }

  async #stop(id: string): Promise<void> {
    const served = this.#served.get(id);
    if (!served) return;
    this.#served.delete(id);
    served.master.silence(served.port);
    await served.server.close();
  }

  #open({ serviceCidr, clientCaPem }: ServingFiles): Api {
    this.#clientCas = certificatesIn(clientCaPem).map((authority) => clusterKey(authority.toString()));
    if (this.#api) return this.#api;
    this.#store = new Store(storePath(this.#options.dataDir, this.#options.system.key, 'user'));
    const api = new Api(this.#store);
    seedCluster(api);
    this.#api = api;
    this.#loops = this.#run(api, serviceCidr);
    return api;
  }

  /** Which controllers there are depends on which programs run in the system cluster. */
  #run(api: Api, serviceCidr: string): Loop[] {
    const { system, latencies, scale, warn, workerRuns } = this.#options;
    const nodeRuns = (name: string): boolean => this.#clientCas.some((key) => workerRuns(key, name));
    const runs = (program: string) => (): boolean => this.up && running(system.api, program).length > 0;
    const run = (controllers: Controller[], enabled: () => boolean): Loop =>
      runControllers(api, controllers, { enabled, warn });
    return [
      run([serviceAddresses(serviceCidr), kubelets({ nodeRuns, readyAfterMs: () => latencies.podMs })], () => this.up),
      run([scheduler], runs('kube-scheduler')),
      run([
        namespaces, nodeLifecycle({ nodeRuns, secondMs: 1000 / scale }), deployments, replicaSets, statefulSets,
          daemonSets, disruptionBudgets,
        certificateRequests(() => this.#authority()), rootAuthority(() => this.#rootAuthority()), garbage, orphanedPods, expiredTokens,
      ], runs('kube-controller-manager')),
    ];
  }

  /** The authority that the controller manager signs with. */
  #authority(): KeyPair | undefined {
    const { api } = this.#options.system;
    for (const process of running(api, 'kube-controller-manager')) {
      const { 'cluster-signing-cert-file': certPath, 'cluster-signing-key-file': keyPath } = process.command.flags;
      const certPem = certPath && fileOf(api, process, certPath);
      const keyPem = keyPath && fileOf(api, process, keyPath);
      if (certPem && keyPem) return { certPem, keyPem };
    }
    return undefined;
  }

  /** The authority that the controller manager publishes. */
  #rootAuthority(): string | undefined {
    const { api } = this.#options.system;
    const [process] = running(api, 'kube-controller-manager');
    const path = process?.command.flags['root-ca-file'];
    return process && path ? fileOf(api, process, path) : undefined;
  }
}
