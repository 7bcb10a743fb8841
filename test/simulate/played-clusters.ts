/** Kubernetes on the cloud's machines, as far as lifecycle steps look: up when what it stands on is there and wired. */
import type { CloudLoadBalancer, CloudServer } from '../../local/openstack/machines-view.ts';
import type { OpenCloud } from '../../local/openstack/cloud.ts';
import type { Chance } from './chance.ts';
import type { Clock } from './clock.ts';

interface Played { status: number; object?: unknown }
type Manifest = { metadata: Record<string, unknown>; spec?: Record<string, unknown> };
interface Cluster { system: Map<string, Manifest>; user: Map<string, Manifest>; appliedAt: Map<string, number>; joined: Map<string, Manifest>; evicted: Map<string, number> }

const bootMs = { master: 45_000, worker: 15_000 };
const rolloutMs = 16_000;
const joinMs = 30_000;

export class PlayedClusters {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #fails: () => number;
  /** By the service project. */
  readonly #clusters = new Map<string, Cluster>();
  readonly #activeAt = new Map<string, number>();
  #cloud!: OpenCloud;

  constructor(clock: Clock, chance: Chance, fails: () => number) {
    this.#clock = clock;
    this.#chance = chance;
    this.#fails = fails;
  }

  watch(cloud: OpenCloud): void {
    this.#cloud = cloud;
    cloud.onServerActive(({ id }) => void this.#activeAt.set(id, this.#clock.now()));
  }

  /** What the API at that address answers; status 0: nobody answers. */
  async ask(server: string, method: string, path: string, body?: unknown): Promise<Played> {
    await this.#clock.sleep(30);
    if (this.#chance.strikes(this.#fails())) return { status: this.#chance.pick([0, 500, 503]) };
    const { hostname, port } = new URL(server);
    const balancer = this.#behind(hostname, Number(port));
    if (!balancer) return { status: 0 };
    const projectId = balancer.projectId;
    const cluster = this.#clusters.get(projectId) ?? newCluster();
    this.#clusters.set(projectId, cluster);
    const servers = this.#cloud.servers(projectId);
    const masters = servers.filter((each) => !each.metadata.moorage_group && this.#isUp(each, bootMs.master));
    const wanted = balancer.listeners.find((listener) => listener.port === Number(port))!.members.length;
    if (wanted === 0 || masters.length < Math.floor(wanted / 2) + 1) return { status: 0 };
    if (Number(port) === 16443) return this.#answer(cluster.system, cluster, method, path, body, masters.map((each) => node(each.name, true)));
    if (!this.#userApiIsUp(cluster)) return { status: 503 };
    this.#letNodesJoin(cluster, servers);
    const up = new Set(servers.filter((each) => this.#isUp(each, 0)).map(({ name }) => name));
    const nodes = [...cluster.joined].map(([name, joined]) => ({ ...joined, ...node(name, up.has(name)), metadata: { ...joined.metadata, name } }));
    return this.#answer(cluster.user, cluster, method, path, body, nodes);
  }

  /** The load balancer behind a floating address, if it passes on what comes to that port. */
  #behind(address: string, port: number): CloudLoadBalancer | undefined {
    const { loadBalancerId } = this.#cloud.floatingIps(address)[0] ?? {};
    const balancer = loadBalancerId ? this.#cloud.loadBalancers(loadBalancerId)[0] : undefined;
    return balancer && ['ACTIVE', 'PENDING_UPDATE'].includes(balancer.status) && balancer.listeners.some((each) => each.port === port) ? balancer : undefined;
  }

  #isUp({ id, status, ports }: CloudServer, afterMs: number): boolean {
    return status === 'ACTIVE' && ports.length > 0 && this.#clock.now() - (this.#activeAt.get(id) ?? Infinity) >= afterMs;
  }

  #userApiIsUp({ appliedAt }: Cluster): boolean {
    const at = [...appliedAt].find(([path]) => path.endsWith('/kube-apiserver'))?.[1];
    return at !== undefined && this.#clock.now() - at >= rolloutMs;
  }

  /** By a token that the platform has put there, over a trunk that leads into the user's network. */
  #letNodesJoin(cluster: Cluster, servers: CloudServer[]): void {
    if (![...cluster.user.keys()].some((path) => path.includes('/secrets/bootstrap-token-'))) return;
    for (const server of servers) {
      const isWired = server.ports.some(({ subPorts }) => subPorts.some(({ projectId, fixedIps }) => projectId !== server.projectId && fixedIps.length > 0));
      if (server.metadata.moorage_group && isWired && !cluster.joined.has(server.name) && this.#isUp(server, bootMs.worker + joinMs)) {
        cluster.joined.set(server.name, node(server.name, true));
      }
    }
  }

  #answer(objects: Map<string, Manifest>, cluster: Cluster, method: string, path: string, body: unknown, nodes: Manifest[]): Played {
    const now = this.#clock.now();
    if (path === '/readyz') return { status: 200 };
    if (path === '/api/v1/nodes') return { status: 200, object: nodes };
    const pods = /^\/api\/v1\/pods\?fieldSelector=spec\.nodeName=(.*)$/.exec(path)?.[1];
    if (pods) return { status: 200, object: (cluster.evicted.get(pods) ?? Infinity) <= now ? [] : [{ metadata: { name: `${pods}-pod`, namespace: 'default' } }] };
    const evicted = /\/pods\/(.*)-pod\/eviction$/.exec(path)?.[1];
    if (evicted) return this.#evict(cluster, evicted, now);
    const name = /^\/api\/v1\/nodes\/(.*)$/.exec(path)?.[1];
    if (name) return onNode(cluster, method, name, body as Manifest);
    if (method === 'APPLY') {
      if (!cluster.appliedAt.has(path)) cluster.appliedAt.set(path, now);
      objects.set(path, body as Manifest);
      return { status: 200, object: body };
    }
    if (method === 'DELETE') return { status: objects.delete(path) ? 200 : 404 };
    if (/\/(deployments|statefulsets|daemonsets)$/.test(path)) {
      const found = [...objects].filter(([key]) => key.startsWith(`${path}/`));
      return { status: 200, object: found.map(([key, object]) => ({ ...object, status: now - (cluster.appliedAt.get(key) ?? 0) >= rolloutMs ? rolledOut : {} })) };
    }
    return objects.has(path) ? { status: 200, object: objects.get(path) } : { status: 404 };
  }

  /** A budget does not allow it each time. */
  #evict(cluster: Cluster, name: string, now: number): Played {
    if (this.#chance.strikes(0.3)) return { status: 429 };
    if (!cluster.evicted.has(name)) cluster.evicted.set(name, now + 5_000);
    return { status: 201 };
  }
}

const newCluster = (): Cluster => ({ system: new Map(), user: new Map(), appliedAt: new Map(), joined: new Map(), evicted: new Map() });
const node = (name: string, isReady: boolean) => ({ metadata: { name, labels: {}, annotations: {} }, spec: {}, status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] } });
const rolledOut = Object.fromEntries(['observedGeneration', 'updatedReplicas', 'availableReplicas', 'readyReplicas', 'updatedNumberScheduled', 'numberAvailable'].map((name) => [name, 9]));

function onNode({ joined, evicted }: Cluster, method: string, name: string, body: Manifest): Played {
  const known = joined.get(name);
  if (!known) return { status: 404 };
  if (method === 'DELETE') {
    joined.delete(name);
    evicted.delete(name);
  }
  if (method === 'PATCH') joined.set(name, { ...known, metadata: { ...known.metadata, ...body.metadata }, spec: { ...known.spec, ...body.spec } });
  return { status: 200, object: joined.get(name) ?? {} };
}
