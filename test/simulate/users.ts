/** Users of a world: they ask for clusters, change them and delete them at any moment, and ask again when nobody answers. */
import type { Chance } from './chance.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;

/** What one user does. */
export interface Script {
  masters: 1 | 3;
  /** Sizes of the groups asked for with the cluster. */
  groups: number[];
  ownApi: boolean;
  /** After the request. */
  startAfterMs: number;
  /** What they do, one thing after another, whatever state the cluster is in. */
  changes: { afterMs: number; what: 'resize' | 'add-group' | 'remove-group' | 'allow-list' | 'retry' | 'same-again' | 'rotate'; size: number }[];
  /** They delete it while it is being made or changed; otherwise once it is as they want it. */
  deleteAfterMs: number | undefined;
  /** The cluster makes a load balancer for a Service of theirs. */
  exposes: boolean;
}

export function scriptOf(chance: Chance): Script {
  const whats = ['resize', 'add-group', 'remove-group', 'allow-list', 'retry', 'same-again', 'rotate'] as const;
  return {
    masters: chance.strikes(0.3) ? 3 : 1, groups: Array.from({ length: chance.whole(0, 2) }, () => chance.whole(0, 3)), ownApi: chance.strikes(0.2),
    startAfterMs: chance.between(0, 5 * minuteMs),
    changes: Array.from({ length: chance.whole(0, 4) }, () => ({ afterMs: chance.between(0, 12 * minuteMs), what: chance.pick(whats), size: chance.whole(0, 3) })),
    // Some think better of it within seconds, when most is being asked for.
    deleteAfterMs: chance.strikes(0.45) ? chance.between(0, chance.strikes(0.3) ? minuteMs : 20 * minuteMs) : undefined,
    exposes: chance.strikes(0.4),
  };
}

interface View { status: string; node_groups: { id: string; status: string; scale_spec: { fixed_scale: { size: number } } }[]; error?: unknown }

export class Tenant {
  readonly #world: World;
  readonly #choice: Choice;
  readonly #script: Script;
  readonly name: string;
  #token = { text: '', until: 0 };
  id = '';

  constructor(world: World, choice: Choice, script: Script, name: string) {
    this.#world = world;
    this.#choice = choice;
    this.#script = script;
    this.name = name;
  }

