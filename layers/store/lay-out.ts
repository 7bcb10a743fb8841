/** Writes all records of a new operation at once: what is to be done is pinned, whatever is deployed meanwhile. */
import type { Operation, StepRecord } from '../engine/ports.ts';
import { operations } from './operations.ts';
import { steps } from './steps.ts';
import { transact, where } from './table.ts';

export async function layOut({ id }: Operation, records: readonly StepRecord[]): Promise<boolean> {
  const once = where('laidOut').eq(false).and().where('status').eq('going');
  return transact([operations.updating({ id }, { laidOut: true }, once), ...records.map((record) => steps.putting(record))]);
}
