/** One cluster as its masters make it: system cluster, user's cluster in it, and the controllers that work in the cloud. */
import { CloudControllers } from './cloud-controllers.ts';
import type { CloudView } from './cloud.ts';
import { ControlPlaneWait } from './control-plane-wait.ts';
import type { Latencies } from './latencies.ts';
import type { MasterData } from './machine-data.ts';
import { SystemCluster } from './system-cluster.ts';
import { UserCluster } from './user-cluster.ts';
import type { Waits } from './waits.ts';

export interface ClusterOptions {
  data: MasterData;
  dataDir: string;
  latencies: Latencies;
  scale: number;
  waits: Waits;
  warn: (text: string) => void;
  workerRuns: (clusterKey: string, name: string) => boolean;
}

export class Cluster {
  readonly system: SystemCluster;
  readonly user: UserCluster;
  /** etcd's, of all masters there have been. */
  readonly volumeIds = new Set<string>();
  readonly #controllers: CloudControllers;
  readonly #wait: ControlPlaneWait;

  constructor({ waits, workerRuns, data, ...common }: ClusterOptions) {
    this.system = new SystemCluster({ ...common, data, userApiUp: () => this.user.up });
    this.user = new UserCluster({ ...common, system: this.system, workerRuns });
    this.#controllers = new CloudControllers(this.system, this.user, common.warn);
    this.#wait = new ControlPlaneWait(this.system, waits);
  }

  /** A machine of it has come or gone. */
  changed(): void {
    this.system.changed();
    void this.user.follow();
  }

  /** Gives the cloud controllers a round. */
  step(view: CloudView): void {
    this.#controllers.step(view);
  }

  async close(): Promise<void> {
    this.#wait.close();
    await this.#controllers.close();
    await this.user.close();
    await this.system.close();
  }
}
