/** Who acts in the contract: made anew for every test file, in projects of their own, and removed after it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { scopeOf } from '../../local/clouds.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import { createTransport } from '../../layers/openstack/transport.ts';
import { memoryTokenCache, type Credential, type Scope, type TokenCache } from '../../layers/openstack/token.ts';
import { openClient, type Client } from './client.ts';
import { cloud, patienceMs, until } from './cloud.ts';
import { emptyProject } from './empty-project.ts';
import { credentialOf, prefix, uniqueName } from './names.ts';

/** Somebody, as Moorage's functions reach the cloud, and bare. */
export interface Actor extends Client {
  session: Session;
  userId: string;
}

export interface Actors {
  /** Of the whole cloud. */
  admin: Actor;
  /** The same, with a token for the service project. */
  adminInService: Actor;
  /** Moorage's own, with a token for its domain. */
  domain: Actor;
  /** Moorage's own, with a token for the service project: what the steps act with. */
  platform: Actor;
  /** The user of a cluster: an ordinary member of the service project. */
  member: Actor;
  /** An ordinary member of the user's project, who has clusters. */
  user: Actor;
  /** Reads only, in the user's project. */
  reader: Actor;
  /** An ordinary member of a third project. */
  stranger: Actor;
  serviceProjectId: string;
  userProjectId: string;
  strangerProjectId: string;
}

/** Everybody, for all tests of the file. What they have made is gone after it, whether a test failed or not. */
export function useActors(): Actors {
  const actors = {} as Actors;
  const undo: (() => Promise<unknown>)[] = [];
  beforeAll(async () => { await makeActors(actors, undo); });
  afterAll(async () => {
    const errors: unknown[] = [];
    for (const step of undo.toReversed()) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, `What the tests have made could not be taken away: ${errors.join('; ')}`);
  });
  return actors;
}

async function makeActors(actors: Actors, undo: (() => Promise<unknown>)[]): Promise<void> {
  const { admin: adminLogin, platform: platformLogin } = cloud;
  actors.admin = await logIn(credentialOf(adminLogin), scopeOf(adminLogin));
  actors.domain = await logIn(credentialOf(platformLogin), scopeOf(platformLogin));
  const { admin, domain } = actors;
  const roles = new Map((await keystone.listRoles(admin.session)).map(({ name, id }) => [name, id]));
  const makeProject = async (by: Actor, noun: string, domain_id?: string): Promise<string> => {
    const { id } = await keystone.createProject(by.session, { name: uniqueName(noun), ...(domain_id && { domain_id }), enabled: true, tags: [prefix] });
    undo.push(() => keystone.deleteProject(by.session, id), () => emptyProject(admin.session, id));
    return id;
  };
  const makeUser = async (by: Actor, projectId: string, noun: string, names: string[], domain_id?: string): Promise<Actor> => {
    const password = randomBytes(16).toString('hex');
    const { id } = await keystone.createUser(by.session, { name: uniqueName(noun), password, ...(domain_id && { domain_id }) });
    undo.push(() => keystone.deleteUser(by.session, id));
    for (const name of names) await keystone.assignRole(by.session, projectId, id, roles.get(name)!);
    return logIn({ userId: id, password }, { projectId });
  };

  const ordinary = ['member', 'load-balancer_member'];
  actors.strangerProjectId = await makeProject(admin, 'stranger', 'default');
  actors.userProjectId = await makeProject(admin, 'user', 'default');
  // The last one made is the first to be emptied: its trunks hold ports of the user's project.
  actors.serviceProjectId = await makeProject(domain, 'service');
  actors.member = await makeUser(domain, actors.serviceProjectId, 'member', ordinary);
  actors.user = await makeUser(admin, actors.userProjectId, 'user', ordinary, 'default');
  actors.reader = await makeUser(admin, actors.userProjectId, 'reader', ['reader'], 'default');
  actors.stranger = await makeUser(admin, actors.strangerProjectId, 'stranger', ordinary, 'default');
  actors.platform = await logIn(credentialOf(platformLogin), { projectId: actors.serviceProjectId });
  await keystone.assignRole(admin.session, actors.serviceProjectId, admin.userId, roles.get('admin')!);
  actors.adminInService = await logIn(credentialOf(adminLogin), { projectId: actors.serviceProjectId });
}

const http = createTransport({ timeoutMs: patienceMs });

/** Logs in and waits until the token is good: for the rest of a user's first second Keystone may revoke what it issues. */
export async function logIn(credential: Credential, scope: Scope | undefined, tokens: TokenCache = memoryTokenCache()): Promise<Actor> {
  const { authUrl, regionName: region } = cloud;
  let client: Client | undefined;
  await until(async () => {
    client = await openClient(authUrl, credential, scope);
    return (await client.call('identity', 'GET', '/auth/projects')).status === 200;
  });
  return { ...client!, session: openSession({ authUrl, region, credential, scope, tokens, http }) };
}
