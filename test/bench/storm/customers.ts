/** Projects of the cloud, each with a network and a user of its own, and the clusters that these ask for. */
import { askCloud, logIn, type Choice } from '../../simulate/users.ts';
import { clusterBody } from '../../../local/demo/cluster-body.ts';
import type { World } from '../../simulate/world.ts';

export interface Asked { id: string; askedAt: number; runningAt?: number; deletedAt?: number; goneAt?: number }

const password = 'a password of the bench';
const lookEveryMs = 1_000;

/** One project and what it asked for. */
export class Customer {
  readonly name: string;
  readonly clusters: Asked[] = [];
  readonly projectId: string;
  readonly #world: World;
  readonly #choice: Choice;
  #token = { text: '', until: 0 };
  #asked = 0;

  private constructor(world: World, name: string, choice: Choice) {
    this.#world = world;
    this.name = name;
    this.#choice = choice;
    this.projectId = choice.projectId;
  }

  /** A new project with as much room as it needs. */
  static async open(world: World, name: string, common: Choice, number: number): Promise<Customer> {
    const admin = await logIn(world, 'admin');
    const make = <T>(path: string, body: unknown, method = 'POST'): Promise<T> => askCloud<T>(world, admin, method, path, body);
    const { project: { id: projectId } } = await make<{ project: { id: string } }>('/identity/v3/projects', { project: { name, domain_id: 'default' } });
    const { user } = await make<{ user: { id: string } }>('/identity/v3/users', { user: { name, domain_id: 'default', password } });
    const { roles } = await askCloud<{ roles: { id: string; name: string }[] }>(world, admin, 'GET', '/identity/v3/roles');
    for (const role of roles.filter((each) => ['member', 'load-balancer_member'].includes(each.name))) {
      await make(`/identity/v3/projects/${projectId}/users/${user.id}/roles/${role.id}`, undefined, 'PUT');
    }
    await make(`/network/v2.0/quotas/${projectId}`, { quota: { port: -1, security_group: -1, security_group_rule: -1, network: -1, subnet: -1 } }, 'PUT');
    const { network } = await make<{ network: { id: string } }>('/network/v2.0/networks', { network: { name, project_id: projectId } });
    const { subnet } = await make<{ subnet: { id: string } }>('/network/v2.0/subnets', { subnet: { name, network_id: network.id, project_id: projectId, ip_version: 4, cidr: `10.${number}.0.0/16` } });
    const { router } = await make<{ router: { id: string } }>('/network/v2.0/routers', { router: { name, project_id: projectId, external_gateway_info: { network_id: common.externalNetworkId } } });
    await make(`/network/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, 'PUT');
    return new Customer(world, name, { ...common, projectId, networkId: network.id, subnetId: subnet.id });
  }

  /** Asks for one more cluster, that much later: a master and a worker. */
  async ask(afterMs: number): Promise<void> {
    await this.#world.clock.sleep(afterMs);
    const choice = { ...this.#choice, zones: [this.#choice.zone] };
    const askedAt = this.#world.clock.now();
    const number = this.#asked++;
    const body = clusterBody({ version: 'v1.34.2', masters: 1, workers: 1, choice, name: `${this.name}-${number}` });
    const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const { id } = await this.#call<{ id: string }>('POST', '/v2/clusters', { ...body, uuid });
    this.clusters.push({ id, askedAt });
  }

  /** Until every cluster is RUNNING, as its user sees it. Throws when one is held. */
  async untilAllRun(): Promise<void> {
    await this.#untilAll('runningAt', async (row) => {
      const held = Object.values(row.operations).find(({ state }) => state === 'held');
      if (held) throw new Error(`A cluster of ${this.name} is held: ${held.failure?.code}: ${held.failure?.cause}`);
      if (row.phase !== 'ready' || Object.keys(row.operations).length > 0) return false;
      const { status, node_groups: groups } = await this.#call<{ status: string; node_groups: { status: string }[] }>('GET', `/v2/clusters/${row.id}`);
      return status === 'RUNNING' && groups.every((group) => group.status === 'RUNNING');
    });
  }

  async deleteAll(): Promise<void> {
    await Promise.all(this.clusters.map(async (cluster) => {
      cluster.deletedAt = this.#world.clock.now();
      await this.#call('DELETE', `/v2/clusters/${cluster.id}`);
    }));
  }

  async untilAllGone(): Promise<void> {
    await this.#untilAll('goneAt', async (row) => {
      const held = Object.values(row.operations).find(({ state }) => state === 'held');
      if (held) throw new Error(`The end of a cluster of ${this.name} is held: ${held.failure?.code}: ${held.failure?.cause}`);
      return row.phase === 'deleted' && await this.#call('GET', `/v2/clusters/${row.id}`).then(() => false, (error: Answered) => error.status === 404);
    });
  }

  /** Looks at the rows, which costs the world nothing, and asks the API once they say so. */
  async #untilAll(at: 'runningAt' | 'goneAt', isSo: (row: Row) => Promise<boolean>): Promise<void> {
    const rows = this.#world.tables.rows('clusters') as unknown as Map<string, Row>;
    const left = new Set(this.clusters);
    while (left.size > 0) {
      await this.#world.clock.sleep(lookEveryMs);
      for (const cluster of left) {
        const row = rows.get(`${cluster.id}\u0000`);
        if (!row || !await isSo(row)) continue;
        cluster[at] = this.#world.clock.now();
        left.delete(cluster);
      }
    }
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let tries = 0; tries < 50; tries++) {
      const answer = await this.#world.call(await this.#freshToken(), method, path, body);
      if (answer && answer.status < 400) return answer.json as T;
      // As a client does: what is not there yet is asked for again.
      if (answer && answer.status !== 429 && answer.status !== 503) throw new Answered(answer.status, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
      await this.#world.clock.sleep(2_000 + 500 * tries);
    }
    throw new Error(`${method} ${path}: the API does not answer`);
  }

  async #freshToken(): Promise<string> {
    if (this.#token.until > this.#world.clock.now()) return this.#token.text;
    const auth = {
      identity: { methods: ['password'], password: { user: { name: this.name, domain: { name: 'Default' }, password } } },
      scope: { project: { id: this.projectId } },
    };
    const answer = await this.#world.cloud.desk({ method: 'POST', url: `${this.#world.cloud.authUrl}/auth/tokens`, headers: {}, text: JSON.stringify({ auth }) });
    const text = answer?.headers['X-Subject-Token'];
    if (!text) throw new Error(`${this.name} cannot log in: ${answer?.text}`);
    this.#token = { text, until: this.#world.clock.now() + 20 * 60_000 };
    return text;
  }
}

interface Row { id: string; phase: string; operations: Record<string, { state: string; failure?: { code: string; cause: string } }> }

class Answered extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
