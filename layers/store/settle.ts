/** What a run came to, written only by the last claimer: whoever lost the lease finds the fence moved on. */
import type { RecordChange, StepRecord } from '../engine/ports.ts';
import { due, notDue } from './due.ts';
import { steps } from './steps.ts';
import { where } from './table.ts';

export async function settle({ operationId, key, fence }: StepRecord, change: RecordChange): Promise<boolean> {
  const dueness = change.status === 'waiting' ? due(operationId, change.notBefore ?? 0) : notDue;
  const mine = where('fence').eq(fence).and().where('status').eq('running');
  return await steps.update({ operationId, key }, { ...change, ...dueness }, mine) !== undefined;
}
