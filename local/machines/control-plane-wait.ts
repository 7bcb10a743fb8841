/** Notes how long the user's control plane took: from when the last of its workloads was there until all were ready. */
import { isReady, resources, type Pod } from '../kubernetes/controllers/kinds.ts';
import { tableOf } from '../kubernetes/resource-table.ts';
import type { Change } from '../kubernetes/store.ts';
import { processes } from './control-plane.ts';
import type { SystemCluster } from './system-cluster.ts';
import type { Waits } from './waits.ts';

const workloads = new Set([resources.deployments, resources.statefulSets, resources.daemonSets].map(tableOf));

export class ControlPlaneWait {
  readonly #system: SystemCluster;
  readonly #waits: Waits;
  readonly #onChange: (change: Change) => void;
  #lastAt: number | undefined;

  constructor(system: SystemCluster, waits: Waits) {
    this.#system = system;
    this.#waits = waits;
    this.#onChange = ({ type, table }) => {
      if (type === 'ADDED' && workloads.has(table)) this.#lastAt = Date.now();
      if (table === tableOf(resources.pods)) this.#look();
    };
    system.api.store.changes.on('change', this.#onChange);
  }

  close(): void {
    this.#system.api.store.changes.off('change', this.#onChange);
  }

  /** Ready counts once an API server is among what runs: before that only a part has been applied. */
  #look(): void {
    if (this.#lastAt === undefined) return;
    const all = processes(this.#system.api);
    if (!all.some(({ command }) => command.program.endsWith('kube-apiserver'))
      || !all.every(({ pod }: { pod: Pod }) => isReady(pod))) return;
    this.#waits.begin('control plane', this.#system.key, this.#lastAt);
    this.#waits.end('control plane', this.#system.key, Date.now());
    this.close();
  }
}
