/** Moorage running from a working copy, on any cloud: its functions, and machines where the cloud's are fake. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { localCloud, readCloud, scopeOf, type CloudAccess, type CloudName } from './clouds.ts';
import { CloudCallCounter } from './demo/cloud-calls.ts';
import { startFunctions, type Functions } from './lambda/start.ts';
import { startMachines, type Machines } from './machines/machines.ts';
import { startRealMachines } from './machines/real/real-machines.ts';
import { startCloud, type Cloud } from './openstack/cloud.ts';

/** What runs on the machines of a cloud whose hypervisors are fake: a stand-in, or Kubernetes' own programs. */
export type KubernetesKind = 'stand-in' | 'real';

/** From the command line. Throws when it is neither. */
export function kubernetesKind(text: string): KubernetesKind {
  if (text === 'stand-in' || text === 'real') return text;
  throw new Error(`--kubernetes takes stand-in or real, not "${text}".`);
}

export interface RunningOptions {
  on: CloudName;
  kubernetes?: KubernetesKind;
  /** Waits of the stand-in and of the machines are divided by this. */
  scale: number;
  dataDir: string;
  httpPort?: number;
  cloudPort?: number;
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
export async function startRunning({ on, kubernetes = 'stand-in', scale, dataDir, httpPort, cloudPort, log, env }: RunningOptions): Promise<Running> {
  const cloudCalls = new CloudCallCounter();
  mkdirSync(dataDir, { recursive: true });
  const cloud = on === 'local' ? await startCloud({ scale, statePath: join(dataDir, 'cloud'), ...(cloudPort && { port: cloudPort }) }) : undefined;
  const access = cloud ? localCloud(cloud) : readCloud(on);
  const machines = access.admin && on !== 'env' ? await playMachines(kubernetes, access, scale, join(dataDir, 'machines'), log) : undefined;
  const functions = await startFunctions({
    dataDir: join(dataDir, 'functions'), env: { ...access.env, ...env }, hurry: 12,
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

function playMachines(kubernetes: KubernetesKind, { name, admin, authUrl }: CloudAccess, scale: number, dataDir: string, log: (line: string) => void): Promise<Machines> {
  const { username, password, userDomainName } = admin!;
  // Every look at a real cloud is some calls of its services: not more than machines need to come up in time.
  const lookEveryMs = name === 'local' ? {} : { lookEveryMs: 750 };
  const start = kubernetes === 'real' ? startRealMachines : startMachines;
  return start({ authUrl, credential: { username, password, userDomainName }, scope: scopeOf(admin!)!, scale, dataDir, log, ...lookEveryMs });
}
