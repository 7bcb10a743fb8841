/** A held operation gives way to a new one on the same group: it is mostly at rest, and then ends at once. */
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
  // A step may have been claimed just before it was held, or have asked for what may still come to be: then it ends by itself.
  if ((await listRecords(operationId)).some((record) => record.status === 'running' || isLanding(record))) {
    await hint(operationId, operation.projectId);
    return false;
  }
  return end(operation, 'stopped', now);
}
