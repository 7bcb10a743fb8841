/** Moorage on the lab, as its users, its operator and the cloud's administrator meet it. One for each file of tests. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import { readCloud, scopeOf, type CloudAccess, type Login } from '../../local/clouds.ts';
import { loginOf, readClouds } from '../../local/clouds-yaml.ts';
import { inventory } from '../../local/demo/inventory.ts';
import { choose, type Choice, type Person } from '../../local/demo/user.ts';
import { startRunning, type Running } from '../../local/running.ts';
import { onlookerRequestId } from '../../local/openstack/log.ts';
import { someone, type Someone } from '../system/world.ts';

/** Of the machines alone: the cloud is as fast as it is. */
const scale = 40;

export interface LabWorld {
  running: Running;
  /** Everything the functions and the machines have said. */
  logFile: string;
  demo: Someone;
  choice: Choice;
  version: string;
  /** Sees all projects; Moorage knows nothing of this login. Its calls are not counted. */
  admin: Session;
  /** An administrator's session in another project: what only its own members may do. */
  adminIn(projectId: string): Session;
  stop(): Promise<void>;
}

/** A cluster with a master and a node. */
export interface RunningCluster { world: LabWorld; id: string }

/** `env`: of the functions, besides what tells them of the cloud. */
export async function startLabWorld(env: Record<string, string> = {}): Promise<LabWorld> {
  const access = readCloud('lab');
  const dataDir = mkdtempSync(join(tmpdir(), 'moorage-lab-test-'));
  const logFile = join(dataDir, 'log');
  const running = await startRunning({ on: 'lab', scale, dataDir, env, log: (line) => appendFileSync(logFile, `${line}\n`) });
  const demo = await someone(access.authUrl, access.user as Person, running.url);
  const { k8s_versions: [newest] } = await demo.api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  return {
    running, logFile, demo, choice: await choose(demo.user), version: newest!.version,
    admin: onlooker(access, access.admin!), adminIn: (projectId) => onlooker(access, access.admin!, projectId),
    async stop() {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A session whose calls are no part of what is measured. */
export function onlooker(access: CloudAccess, login: Login, projectId?: string): Session {
  const { username, password, userDomainName } = login;
  return openSession({
    authUrl: access.authUrl, region: access.regionName, credential: { username, password, userDomainName },
    scope: projectId ? { projectId } : scopeOf(login), requestId: onlookerRequestId,
  });
}

/** Somebody of the lab's clouds.yaml by their name there: `viewer`, `other`. */
export const loginInLab = (name: string): Login =>
  loginOf(readClouds([join(process.env.LAB_DIR ?? '/tmp/moorage-lab', 'clouds.yaml')])!, name);

/** Everything in every project of the cloud, as lines. */
export async function everythingOf(admin: Session): Promise<Set<string>> {
  return new Set((await inventory(admin, [], '')).map(({ service, kind, name, id }) => `${service} ${kind} ${name} (${id})`));
}

/** What is there and was not before. */
export const leftSince = async (before: ReadonlySet<string>, admin: Session): Promise<string[]> =>
  [...await everythingOf(admin)].filter((line) => !before.has(line));
