/** Kubernetes on the cloud's machines, as far as lifecycle steps look: up when what it stands on is there and wired. */
import type { CloudLoadBalancer, CloudServer } from '../../local/openstack/machines-view.ts';
import type { OpenCloud } from '../../local/openstack/cloud.ts';
import type { Chance } from './chance.ts';
import type { Clock } from './clock.ts';

interface Client { caPem: string; certPem: string }
interface Played { status: number; object?: unknown }
type Manifest = { metadata: Record<string, unknown>; spec?: Record<string, unknown> };
interface Cluster {
  system: Map<string, Manifest>; user: Map<string, Manifest>; appliedAt: Map<string, number>; changedAt: Map<string, number>;
  joined: Map<string, Manifest>; evicted: Map<string, number>;
  /** By node, the authority that it was made with. */
  trusted: Map<string, string>;
}

const bootMs = { master: 45_000, worker: 15_000 };
const rolloutMs = 16_000;
const joinMs = 30_000;

export class PlayedClusters {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #fails: () => number;
  readonly #breaks: (what: string) => void;
  /** By the service project. */
  readonly #clusters = new Map<string, Cluster>();
  readonly #activeAt = new Map<string, number>();
  #cloud!: OpenCloud;

  constructor(clock: Clock, chance: Chance, fails: () => number, breaks: (what: string) => void) {
    this.#breaks = breaks;
    this.#clock = clock;
    this.#chance = chance;
    this.#fails = fails;
  }

