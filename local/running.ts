/** Moorage running from a working copy, on any cloud: its functions, and machines where the cloud's are fake. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { localCloud, readCloud, scopeOf, type CloudAccess, type CloudName } from './clouds.ts';
import { CloudCallCounter } from './demo/cloud-calls.ts';
import { startFunctions, type Functions } from './lambda/start.ts';
import { startMachines, type Machines } from './machines/machines.ts';
import { startRealMachines } from './machines/real/real-machines.ts';
import { startBesideVirtualMachines } from './machines/vm/virtual-machines.ts';
import { startCloud, type Cloud } from './openstack/cloud.ts';

/** What runs on the machines of a cloud whose hypervisors are fake: a stand-in, or Kubernetes' own programs. */
export type KubernetesKind = 'stand-in' | 'real';

/** From the command line. Throws when it is neither. */
export function kubernetesKind(text: string): KubernetesKind {
  if (text === 'stand-in' || text === 'real') return text;
  throw new Error(`--kubernetes takes stand-in or real, not "${text}".`);
}

/** What servers are, where the cloud's hypervisors are fake (played here), or where they are not (virtual machines). */
export type MachinesKind = 'played' | 'vm';

/** From the command line. Throws when it is neither. */
export function machinesKind(text: string): MachinesKind {
  if (text === 'played' || text === 'vm') return text;
  throw new Error(`--machines takes played or vm, not "${text}".`);
}

/** Throws, saying what to do, when the cloud's servers are not of that kind. */
export function checkMachines(machines: MachinesKind, { vmLabDir }: CloudAccess): void {
  if (machines === 'vm' && !vmLabDir) throw new Error('The servers of this cloud are not virtual machines. A lab where they are: npm run lab:up -- --machines vm');
  if (machines === 'played' && vmLabDir) throw new Error('The servers of this lab are virtual machines: --kubernetes real --machines vm.');
}

export interface RunningOptions {
  on: CloudName;
  kubernetes?: KubernetesKind;
  machines?: MachinesKind;
  /** Waits of the stand-in and of the machines are divided by this. */
  scale: number;
  dataDir: string;
  httpPort?: number;
  cloudPort?: number;
  /** How many times as often as deployed what has a schedule runs. */
  hurry?: number;
  /** Of cloud, machines and functions: every line. */
  log: (line: string) => void;
  /** For the process of the functions, beyond what tells them of the cloud. */
  env?: Record<string, string>;
}

export interface Running {
  /** Of Moorage. */
  url: string;
  access: CloudAccess;
  /** Only where the cloud is the stand-in. */
  cloud?: Cloud;
  /** Only where an administrator's login is known: whose machines are not played has real ones. */
  machines?: Machines;
  /** Moorage's calls to the cloud. */
  cloudCalls: CloudCallCounter;
  functions: Pick<Functions, 'tableEndpoint' | 'queueEndpoint'>;
  /** Ends when the functions do, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when everything answers. The same directory again, after any end of the process, goes on where it was. */
export async function startRunning({ on, kubernetes = 'stand-in', machines: kind = 'played', scale, dataDir, httpPort, cloudPort, hurry = kind === 'vm' ? 2 : 12, log, env }: RunningOptions): Promise<Running> {
  const cloudCalls = new CloudCallCounter();
  mkdirSync(dataDir, { recursive: true });
  const cloud = on === 'local' ? await startCloud({ scale, statePath: join(dataDir, 'cloud'), ...(cloudPort && { port: cloudPort }) }) : undefined;
  const access = cloud ? localCloud(cloud) : readCloud(on);
  checkMachines(kind, access);
  const machines = access.admin && on !== 'env' ? await playMachines(kubernetes, access, scale, join(dataDir, 'machines'), log) : undefined;
  const functions = await startFunctions({
    dataDir: join(dataDir, 'functions'), env: { ...access.env, ...env },
    // Virtual machines need all that this one has left.
    hurry, ...(kind === 'vm' && { visibilityTimeoutS: 180, unlimited: true }),
    log: (line) => { cloudCalls.read(line); log(line); }, ...(httpPort && { httpPort }),
  });
  return {
    url: functions.url, access, functions, cloudCalls, ended: functions.ended, ...(cloud && { cloud }), ...(machines && { machines }),
    async stop() {
      await functions.stop();
      await machines?.close();
      await cloud?.close();
    },
  };
}

function playMachines(kubernetes: KubernetesKind, { name, admin, authUrl, vmLabDir }: CloudAccess, scale: number, dataDir: string, log: (line: string) => void): Promise<Machines> {
  const { username, password, userDomainName } = admin!;
  // Every look at a real cloud is some calls of its services: not more than machines need to come up in time.
  const lookEveryMs = name === 'local' ? {} : { lookEveryMs: 1_500 };
  const options = { authUrl, credential: { username, password, userDomainName }, scope: scopeOf(admin!)!, scale, dataDir, log, ...lookEveryMs };
  if (vmLabDir) return startBesideVirtualMachines(options, vmLabDir);
  return kubernetes === 'real' ? startRealMachines(options) : startMachines(options);
}
