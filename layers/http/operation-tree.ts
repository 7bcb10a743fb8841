/** An operation with everything that its progress is made of. */
import type { Operation } from '../engine/ports.ts';
import { getOperation } from '../store/operations.ts';
import { listRecords } from '../store/steps.ts';
import type { Tree } from './views/progress.ts';

export async function treeOf(operation: Operation): Promise<Tree> {
  const [records, parts] = await Promise.all([
    listRecords(operation.id),
    Promise.all(Object.keys(operation.children).map(async (id) => {
      const part = await getOperation(id);
      return part && treeOf(part);
    })),
  ]);
  return { operation, records, parts: parts.filter((part) => part !== undefined) };
}
