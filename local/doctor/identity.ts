/** Keystone: the roles there must be, and what Moorage's user may do with users, roles and tokens. */
import { randomBytes } from 'node:crypto';
import * as keystone from '../../layers/openstack/keystone.ts';
import { openSession } from '../../layers/openstack/session.ts';
import { issueToken } from '../../layers/openstack/token.ts';
import { wireOf } from '../../layers/openstack/call.ts';
import { scopeOf } from '../clouds.ts';
import { missing, note, ok, type Check, type Patient } from './check.ts';
import { allow } from './remedies.ts';
import { transportOf } from './visit.ts';

const roles: Check = {
  title: 'Roles',
  async look({ domain, settings }) {
    const known = new Set((await keystone.listRoles(domain)).map(({ name }) => name));
    const wanted = [...new Set([...settings.serviceProjectRoles, ...settings.userProjectRoles, 'reader', 'member'])];
    const lacking = wanted.filter((name) => !known.has(name));
    if (lacking.length > 0) return missing(`there is no role ${lacking.join(', ')}`, ...lacking.map((name) => `openstack role create ${name}`));
    return ok(wanted.join(', '));
  },
  type: (patient) => allow(patient, 'keystone'),
};

const clusterUser: Check = {
  title: 'User of a cluster',
  async look(patient) {
    const { domain, settings, projectId, cloud, mark } = patient;
    const password = randomBytes(24).toString('base64url');
    const { id: userId } = await keystone.createUser(domain, { name: mark, password, description: 'Moorage: made by its doctor, for a minute' });
    await keystone.updateUser(domain, userId, { enabled: true });
    await giveRoles(patient, projectId, userId, settings.serviceProjectRoles);
    const own = openSession({ authUrl: cloud.authUrl, region: cloud.regionName, http: transportOf(cloud), credential: { userId, password }, scope: { projectId } });
    await keystone.createApplicationCredential(own, userId, { name: mark, unrestricted: false });
    return ok('can be made, has its roles, and gives itself an application credential');
  },
  type: (patient) => allow(patient, 'keystone'),
};

/** Only where somebody's login is known: a project outside Moorage's domain takes part. The role goes with its user. */
const rolesElsewhere: Check = {
  title: 'Roles in users\' projects',
  async look(patient) {
    const { domain, settings, mark } = patient;
    const project = (await callerOf(patient))?.project;
    if (!project) return note('not tried: no user of this cloud is known', '# in clouds.yaml, an entry of an ordinary user; then: export MOORAGE_USER_CLOUD=its-name');
    const [user] = await keystone.listUsers(domain, { name: mark });
    if (!user) return missing('not tried: there is no user of a cluster');
    await giveRoles(patient, project.id, user.id, settings.userProjectRoles);
    return ok(`given in ${project.name} to a user who is gone with the doctor`);
  },
  type: (patient) => allow(patient, 'keystone'),
};

const tokens: Check = {
  title: 'Tokens of users',
  async look(patient) {
    const caller = await callerOf(patient);
    if (!caller) return note('not tried: no user of this cloud is known');
    return ok(`are told: ${caller.user.name}, roles ${(caller.roles ?? []).map(({ name }) => name).join(', ')}`);
  },
  type: (patient) => allow(patient, 'keystone'),
};

export const identityChecks = [roles, clusterUser, tokens, rolesElsewhere];

async function giveRoles({ domain }: Patient, projectId: string, userId: string, names: readonly string[]): Promise<void> {
  const ids = (await keystone.listRoles(domain)).filter(({ name }) => names.includes(name)).map(({ id }) => id);
  for (const id of ids) await keystone.assignRole(domain, projectId, userId, id);
}

/** What Keystone tells Moorage of a token that the known user has just got. */
async function callerOf({ domain, cloud }: Patient): Promise<keystone.TokenInfo | undefined> {
  if (!cloud.user) return undefined;
  const { username, password, userDomainName } = cloud.user;
  const login = { authUrl: cloud.authUrl, credential: { username, password, userDomainName }, scope: scopeOf(cloud.user) };
  const { token } = await issueToken(login, wireOf({ http: transportOf(cloud) }));
  return keystone.validateToken(domain, token);
}
