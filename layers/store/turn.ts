/** A delete turns what is under way round: nothing of it starts any more, and it ends once nothing of it runs. */
import { due } from './due.ts';
import { operations } from './operations.ts';
import { isRevision } from './table.ts';

/** going or held → turning. Answers whether it still has to end. */
export async function turn(operationId: string, now: number): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const row = await operations.get({ id: operationId });
    if (!row || row.status === 'succeeded' || row.status === 'stopped') return false;
    if (row.status === 'turning') return true;
    const change = { status: 'turning' as const, revision: row.revision + 1, ...due(operationId, now) };
    if (await operations.update({ id: operationId }, change, isRevision(row.revision))) return true;
  }
  return true;
}
