/** The cloud by OpenStack's own APIs, as an administrator: a few lists for each look, however many machines. */
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { list } from '../../layers/openstack/resource.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import { path } from '../../layers/openstack/path.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { CloudWaits } from './cloud-waits.ts';
import type { CloudListener, CloudLoadBalancer, CloudMember, CloudPort, CloudServer, CloudView,
  MachinesCloud } from './cloud.ts';

/** The first that shows user_data to administrators. Lists are asked for without it, because it is large. */
const userDataMicroversion = '2.3';
const passing = new Set(['TCP', 'HTTP', 'HTTPS', 'TERMINATED_HTTPS']);
/** Ports, and addresses where nobody waits for one, are read again after this many looks even if nothing else has changed. */
const portsEvery = 10;

interface WireServer {
  id: string; name: string; status: string; 'os-extended-volumes:volumes_attached': { id: string }[];
  created: string;
  /** Without a zone; null until then. */
  'OS-SRV-USG:launched_at'?: string | null;
}

/** All are listed again after this many looks, whatever seems to have changed. */
const allEvery = 20;
/** What was written a moment before a look may not have been in it. */
const overlapMs = 5_000;

/** All that Nova calls a server's status but BUILD and UNKNOWN. */
const builtStatuses = ['ACTIVE', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED', 'REBOOT', 'REBUILD', 'RESCUE', 'RESIZE',
  'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED', 'SUSPENDED', 'VERIFY_RESIZE'];

/**
 * Servers, of which each look asks for those alone that have changed and are built: a list with details costs Nova, and Neutron behind
 * it, more than all that the cluster itself asks for, and what plays machines shall not be felt.
 */
class Servers {
  readonly #session: Session;
  readonly #waits: CloudWaits;
  readonly #known = new Map<string, WireServer>();
  #since = 0;
  #looks = 0;

  constructor(session: Session, waits: CloudWaits) {
    this.#session = session;
    this.#waits = waits;
  }

