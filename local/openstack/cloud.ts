/** An OpenStack in this process: Keystone, Nova, Neutron, Cinder, Octavia, Glance, Magnum and Heat behind one port. */
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Login } from '../clouds.ts';
import { adminSurface } from './admin.ts';
import { cinder } from './cinder/cinder.ts';
import type { Core } from './core.ts';
import { Faults } from './faults.ts';
import { createDesk, createFront, type Desk } from './front.ts';
import { glance } from './glance.ts';
import { Jobs } from './jobs.ts';
import { keystone } from './keystone/keystone.ts';
import { LATENCIES, type Latencies } from './latencies.ts';
import { leftovers, type Leftovers } from './leftovers.ts';
import { CallLog, listWaits, type CallCounts, type Wait } from './log.ts';
import { listFloatingIps, listLoadBalancers, listServers, setPower, viewServer } from './machines-view.ts';
import type { CloudFloatingIp, CloudLoadBalancer, CloudServer } from './machines-view.ts';
import { heat } from './magnum/heat.ts';
import { magnum } from './magnum/magnum.ts';
import { neutron } from './neutron/neutron.ts';
import { nova } from './nova/nova.ts';
import { octavia } from './octavia/octavia.ts';
import { Random } from './random.ts';
import type { ServerRow } from './nova/rows.ts';
import { moveCatalogue, NAMES, PASSWORD, seed } from './seed.ts';
import { State } from './state.ts';

export interface CloudOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  host?: '127.0.0.1';
  /** Latencies are divided by this; 20 makes a load balancer ready after 3 s. */
  scale: number;
  /** Same seed, same identifiers and addresses in the same order. */
  seed?: number;
  /** A file to keep the cloud in; what has been acknowledged is in it. Without one it lives in memory. */
  statePath?: string;
  latencies?: Partial<Latencies>;
}

export interface Cloud {
  port: number;
  authUrl: string;
  /** `admin`, `moorage` (the platform), `demo`, `viewer` (reads only) and `other`. */
  credentials: Record<'admin' | 'moorage' | 'demo' | 'viewer' | 'other', Login>;
  faults: Pick<Faults, 'add' | 'clear' | 'list'>;
  calls: { read(): CallCounts; reset(): void };
  /** Every asynchronous wait so far. */
  waits(): Wait[];
  leftovers(wanted: { projectIds: string[] } | { mark: string }): Leftovers;
  /** All, or those that the argument names. */
  servers(projectId?: string): CloudServer[];
  floatingIps(address?: string): CloudFloatingIp[];
  loadBalancers(id?: string): CloudLoadBalancer[];
  setServerPower(serverId: string, power: 'running' | 'shutdown'): void;
  /** Calls back for every server that becomes ACTIVE from now on; returns what ends that. */
  onServerActive(listener: (server: CloudServer) => void): () => void;
  /** Calls back for every server that is gone. */
  onServerGone(listener: (server: { id: string; name: string; projectId: string }) => void): () => void;
  /** Calls back when a server was started, stopped or rebooted. */
  onServerPower(listener: (server: CloudServer) => void): () => void;
  /** Resolves when no asynchronous work is under way: nothing is PENDING, building or going away. */
  settled(): Promise<void>;
  /** Resolves when no connection is left; the state stays on disk. */
  close(): Promise<void>;
}

/** A cloud without a port of its own: whoever has it asks at its desk. */
export interface OpenCloud extends Omit<Cloud, 'port' | 'close'> { desk: Desk }

/** Opens a cloud that is asked in this process, as if it were found at `baseUrl`. */
export function openCloud(options: Omit<CloudOptions, 'port' | 'host'> & { baseUrl: string }): OpenCloud {
  const { core, log, desk } = assemble(options);
  begin(core, options.baseUrl);
  return { authUrl: `${core.baseUrl}/identity/v3`, credentials: credentials(), ...views(core, log), desk };
}

/** Starts a cloud, new or with what `statePath` holds: waits that were under way go on where they were. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { core, log, desk } = assemble(options);
  const server = createFront(desk);
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  begin(core, `http://127.0.0.1:${port}`);
  return {
    port, authUrl: `${core.baseUrl}/identity/v3`, credentials: credentials(), ...views(core, log),
    close: async () => {
      core.jobs.stop();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      core.state.close();
    },
  };
}

function assemble(options: CloudOptions): { core: Core; log: CallLog; desk: Desk } {
  const state = new State(options.statePath);
  const random = new Random(state.empty ? options.seed ?? Date.now() : Date.now());
  const dice = new Random(options.seed ?? Date.now());
  const faults = new Faults(options.scale, () => dice.next());
  const jobs = new Jobs(state, random, faults, options.scale);
  const core: Core = {
    state, random, faults, jobs, latencies: { ...LATENCIES, ...options.latencies }, events: new EventEmitter(),
    baseUrl: '',
  };
  const log = new CallLog();
  const services = [adminSurface(core, log), keystone(core), nova(core), neutron(core), cinder(core), octavia(core),
    glance(core), magnum(core), heat(core)];
  return { core, log, desk: createDesk(core, services, log, options.scale) };
}

function begin(core: Core, baseUrl: string): void {
  core.baseUrl = baseUrl;
  core.state.transact(() => {
    if (core.state.empty) seed(core);
    moveCatalogue(core);
  });
  core.jobs.resume();
}

function views(core: Core, log: CallLog): Omit<Cloud, 'port' | 'authUrl' | 'credentials' | 'close'> {
  const subscribe = (event: 'active' | 'gone' | 'power', listener: (row: ServerRow) => void): (() => void) => {
    core.events.on(event, listener);
    return () => void core.events.off(event, listener);
  };
  return {
    faults: core.faults, calls: log, settled: () => core.jobs.settled(), waits: () => listWaits(core.state),
    leftovers: (wanted) => leftovers(core, wanted),
    servers: (projectId) => listServers(core, projectId), floatingIps: (address) => listFloatingIps(core, address),
    loadBalancers: (id) => listLoadBalancers(core, id), setServerPower: (id, power) => setPower(core, id, power),
    onServerActive: (listener) => subscribe('active', (row) => listener(viewServer(core, row))),
    onServerGone: (listener) =>
      subscribe('gone', ({ id, name, project_id: projectId }) => listener({ id, name, projectId })),
    onServerPower: (listener) => subscribe('power', (row) => listener(viewServer(core, row))),
  };
}

function credentials(): Cloud['credentials'] {
  const person = (username: string, projectName: string): Login => ({
    username, password: PASSWORD, userDomainName: 'Default', projectName, projectDomainName: 'Default',
  });
  return {
    admin: person('admin', 'admin'), demo: person('demo', 'demo'), viewer: person('viewer', 'demo'),
    other: person('other', 'other'),
    moorage: {
      username: NAMES.serviceDomain, password: PASSWORD, userDomainName: NAMES.serviceDomain,
      domainName: NAMES.serviceDomain,
    },
  };
}