  watch(cloud: OpenCloud): void {
    this.#cloud = cloud;
    cloud.onServerActive(({ id }) => void this.#activeAt.set(id, this.#clock.now()));
  }

  /** What the API at that address answers; status 0: nobody answers. */
  async ask(server: string, client: Client, method: string, path: string, body?: unknown): Promise<Played> {
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
    if (!this.#userApiIsUp(cluster, wanted)) return { status: 503 };
    const complaint = complaintOf(cluster, client);
    if (complaint) this.#breaks(`the Kubernetes API and the platform do not know each other any more: ${complaint}`);
    this.#letNodesJoin(cluster, servers);
    const up = new Set(servers.filter((each) => this.#isUp(each, 0)).map(({ name }) => name));
    for (const [name, authority] of cluster.trusted) {
      if (up.has(name) && !isServed(cluster, authority)) this.#breaks(`node ${name} does not know the Kubernetes API any more`);
    }
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

  /** The only one is away while another takes its place. */
  #userApiIsUp({ appliedAt, changedAt }: Cluster, masters: number): boolean {
    const at = [...(masters === 1 ? changedAt : appliedAt)].find(([path]) => path.endsWith('/deployments/kube-apiserver'))?.[1];
    return at !== undefined && this.#clock.now() - at >= rolloutMs;
  }

  /** By a token that the platform has put there, over a trunk that leads into the user's network. */
  #letNodesJoin(cluster: Cluster, servers: CloudServer[]): void {
    if (![...cluster.user.keys()].some((path) => path.includes('/secrets/bootstrap-token-'))) return;
    for (const server of servers) {
      const isWired = server.ports.some(({ subPorts }) => subPorts.some(({ projectId, fixedIps }) => projectId !== server.projectId && fixedIps.length > 0));
      if (server.metadata.moorage_group && isWired && !cluster.joined.has(server.name) && this.#isUp(server, bootMs.worker + joinMs)) {
        cluster.joined.set(server.name, node(server.name, true));
        cluster.trusted.set(server.name, textsIn(fileOf(cluster, 'kube-controller-manager', 'ca.crt'))[0]!);
      }
    }
  }

  #answer(objects: Map<string, Manifest>, cluster: Cluster, method: string, path: string, body: unknown, nodes: Manifest[]): Played {
    const now = this.#clock.now();
    if (path === '/readyz') return { status: 200 };
    if (path === '/api/v1/nodes') return { status: 200, object: nodes };
    if (path === '/api/v1/configmaps?fieldSelector=metadata.name=kube-root-ca.crt') return { status: 200, object: this.#published(cluster, now) };
    const pods = /^\/api\/v1\/pods\?fieldSelector=spec\.nodeName=(.*)$/.exec(path)?.[1];
    if (pods) return { status: 200, object: (cluster.evicted.get(pods) ?? Infinity) <= now ? [] : [{ metadata: { name: `${pods}-pod`, namespace: 'default' } }] };
    const evicted = /\/pods\/(.*)-pod\/eviction$/.exec(path)?.[1];
    if (evicted) return this.#evict(cluster, evicted, now);
    const reached = /^\/api\/v1\/nodes\/(.*)\/proxy\/healthz$/.exec(path)?.[1];
    if (reached) return { status: nodes.some((each) => each.metadata.name === reached) ? 200 : 404 };
    const name = /^\/api\/v1\/nodes\/(.*)$/.exec(path)?.[1];
    if (name) return onNode(cluster, method, name, body as Manifest);
    if (method === 'APPLY') {
      if (!cluster.appliedAt.has(path)) cluster.appliedAt.set(path, now);
      if (JSON.stringify(objects.get(path)) !== JSON.stringify(body)) cluster.changedAt.set(path, now);
      objects.set(path, body as Manifest);
      return { status: 200, object: body };
    }
    if (method === 'DELETE') return { status: objects.delete(path) ? 200 : 404 };
    if (/\/(deployments|statefulsets|daemonsets)$/.test(path)) {
      const found = [...objects].filter(([key]) => key.startsWith(`${path}/`));
      return { status: 200, object: found.map(([key, object]) => ({ ...object, status: now - (cluster.changedAt.get(key) ?? 0) >= rolloutMs ? rolledOut : {} })) };
    }
    return objects.has(path) ? { status: 200, object: objects.get(path) } : { status: 404 };
  }

  /** The controller manager's authority, once it runs as it was applied. */
  #published(cluster: Cluster, now: number): Manifest[] {
    const at = [...cluster.changedAt].find(([path]) => path.endsWith('/deployments/kube-controller-manager'))?.[1];
    const data = { 'ca.crt': fileOf(cluster, 'kube-controller-manager', 'ca.crt') };
    return at === undefined || now - at < rolloutMs ? [] : [{ metadata: { name: 'kube-root-ca.crt' }, data } as Manifest];
  }

  /** A budget does not allow it each time. */
  #evict(cluster: Cluster, name: string, now: number): Played {
    if (this.#chance.strikes(0.3)) return { status: 429 };
    if (!cluster.evicted.has(name)) cluster.evicted.set(name, now + 5_000);
    return { status: 201 };
  }
}

const newCluster = (): Cluster => ({ system: new Map(), user: new Map(), appliedAt: new Map(), changedAt: new Map(), joined: new Map(), evicted: new Map(), trusted: new Map() });
const fileOf = ({ system }: Cluster, secret: string, name: string): string => {
  const [, object] = [...system].find(([path]) => path.endsWith(`/secrets/${secret}`)) ?? [];
  return Buffer.from((object as { data?: Record<string, string> } | undefined)?.data?.[name] ?? '', 'base64').toString();
};
/** Certificates as seams/authority.ts writes them: the text of each is its identity. */
const textsIn = (pem: string): string[] => [...pem.matchAll(/CERTIFICATE-----\n(\S+)\n/g)].map(([, text]) => text!);
const read = (text: string): { name: string; by: string } => JSON.parse(Buffer.from(text, 'base64').toString()) as { name: string; by: string };

/** Whether who knows that authority alone accepts what API servers present. */
function isServed(cluster: Cluster, authority: string): boolean {
  const [serving, ...between] = textsIn(fileOf(cluster, 'kube-apiserver', 'apiserver.crt')).map(read);
  return serving!.by === authority || between.some(({ name, by }) => name === serving!.by && by === authority);
}

/** Why client and API server would not talk to each other; undefined when they would. */
function complaintOf(cluster: Cluster, { caPem, certPem }: Client): string | undefined {
  if (!isServed(cluster, textsIn(caPem)[0]!)) return 'the server is of an unknown authority';
  return textsIn(fileOf(cluster, 'kube-apiserver', 'ca.crt')).includes(read(textsIn(certPem)[0]!).by) ? undefined : 'the client is of an unknown authority';
}
const node = (name: string, isReady: boolean) => ({ metadata: { name, labels: {}, annotations: {} }, spec: {}, status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] } });
const rolledOut = Object.fromEntries(['observedGeneration', 'updatedReplicas', 'availableReplicas', 'readyReplicas', 'updatedNumberScheduled', 'numberAvailable'].map((name) => [name, 9]));

function onNode({ joined, evicted, trusted }: Cluster, method: string, name: string, body: Manifest): Played {
  const known = joined.get(name);
  if (!known) return { status: 404 };
  if (method === 'DELETE') {
    joined.delete(name);
    evicted.delete(name);
    trusted.delete(name);
  }
  if (method === 'PATCH') joined.set(name, { ...known, metadata: { ...known.metadata, ...body.metadata }, spec: { ...known.spec, ...body.spec } });
  return { status: 200, object: joined.get(name) ?? {} };
}
