/** The bootstrap token by which the nodes of one group join: in their cloud-init data, and for a while in the cluster. */
import { randomBytes } from 'node:crypto';
import type { NodeGroup } from '../cluster/cluster.ts';
import { ensureSecret } from '../store/secrets.ts';

/** [a-z0-9]{6}.[a-z0-9]{16}, as Kubernetes has it. */
const newToken = (): string => {
  const letters = (count: number) => Array.from(randomBytes(count), (byte) => '0123456789abcdefghijklmnopqrstuv'[byte % 32]).join('');
  return `${letters(6)}.${letters(16)}`;
};

export const secretName = (groupId: string): string => `join-${groupId}`;

export async function ensureJoinToken({ id, clusterId }: Pick<NodeGroup, 'id' | 'clusterId'>): Promise<string> {
  return (await ensureSecret(clusterId, secretName(id), () => ({ token: newToken() }))).token;
}
