/** The system cluster on the masters of one authority: its storage, its masters, its controllers,
  and the user's cluster within. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from '../kubernetes/api.ts';
import { seedCluster } from '../kubernetes/bootstrap-policy.ts';
import { certificateRequests } from '../kubernetes/controllers/certificate-requests.ts';
import { runControllers, type Loop } from '../kubernetes/controllers/control.ts';
import { daemonSets } from '../kubernetes/controllers/daemon-sets.ts';
import { deployments, replicaSets } from '../kubernetes/controllers/deployments.ts';
import { disruptionBudgets } from '../kubernetes/controllers/disruption-budgets.ts';
import { garbage, orphanedPods } from '../kubernetes/controllers/garbage.ts';
import { kubelets } from '../kubernetes/controllers/kubelets.ts';
import type { Pod } from '../kubernetes/controllers/kinds.ts';
import { namespaces } from '../kubernetes/controllers/namespaces.ts';
import { nodeLifecycle } from '../kubernetes/controllers/node-lifecycle.ts';
import { scheduler } from '../kubernetes/controllers/scheduler.ts';
import { serviceAddresses } from '../kubernetes/controllers/service-addresses.ts';
import { statefulSets } from '../kubernetes/controllers/stateful-sets.ts';
import { Store } from '../kubernetes/store.ts';
import { holdControlPlane, programsOf } from './control-plane.ts';
import type { Latencies } from './latencies.ts';
import type { MasterData } from './machine-data.ts';
import type { Master } from './master.ts';

/** What identifies a cluster: its authority. */
export const clusterKey = (caPem: string): string => createHash('sha256').update(caPem.trim()).digest('hex')
  .slice(0, 32);

export interface SystemClusterOptions {
  data: MasterData;
  dataDir: string;
  latencies: Latencies;
  scale: number;
  warn: (text: string) => void;
  /** Whether the user's API answers somewhere. */
  userApiUp: () => boolean;
}

export const storePath = (dataDir: string, key: string, which: 'system' | 'user'): string =>
  join(dataDir, 'kubernetes', `${key}-${which}.jsonl`);

export class SystemCluster {
  readonly key: string;
  readonly api: Api;
  readonly masters = new Map<string, Master>();
  readonly #store: Store;
  readonly #options: SystemClusterOptions;
  readonly #loop: Loop;
  #seeded = false;

  constructor(options: SystemClusterOptions) {
    this.key = clusterKey(options.data.caPem);
    this.#options = options;
    mkdirSync(join(options.dataDir, 'kubernetes'), { recursive: true });
    this.#store = new Store(storePath(options.dataDir, this.key, 'system'));
    this.api = new Api(this.#store);
    const { data, latencies, warn } = options;
    const nodeRuns = (name: string): boolean =>
      [...this.masters.values()].some((master) => master.up && master.data.kubelet.name === name);
    this.#loop = runControllers(this.api, [
      namespaces, serviceAddresses(data.apiServer.serviceCidr),
        nodeLifecycle({ nodeRuns, secondMs: 1000 / options.scale }),
      deployments, replicaSets, statefulSets, daemonSets, scheduler,
      kubelets({ nodeRuns, readyAfterMs: (pod) =>
        readyAfterMs(pod, latencies), hold: holdControlPlane(this.api, options.userApiUp) }),
      disruptionBudgets, certificateRequests(() => data.ca), garbage, orphanedPods,
    ], { enabled: () => this.hasQuorum(), warn });
  }

  /** A majority of etcd's members runs. */
  hasQuorum(): boolean {
    const { members } = this.#options.data.etcd;
    const up = Object.keys(members)
      .filter((name) => [...this.masters.values()].some((master) => master.up && master.data.etcd.name === name));
    return up.length > Object.keys(members).length / 2;
  }

  /** Something about a master or about the user's cluster has changed. */
  changed(): void {
    if (!this.#seeded && this.hasQuorum()) {
      seedCluster(this.api);
      this.#seeded = true;
    }
    this.#loop.nudge();
  }

  async close(): Promise<void> {
    this.#loop.stop();
    await Promise.all([...this.masters.values()].map((master) => master.halt()));
    this.#store.close();
  }

  /** What etcd kept of both clusters, once the volumes are gone. */
  forget(): void {
    for (const which of ['system', 'user'] as const) rmSync(storePath(this.#options.dataDir, this.key, which),
      { force: true });
  }
}

function readyAfterMs(pod: Pod, latencies: Latencies): number {
  const programs = programsOf(pod);
  if (programs.includes('etcd')) return latencies.etcdMs;
  return programs.includes('kube-apiserver') ? latencies.apiServerMs : latencies.componentMs;
}