  get masters(): number { return this.#script.masters; }
  get ownApi(): boolean { return this.#script.ownApi; }
  get exposes(): boolean { return this.#script.exposes; }

  get #uuid(): string { return `00000000-0000-4000-8000-${this.name.padStart(12, '0').replace(/[^0-9]/g, '0')}`; }

  /** Everything up to the moment when the cluster is to come to rest: running, or being deleted. */
  async live(): Promise<'keeps' | 'deletes'> {
    const { startAfterMs, changes, deleteAfterMs } = this.#script;
    await this.#world.clock.sleep(startAfterMs);
    await this.#create();
    const until = deleteAfterMs === undefined ? Infinity : this.#world.clock.now() + deleteAfterMs;
    for (const change of changes) {
      await this.#world.clock.sleep(Math.min(change.afterMs, until - this.#world.clock.now()));
      if (this.#world.clock.now() >= until) break;
      await this.#change(change);
    }
    if (deleteAfterMs === undefined) return 'keeps';
    await this.#world.clock.sleep(until - this.#world.clock.now());
    return 'deletes';
  }

  /** Looks until the cluster runs as it is; retries what is held. */
  async untilRunning(): Promise<void> {
    for (;;) {
      const view = await this.view();
      if (view?.status === 'RUNNING' && view.node_groups.every(({ status }) => status === 'RUNNING')) return;
      if (view?.status === 'ERROR' || view?.node_groups.some(({ status }) => status === 'ERROR')) await this.#retry();
      await this.#world.clock.sleep(2 * minuteMs);
    }
  }

  /** Looks until the cluster's creation is held. */
  async untilHeld(): Promise<void> {
    while ((await this.view())?.status !== 'ERROR') await this.#world.clock.sleep(minuteMs);
  }

  /** Asks for another size of the first group until that is taken. */
  async resize(size: number): Promise<void> {
    for (;;) {
      const group = (await this.view())?.node_groups[0];
      const answer = group && await this.#call('PATCH', `/v2/node-groups/${group.id}`, { scale_spec: { fixed_scale: { size } } });
      if (answer?.status === 200) return;
      await this.#world.clock.sleep(minuteMs);
    }
  }

  /** Asks for another authority until that is taken. Being told that something else is under way is as good where an answer was lost. */
  async rotate(): Promise<void> {
    for (let isLost = false; ;) {
      const answer = await this.#call('PATCH', `/v1/certificates/${this.#uuid}`);
      if (answer?.status === 202 || (isLost && answer?.status === 400)) return;
      isLost ||= answer === undefined;
      await this.#world.clock.sleep(minuteMs);
    }
  }

  /** The authority that is shown; undefined when nobody answers. */
  async authority(): Promise<string | undefined> {
    const answer = await this.#call('GET', `/v1/certificates/${this.#uuid}`);
    return answer?.status === 200 ? String(answer.json.pem) : undefined;
  }

  /** Asks for the end, again and again, until it has come. */
  async delete(): Promise<void> {
    for (;;) {
      const answer = await this.#call('DELETE', `/v2/clusters/${this.id}`);
      if (answer?.status === 404) return;
      for (let looks = 0; looks < 5; looks++) {
        const seen = await this.#call('GET', `/v2/clusters/${this.id}`);
        if (seen?.status === 404) return;
        await this.#world.clock.sleep(minuteMs);
      }
    }
  }

  async view(): Promise<View | undefined> {
    const answer = await this.#call('GET', `/v2/clusters/${this.id}`);
    return answer?.status === 200 ? answer.json as unknown as View : undefined;
  }

  async #create(): Promise<void> {
    const { masters, groups, ownApi } = this.#script;
    const { flavorId, networkId, subnetId, externalNetworkId, zone } = this.#choice;
    const body = {
      uuid: this.#uuid, name: this.name, version: 'v1.34.2', master_spec: { engine: { nova_engine: { flavor_id: flavorId } }, replicas: masters },
      deployment_type: { zonal_deployment: { zone } },
      network_config: { plugin: { calico: { pods_ipv4_cidr: '10.100.0.0/16' } }, engine: { sprut_engine: { network_id: networkId, subnet_id: subnetId, external_network_id: externalNetworkId } } },
      load_balancer_config: { octavia_engine: { enable_public_ip: true, ...(ownApi && { loadbalancer_subnet_id: subnetId }) } },
      node_groups: groups.map((size, index) => this.#groupSpec(`group-${index}`, size)),
    };
    for (;;) {
      const answer = await this.#call('POST', '/v2/clusters', body);
      if (answer?.status === 200) { this.id = String(answer.json.id); return; }
      if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 409) throw new Error(`create was refused: ${JSON.stringify(answer)}`);
      await this.#world.clock.sleep(20_000);
    }
  }

  #groupSpec(name: string, size: number) {
    return { name, vm_engine: { nova_engine: { flavor_id: this.#choice.flavorId } }, scale_spec: { fixed_scale: { size } } };
  }

  /** One try: a refusal because something else is under way is an answer too. */
  async #change({ what, size }: Script['changes'][number]): Promise<void> {
    const view = await this.view();
    const group = view?.node_groups[0];
    switch (what) {
      case 'resize':
        if (group) await this.#call('PATCH', `/v2/node-groups/${group.id}`, { scale_spec: { fixed_scale: { size } } });
        return;
      case 'add-group':
        await this.#call('POST', '/v2/node-groups', { cluster_id: this.id, node_group_spec: this.#groupSpec(`more-${size}`, size) });
        return;
      case 'remove-group':
        if (group) await this.#call('DELETE', `/v2/node-groups/${group.id}`);
        return;
      case 'allow-list':
        await this.#call('PATCH', `/v2/clusters/${this.id}`, { load_balancer_config: { octavia_engine: { allowed_cidrs: [`192.0.2.${size}/32`] } } });
        return;
      case 'same-again':
        await this.#create();
        return;
      case 'rotate':
        await this.#call('PATCH', `/v1/certificates/${this.#uuid}`);
        return;
      case 'retry': await this.#retry();
    }
  }

  async #retry(): Promise<void> {
    const answer = await this.#call('GET', `/v2/clusters/${this.id}/operations`);
    const held = ((answer?.json.operations ?? []) as { id: string; status: string }[]).filter(({ status }) => status === 'held');
    for (const { id } of held) await this.#call('POST', `/v2/clusters/${this.id}/operations/${id}:retry`, {});
  }

  async #call(method: string, path: string, body?: unknown) {
    if (this.#token.until < this.#world.clock.now()) {
      this.#token = { text: await logIn(this.#world, 'demo'), until: this.#world.clock.now() + 20 * minuteMs };
    }
    return this.#world.call(this.#token.text, method, path, body);
  }
}

export interface Choice { flavorId: string; networkId: string; subnetId: string; externalNetworkId: string; zone: string; projectId: string }

/** A token of the user's project; asked for at the cloud's desk, where nothing goes wrong. */
export async function logIn(world: World, username: 'demo' | 'admin'): Promise<string> {
  const { password, userDomainName, projectName, projectDomainName } = world.cloud.credentials[username];
  const auth = {
    identity: { methods: ['password'], password: { user: { name: username, domain: { name: userDomainName }, password } } },
    scope: { project: { name: projectName, domain: { name: projectDomainName } } },
  };
  const answer = await world.cloud.desk({ method: 'POST', url: `${world.cloud.authUrl}/auth/tokens`, headers: {}, text: JSON.stringify({ auth }) });
  const token = answer!.headers['X-Subject-Token']!;
  world.secrets.add(token);
  return token;
}

/** Something of the cloud's, asked as that user. */
export async function askCloud<T>(world: World, token: string, method: string, path: string, body?: unknown): Promise<T> {
  const url = new URL(world.cloud.authUrl).origin + path;
  const answer = await world.cloud.desk({ method, url, headers: { 'x-auth-token': token }, text: body === undefined ? '' : JSON.stringify(body) });
  if (!answer || answer.status >= 400) throw new Error(`${method} ${path}: ${answer?.status} ${answer?.text}`);
  return (answer.text ? JSON.parse(answer.text) : undefined) as T;
}

/** What every cluster of a world is built from. */
export async function choose(world: World, token: string): Promise<Choice> {
  type Named = { id: string; name: string; ram?: number; project_id?: string; network_id?: string; 'router:external'?: boolean };
  const { networks } = await askCloud<{ networks: Named[] }>(world, token, 'GET', '/network/v2.0/networks');
  const { subnets } = await askCloud<{ subnets: Named[] }>(world, token, 'GET', '/network/v2.0/subnets?name=demo-subnet');
  const { flavors } = await askCloud<{ flavors: Named[] }>(world, token, 'GET', '/compute/v2.1/flavors/detail');
  const { availabilityZoneInfo: [zone] } = await askCloud<{ availabilityZoneInfo: { zoneName: string }[] }>(world, token, 'GET', '/compute/v2.1/os-availability-zone');
  return {
    flavorId: flavors.find(({ name }) => name === 'lab.small')!.id, networkId: subnets[0]!.network_id!, subnetId: subnets[0]!.id,
    externalNetworkId: networks.find((network) => network['router:external'])!.id, zone: zone!.zoneName, projectId: subnets[0]!.project_id!,
  };
}
