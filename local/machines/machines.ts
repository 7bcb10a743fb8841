/** Plays the machines of a cloud whose hypervisors are fake: brings up what its servers' data says. */
import type { Socket } from 'node:net';
import { openSession } from '../../layers/openstack/session.ts';
import type { Credential, Scope } from '../../layers/openstack/token.ts';
import { CloudWaits, type CloudWait } from './cloud-waits.ts';
import type { MachinesCloud } from './cloud.ts';
import { Fleet } from './fleet.ts';
import { onlookerRequestId } from '../openstack/log.ts';
import { readConsole } from './machine.ts';
import type { PodMemory } from './real/figures.ts';
import { openStackCloud } from './openstack-cloud.ts';
import type { Wait } from './waits.ts';

export interface MachinesOptions {
  /** Keystone. Where there is none, `cloud` is looked at instead. */
  authUrl: string;
  /** Of an administrator: it must see the servers, ports and load balancers of all projects. */
  credential: Credential;
  scope: Scope;
  region?: string;
  cloud?: MachinesCloud;
  /** How many times as fast as on a real cloud. */
  scale: number;
  /** Keeps disks, consoles and what etcd holds: the same directory again, and everything goes on. */
  dataDir: string;
  log: (line: string) => void;
  /** See FloatingAddresses. */
  sourceOf?: (remoteAddress: string) => string;
  /** Between two looks at the cloud; follows from `scale` when left out. */
  lookEveryMs?: number;
}

export interface Machines {
  /** Everything that was waited for, oldest first. */
  waits(): Wait[];
  /** The cloud's own, as they were seen; empty where it is not asked by its APIs. */
  cloudWaits(): CloudWait[];
  /** What the server's console showed. */
  console(serverId: string): string;
  /** Where pods really run: what each holds in memory. */
  podMemory?(): Promise<PodMemory[]>;
  /** Of each machine that has been powered on: its user_data, as Nova has it. */
  userDataSizes?(): { name: string; characters: number }[];
  /** The server's machine dies, as when its host does; the cloud knows nothing of it. It boots again when the current is back. */
  cutPower?(serverId: string): Promise<void>;
  restorePower?(serverId: string): void;
  /** A connection as somebody on that network would make it, to a VIP or to a machine. Rejects with NoWay. */
  connectAs(networkId: string, address: string, port: number, source: string): Promise<Socket>;
  close(): Promise<void>;
}

/** Looks at the cloud from now on. Resolves after the first look, whether or not it worked. */
export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const { scale, authUrl, credential, scope, region } = options;
  const cloudWaits = new CloudWaits();
  const cloud = options.cloud
    ?? openStackCloud(openSession({ authUrl, credential, scope, region, requestId: onlookerRequestId }), cloudWaits);
  const lookEveryMs = options.lookEveryMs ?? Math.min(500, Math.max(150, 1000 / scale));
  const machines = new Fleet({ ...options, cloud, lookEveryMs });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    await machines.look();
    if (!closed) timer = setTimeout(() => { looking = look(); }, lookEveryMs);
  };
  looking = look();
  await looking;
  return {
    waits: () => machines.waits.list(),
    cloudWaits: () => cloudWaits.list(),
    console: (serverId) => readConsole(options.dataDir, serverId),
    connectAs: (networkId, address, port, source) => machines.network.connectAs(networkId, address, port, source),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await looking;
      await machines.close();
    },
  };
}