  async look(): Promise<CloudServer[]> {
    const isWhole = this.#looks % allEvery === 0;
    const startedAt = Date.now();
    const found = await list<WireServer>(this.#session, {
      service: 'compute', path: path`/servers/detail`, key: 'servers',
      query: { all_tenants: true, ...(!isWhole && { status: builtStatuses, 'changes-since': new Date(this.#since - overlapMs).toISOString() }) },
    });
    if (isWhole) this.#known.clear();
    for (const server of found) {
      if (server.status === 'DELETED') this.#known.delete(server.id);
      else this.#known.set(server.id, server);
      const { id, name, created, 'OS-SRV-USG:launched_at': launched } = server;
      if (launched) this.#waits.tell('server', { id, name }, Date.parse(created), Date.parse(`${launched}Z`));
    }
    this.#since = startedAt;
    this.#looks += 1;
    const servers = [...this.#known.values()];
    return servers.map(({ id, name, status, ...rest }) =>
      ({ id, name, status, volumeIds: rest['os-extended-volumes:volumes_attached'].map((volume) => volume.id) }));
  }
}

async function listPorts(session: Session): Promise<CloudPort[]> {
  return (await neutron.listPorts(session)).map((port) => ({
    id: port.id, networkId: port.network_id, macAddress: port.mac_address, deviceId: port.device_id,
    addresses: port.fixed_ips.map(({ ip_address }) => ip_address),
    subPorts: (port.trunk_details?.sub_ports ?? [])
      .map(({ port_id, segmentation_id }) => ({ portId: port_id, vlanId: segmentation_id })),
  }));
}

async function listAddresses(session: Session): Promise<CloudView['floatingAddresses']> {
  return (await neutron.listFloatingIps(session)).flatMap(({ floating_ip_address: address, port_id: portId }) => (portId ? [{ address, portId }] : []));
}

/** Members are listed pool by pool, so only when the pool says that it has others than before. */
class Members {
  readonly #session: Session;
  readonly #known = new Map<string, { of: string; members: CloudMember[] }>();

  constructor(session: Session) {
    this.#session = session;
  }

  async of(pool: octavia.Pool): Promise<CloudMember[]> {
    const state = JSON.stringify(pool.members.map(({ id }) => id));
    const known = this.#known.get(pool.id);
    if (known?.of === state) return known.members;
    const members = (await octavia.listMembers(this.#session, pool.id)).filter(({ admin_state_up }) => admin_state_up)
      .map(({ address, protocol_port, subnet_id }) => ({ address, port: protocol_port, subnetId: subnet_id }));
    // Members that are still being made may not be listed yet.
    if (members.length === pool.members.length) this.#known.set(pool.id, { of: state, members });
    return members;
  }
}

/** What is being changed goes on as it was; what is being made does not pass anything on yet. */
const works = ({ provisioning_status,
  admin_state_up }: { provisioning_status: string; admin_state_up: boolean }): boolean =>
  admin_state_up && (provisioning_status === 'ACTIVE' || provisioning_status === 'PENDING_UPDATE');

/** Listeners and pools are listed only when a load balancer says that something is or was being changed. */
class LoadBalancers {
  readonly #session: Session;
  readonly #waits: CloudWaits;
  readonly #members: Members;
  #state = '';
  #parts: [octavia.Listener[], octavia.Pool[]] = [[], []];

  constructor(session: Session, waits: CloudWaits) {
    this.#session = session;
    this.#waits = waits;
    this.#members = new Members(session);
  }

  async look(): Promise<CloudLoadBalancer[]> {
    const loadBalancers = await octavia.listLoadBalancers(this.#session);
    const state = JSON.stringify(loadBalancers.map(({ id, provisioning_status, updated_at, listeners, pools }) => [id, provisioning_status, updated_at, listeners, pools]));
    if (state !== this.#state) {
      this.#parts = await Promise.all([octavia.listListeners(this.#session), octavia.listPools(this.#session)]);
      // Seen while they were still being made, or in a second in which they may be changed once more, they are looked at again.
      const isSettled = loadBalancers.every(({ provisioning_status: status, updated_at }) => (status === 'PENDING_CREATE' || !status.startsWith('PENDING'))
        && (updated_at === null || Date.now() - Date.parse(`${updated_at}Z`) > overlapMs))
        && this.#parts.flat().every(({ provisioning_status }) => !provisioning_status.startsWith('PENDING'));
      this.#state = isSettled ? state : '';
    }
    return assemble(loadBalancers, ...this.#parts, this.#members, this.#waits);
  }
}

async function assemble(loadBalancers: readonly octavia.LoadBalancer[], listeners: readonly octavia.Listener[], pools: readonly octavia.Pool[],
  members: Members, waits: CloudWaits): Promise<CloudLoadBalancer[]> {
  const isPending = ({ id, name, provisioning_status }: { id: string; name: string; provisioning_status: string }) =>
    ({ id, name, isPending: provisioning_status === 'PENDING_CREATE' || provisioning_status === 'PENDING_UPDATE' });
  // Whatever is made below a listener makes that wait; the load balancer's own wait is until it is there.
  waits.see('load balancer', loadBalancers.map(isPending).filter(({ id }) => !listeners.some((listener) => listener.loadbalancers.some((one) => one.id === id))), Date.now());
  waits.see('listener', listeners.map(isPending), Date.now());
  const working = loadBalancers.filter(works);
  const poolOf = new Map(pools.filter(works).map((pool) => [pool.id, pool]));
  return Promise.all(working.map(async ({ id, vip_address, vip_port_id, vip_network_id }) => {
    const own = listeners.filter((listener) =>
      works(listener) && passing.has(listener.protocol) && listener.loadbalancers.some((one) => one.id === id));
    const passed = own.map(async (listener): Promise<CloudListener> => {
      const pool = poolOf.get(listener.default_pool_id ?? '');
      const cidrs = listener.allowed_cidrs?.length ? listener.allowed_cidrs : null;
      return { id: listener.id, port: listener.protocol_port, allowedCidrs: cidrs,
        members: pool ? await members.of(pool) : [] };
    });
    return { id, vipAddress: vip_address, vipPortId: vip_port_id, vipNetworkId: vip_network_id,
      listeners: await Promise.all(passed) };
  }));
}

/** Where subnets are: they do not move. */
async function networksOf(session: Session, known: Record<string, string>,
  loadBalancers: CloudLoadBalancer[]): Promise<Record<string, string>> {
  const wanted = new Set(loadBalancers.flatMap(({ listeners }) =>
    listeners.flatMap(({ members }) => members.flatMap(({ subnetId }) => subnetId ?? []))));
  const unknown = [...wanted].filter((id) => !(id in known));
  if (unknown.length > 0) for (const subnet of await neutron.listSubnets(session,
    { id: unknown })) known[subnet.id] = subnet.network_id;
  return known;
}

/** `session` is an administrator's: it sees all projects. */
export function openStackCloud(session: Session, waits = new CloudWaits()): MachinesCloud {
  const serversOf = new Servers(session, waits);
  const loadBalancersOf = new LoadBalancers(session, waits);
  const networkOfSubnet: Record<string, string> = {};
  let ports: CloudPort[] = [];
  let floatingAddresses: CloudView['floatingAddresses'] = [];
  let portsFor = '';
  let looks = 0;

  return {
    async look(): Promise<CloudView> {
      const [servers, loadBalancers] = await Promise.all([serversOf.look(), loadBalancersOf.look()]);
      const state = JSON.stringify([servers.map(({ id, status }) => [id, status]), loadBalancers.map(({ id }) => id)]);
      const isDue = state !== portsFor || looks % portsEvery === 0;
      if (isDue) ports = await listPorts(session);
      // An address leads nowhere before there is a machine, and most lead to load balancers.
      const isWaitedFor = loadBalancers.some(({ vipPortId }) => !floatingAddresses.some(({ portId }) => portId === vipPortId));
      if (!servers.some(({ status }) => status === 'ACTIVE')) floatingAddresses = [];
      else if (isDue || isWaitedFor) floatingAddresses = await listAddresses(session);
      portsFor = state;
      looks += 1;
      return {
        servers, loadBalancers, ports, floatingAddresses,
        networkOfSubnet: await networksOf(session, networkOfSubnet, loadBalancers),
      };
    },

    async userData(serverId) {
      try {
        const { server } = await session.request<{ server: { 'OS-EXT-SRV-ATTR:user_data'?: string | null } }>(
          { service: 'compute', method: 'GET', path: path`/servers/${serverId}`, microversion: userDataMicroversion });
        return server['OS-EXT-SRV-ATTR:user_data'] ?? undefined;
      } catch (error) {
        if (isOpenStackError(error, 404)) return undefined;
        throw error;
      }
    },

    async hasAnyVolume(volumeIds) {
      const volumes = await list<{ id: string }>(session, {
        service: 'block-storage', path: path`/volumes/detail`, key: 'volumes', query: { all_tenants: true },
      });
      return volumes.some(({ id }) => volumeIds.includes(id));
    },
  };
}
