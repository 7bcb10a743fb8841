/**
 * Two application credentials of the cluster's user, one for each project: a cloud controller knows one credential and
 * one project. They are created while logged in as that user; Keystone lets nobody else, administrators included.
 */
import { randomBytes } from 'node:crypto';
import { done, gone } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { session } from '../../layers/lifecycle/sessions.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { ensureSecret, removeSecret, requireSecret } from '../../layers/store/secrets.ts';

export const credentials = step({
  name: 'credentials',
  title: 'Credentials of the cluster in both projects',
  async run(context, needs: { clusterUser: { userId: string }; serviceProject: { projectId: string } }) {
    const { cluster } = context;
    const { userId } = needs.clusterUser;
    const [service, user] = await Promise.all([
      ensureCredential(context, userId, needs.serviceProject.projectId, 'service'),
      ensureCredential(context, userId, cluster.projectId, 'user'),
    ]);
    return done({ serviceCredentialId: service, userCredentialId: user });
  },
  // They go with their user.
  async undo({ cluster }) {
    await Promise.all([removeSecret(cluster.id, 'credential-service'), removeSecret(cluster.id, 'credential-user')]);
    return gone;
  },
});

/** We choose the secret and seal it first, so that a repeated create that says 409 has lost nothing. */
async function ensureCredential({ cluster, settings, operation }: Context, userId: string, projectId: string, name: string): Promise<string> {
  const { password } = await requireSecret<{ password: string }>(cluster.id, 'user');
  const { secret } = await ensureSecret(cluster.id, `credential-${name}`, () => ({ secret: randomBytes(32).toString('base64url') }));
  const asUser = session(settings, { projectId }, { purpose: `${operation.id}/credentials/${name}`, projectId: cluster.projectId, credential: { userId, password } });
  try {
    return (await keystone.createApplicationCredential(asUser, userId, { name: `moorage-${name}`, secret, unrestricted: false })).id;
  } catch (error) {
    if (!isOpenStackError(error, 409)) throw error;
    const found = (await keystone.listApplicationCredentials(asUser, userId)).find((known) => known.name === `moorage-${name}`);
    if (!found) throw error;
    return found.id;
  }
}

export const handler = stepFunction(credentials);
