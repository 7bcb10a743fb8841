/** The whole service on an embedded cloud, as its users and its operator meet it. One for each file of tests. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import { openApi, type Api } from '../../local/demo/api.ts';
import { inventory, leftBehind, type Thing } from '../../local/demo/inventory.ts';
import { choose, logIn, type Choice, type Person, type User } from '../../local/demo/user.ts';
import { startEmbedded, type Embedded } from '../../local/embedded.ts';

/** Waits of the cloud are this many times shorter than on a real one. */
const scale = 40;

export interface Someone { api: Api; user: User }

export interface World {
  embedded: Embedded;
  /** Everything the functions, the machines and the cloud have said. */
  logFile: string;
  /** An ordinary user, and what they build clusters from. */
  demo: Someone;
  choice: Choice;
  version: string;
  /** Sees all projects; Moorage knows nothing of this login. */
  admin: Session;
  as(who: 'demo' | 'viewer' | 'other'): Promise<Someone>;
  stop(): Promise<void>;
}

export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'moorage-system-'));
  const logFile = join(dataDir, 'log');
  const embedded = await startEmbedded({ scale, dataDir, env, log: (line) => appendFileSync(logFile, `${line}\n`) });
  const { cloud, url } = embedded;
  const as = (who: 'demo' | 'viewer' | 'other') => someone(cloud.authUrl, cloud.credentials[who] as Person, url);
  const demo = await as('demo');
  const { k8s_versions: [newest] } = await demo.api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  return {
    embedded, logFile, demo, as, admin: sessionOf(cloud.authUrl, cloud.credentials.admin as Person),
    choice: await choose(demo.user), version: newest!.version,
    async stop() {
      await embedded.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export async function someone(authUrl: string, person: Person, url: string): Promise<Someone> {
  const user = await logIn(authUrl, person);
  return { user, api: openApi(url, () => user.token()) };
}

export function sessionOf(authUrl: string, person: Person): Session {
  const { username, password, userDomainName, projectName, projectDomainName } = person;
  return openSession({ authUrl, credential: { username, password, userDomainName }, scope: { projectName, projectDomainName } });
}

/** Everything in every project of the cloud: every name contains the empty one. */
export const everything = (admin: Session): Promise<Thing[]> => inventory(admin, [], '');

/** What of the cloud is there now and was not before, and the other way round. */
export async function changesSince(before: readonly Thing[], admin: Session): Promise<{ added: string[]; gone: string[] }> {
  const after = await everything(admin);
  const told = (things: readonly Thing[]) => things.map(({ service, kind, name, id, projectId }) => `${service} ${kind} ${name} (${id}) of ${projectId}`);
  return { added: told(leftBehind(before, after)), gone: told(leftBehind(after, before)) };
}

/** Looks until there is an answer. What is waited for either comes, or the test runs into its time limit. */
export async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false, everyMs = 100): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resume) => setTimeout(resume, everyMs));
  }
}
