/** A held operation gives way to a new one on the same group: it is at rest, so that it can end at once. */
import { isLanding } from '../engine/plan.ts';
import { end } from '../store/end.ts';
import { getOperation } from '../store/operations.ts';
import { listRecords } from '../store/steps.ts';
import { turn } from '../store/turn.ts';
import { hint } from './hint.ts';

/** Whether it has ended, so that another one may begin. `false`: it goes on by itself. */
export async function supersede(operationId: string, now: number): Promise<boolean> {
  const operation = await getOperation(operationId);
  if (!operation || operation.status === 'succeeded' || operation.status === 'stopped') return true;
  if (operation.status === 'going') return false;
  await turn(operationId, now);
  // What its steps asked for last may still come to be: then it ends by itself, once it cannot.
  if ((await listRecords(operationId)).some(isLanding)) {
    await hint(operationId);
    return false;
  }
  return end(operation, 'stopped', now);
}
