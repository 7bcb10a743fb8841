/** While an authority is rotated nothing else is changed of a cluster: machines made meanwhile would know the wrong one. */
import type { Cluster } from './cluster.ts';

export const rotationFlow = 'rotateAuthority';

/** The rotation that is under way or held, if there is one. */
export function rotationOf({ operations }: Pick<Cluster, 'operations'>): { operationId: string; state: 'going' | 'held' } | undefined {
  const [operationId, open] = Object.entries(operations).find(([, { flow }]) => flow === rotationFlow) ?? [];
  return operationId !== undefined && open ? { operationId, state: open.state } : undefined;
}
