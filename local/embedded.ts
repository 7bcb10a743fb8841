/** The whole embedded cloud: OpenStack, the machines in it, and Moorage's functions, with everything kept on disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFunctions, type Functions } from './lambda/start.ts';
import { startMachines, type Machines } from './machines/machines.ts';
import { startCloud, type Cloud } from './openstack/cloud.ts';

export interface EmbeddedOptions {
  /** Waits of the cloud and its machines are divided by this. */
  scale: number;
  dataDir: string;
  httpPort?: number;
  cloudPort?: number;
  /** Of cloud, machines and functions: every line. */
  log: (line: string) => void;
  /** For the process of the functions, beyond what tells them of the cloud. */
  env?: Record<string, string>;
}

export interface Embedded {
  /** Of Moorage. */
  url: string;
  cloud: Cloud;
  machines: Machines;
  functions: Pick<Functions, 'tableEndpoint' | 'queueEndpoint'>;
  /** Ends when the functions do, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** What the functions are told of a cloud that is embedded. A lease is shorter than deployed: creates land at once here. */
export const functionSettings = (cloud: Pick<Cloud, 'authUrl' | 'credentials'>): Record<string, string> => ({
  OS_AUTH_URL: cloud.authUrl,
  OS_USERNAME: cloud.credentials.moorage.username,
  OS_PASSWORD: cloud.credentials.moorage.password,
  OS_USER_DOMAIN_NAME: cloud.credentials.moorage.userDomainName,
  OS_REGION_NAME: 'RegionOne',
  SERVICE_DOMAIN_NAME: 'moorage',
  EXTERNAL_NETWORK: 'public',
  PLATFORM_CIDRS: '127.0.0.0/8',
  LEASE_MS: '90000',
});

/** Resolves when everything answers. The same directory again, after any end of the process, goes on where it was. */
export async function startEmbedded({ scale, dataDir, httpPort, cloudPort, log, env }: EmbeddedOptions): Promise<Embedded> {
  mkdirSync(dataDir, { recursive: true });
  const cloud = await startCloud({ scale, statePath: join(dataDir, 'cloud'), ...(cloudPort && { port: cloudPort }) });
  const { username, password, userDomainName } = cloud.credentials.admin;
  const machines = await startMachines({
    authUrl: cloud.authUrl, credential: { username, password, userDomainName }, scope: { projectName: 'admin', projectDomainName: 'Default' },
    scale, dataDir: join(dataDir, 'machines'), log,
  });
  const functions = await startFunctions({
    dataDir: join(dataDir, 'functions'), env: { ...functionSettings(cloud), ...env }, log, hurry: 12, ...(httpPort && { httpPort }),
  });
  return {
    url: functions.url, cloud, machines, functions, ended: functions.ended,
    async stop() {
      await functions.stop();
      await machines.close();
      await cloud.close();
    },
  };
}
