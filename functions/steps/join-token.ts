/** The group's bootstrap token in the user's cluster: good for a day, then nothing can join by it. */
import { done, gone } from '../../layers/engine/step.ts';
import { bootstrapToken } from '../../layers/kubernetes/manifests/bootstrap.ts';
import { onKube, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { ensureJoinToken, secretName } from '../../layers/lifecycle/join-token.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { removeSecret } from '../../layers/store/secrets.ts';

const lifeMs = 86_400_000;

export const joinToken = groupStep({
  name: 'joinToken',
  title: 'Token by which the nodes join',
  async run({ cluster, group, now }, { apiEndpoint }: { clusterObjects: object; apiEndpoint: { address: string } }) {
    return onKube(await userKube(cluster, apiEndpoint.address), async (kube) => {
      const token = await ensureJoinToken(group);
      await kube.apply(bootstrapToken({ token, expiresAt: new Date(now() + lifeMs), description: `Nodes of the group ${group.name}` }));
      return done({ applied: true });
    });
  },
  async undo({ cluster, group }) {
    if (group.phase === 'deleting') await removeSecret(cluster.id, secretName(group.id));
    return gone;
  },
});

export const handler = stepFunction(joinToken);
