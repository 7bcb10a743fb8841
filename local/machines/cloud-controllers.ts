/** The cloud controllers of the user's control plane: each works while its pod is ready, with what its pod is given. */
import type { Session } from '../../layers/openstack/session.ts';
import type { Api } from '../kubernetes/api.ts';
import { openCloud, parseCloudConfig, type CloudConfig } from './cloud-config.ts';
import type { CloudView } from './cloud.ts';
import { fileOf, running } from './control-plane.ts';
import { followServers } from './node-controller.ts';
import { ServiceController } from './service-controller.ts';
import type { SystemCluster } from './system-cluster.ts';
import type { UserCluster } from './user-cluster.ts';
import { VolumeController } from './volume-controller.ts';

/** A controller's way into its project, and the name it has for the cluster. */
export interface CloudAccess { session: Session; config: CloudConfig; clusterName: string }

interface Opened { text: string; access: CloudAccess }

export class CloudControllers {
  readonly #system: SystemCluster;
  readonly #user: UserCluster;
  readonly #warn: (text: string) => void;
  readonly #opened = new Map<string, Opened>();
  readonly #services = new ServiceController();
  readonly #volumes = new VolumeController();
  #complaint = '';
  #working: Promise<void> | undefined;

  constructor(system: SystemCluster, user: UserCluster, warn: (text: string) => void) {
    this.#system = system;
    this.#user = user;
    this.#warn = warn;
  }

  /** One round of what is due; a round that is still under way is left to it. */
  step(view: CloudView): void {
    const { api, up } = this.#user;
    if (!api || !up || this.#working) return;
    this.#working = this.#work(api, view)
      .then(() => { this.#complaint = ''; }, (error: unknown) => this.#complain((error as Error).message))
      .finally(() => { this.#working = undefined; });
  }

  async close(): Promise<void> {
    await this.#working;
  }

  async #work(api: Api, view: CloudView): Promise<void> {
    if (this.#access('openstack-cloud-controller-manager', 'cloud-node-lifecycle', 'cluster-name')) followServers(api,
      view);
    const services = this.#access('openstack-cloud-controller-manager', 'service', 'cluster-name');
    if (services) await this.#services.step(api, services);
    const volumes = this.#access('cinder-csi-plugin', undefined, 'cluster');
    if (volumes) await this.#volumes.step(api, volumes);
  }

  /** What a running process of that program was given; undefined while none runs. */
  #access(program: string, controller: string | undefined, nameFlag: string): CloudAccess | undefined {
    const process = running(this.#system.api, program).find(({ command }) =>
      controller === undefined || command.flags.controllers?.split(',').includes(controller));
    const text = process && fileOf(this.#system.api, process, process.command.flags['cloud-config'] ?? '');
    if (!process || text === undefined) return undefined;
    const key = `${program} ${controller ?? ''}`;
    const opened = this.#opened.get(key);
    if (opened?.text === text) return opened.access;
    const config = parseCloudConfig(text);
    const access = { config, session: openCloud(config), clusterName: process.command.flags[nameFlag] ?? 'kubernetes' };
    this.#opened.set(key, { text, access });
    return access;
  }

  #complain(message: string): void {
    if (message !== this.#complaint) this.#warn(`cloud controllers: ${message}`);
    this.#complaint = message;
  }
}
