/** The Keystone user in whose name the cluster's own controllers act, with roles on both projects. */
import { randomBytes } from 'node:crypto';
import { nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { TerminalError } from '../../layers/engine/failure.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { StillLanding } from '../../layers/lifecycle/creates.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { ensureSecret, removeSecret } from '../../layers/store/secrets.ts';

export const clusterUser = step({
  name: 'clusterUser',
  title: 'User of the cluster, with its roles',
  async run(context, { serviceProject }: { serviceProject: { projectId: string } }) {
    const { platform, cluster, settings } = context;
    const [userId, roles] = await Promise.all([ensureUser(context), keystone.listRoles(platform)]);
    const assign = (projectId: string, names: readonly string[]) => names.map((name) => {
      const role = roles.find((known) => known.name === name);
      if (!role) throw new TerminalError('role_missing', `The cloud has no role "${name}".`, 'Create it, or set the names of the roles; see docs/operate.md. Then retry.');
      return keystone.assignRole(platform, projectId, userId, role.id);
    });
    await Promise.all([...assign(serviceProject.projectId, settings.serviceProjectRoles), ...assign(cluster.projectId, settings.userProjectRoles)]);
    return done({ userId });
  },
  async undo({ platform, cluster }) {
    for (const { id } of await keystone.listUsers(platform, { name: nameOf(cluster.id) })) await keystone.deleteUser(platform, id);
    await removeSecret(cluster.id, 'user');
    return gone;
  },
});

/** The password is sealed before the user exists: a crash between the two loses nothing. */
async function ensureUser({ platform, cluster }: Context): Promise<string> {
  const name = nameOf(cluster.id);
  const { password } = await ensureSecret(cluster.id, 'user', () => ({ password: randomBytes(32).toString('base64url') }));
  try {
    return (await keystone.createUser(platform, { name, password, description: `Moorage: controllers of cluster ${cluster.id}` })).id;
  } catch (error) {
    if (!isOpenStackError(error, 409) && !(error instanceof StillLanding)) throw error;
    const [user] = await keystone.listUsers(platform, { name });
    if (!user) throw error;
    return user.id;
  }
}

export const handler = stepFunction(clusterUser);
