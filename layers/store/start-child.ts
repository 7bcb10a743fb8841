/**
 * Starts an operation on behalf of a step of another one. Its id follows from the parent's, so that a step that runs
 * again finds it; the parent knows it from the same moment, so that a turn-round finds it too.
 */
import type { NodeGroup } from '../cluster/cluster.ts';
import type { Operation } from '../engine/ports.ts';
import { nodeGroups } from './node-groups.ts';
import { operations } from './operations.ts';
import { newOperationRow } from './start-operation.ts';
import { isRevision, transact, type Part } from './table.ts';

type Child = Pick<Operation, 'id' | 'flow' | 'clusterId' | 'groupId' | 'given' | 'requestedBy'> & { parent: { operationId: string; key: string } };

/**
 * The child operation as it is now: new, or the one started before; with it its group is changed, and whatever `more` does.
 * Undefined: written meanwhile, try again.
 */
export async function startChild(
  child: Child, awaits: readonly string[], group: NodeGroup, change: Partial<NodeGroup>, now: number, more: readonly Part[] = [],
): Promise<Operation | undefined> {
  const existing = await operations.get({ id: child.id });
  if (existing) return existing;
  const parent = await operations.get({ id: child.parent.operationId });
  if (parent?.status !== 'going') return undefined;
  const row = newOperationRow({ ...child, ...(parent.projectId !== undefined && { projectId: parent.projectId }) }, now);
  const children = { ...parent.children, [child.id]: awaits };
  const started = await transact([
    operations.putting(row),
    operations.updating({ id: parent.id }, { children, revision: parent.revision + 1 }, isRevision(parent.revision).and().where('status').eq('going')),
    nodeGroups.updating({ id: group.id }, { ...change, operationId: child.id, revision: group.revision + 1 }, isRevision(group.revision)),
    ...more,
  ]);
  return started ? row : undefined;
}
