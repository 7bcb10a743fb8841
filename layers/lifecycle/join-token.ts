/** The bootstrap token by which the nodes of one group join: in their cloud-init data, and for a while in the cluster. */
import { randomInt } from 'node:crypto';
import type { NodeGroup } from '../cluster/cluster.ts';
import { ensureSecret } from '../store/secrets.ts';

const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
const random = (count: number): string => Array.from({ length: count }, () => letters[randomInt(letters.length)]).join('');
/** As Kubernetes has it. */
const newToken = (): string => `${random(6)}.${random(16)}`;

export const secretName = (groupId: string): string => `join-${groupId}`;

export async function ensureJoinToken({ id, clusterId }: Pick<NodeGroup, 'id' | 'clusterId'>): Promise<string> {
  return (await ensureSecret(clusterId, secretName(id), () => ({ token: newToken() }))).token;
}
