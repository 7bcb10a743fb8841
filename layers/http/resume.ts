/** A held operation goes on, with everything that it started and that is held as well. */
import { getOperation } from '../store/operations.ts';
import { retry } from '../store/retry.ts';
import { hint } from './hint.ts';

/** What was started goes first, so that who waits for it does not find it held. Answers whether anything goes on. */
export async function resume(operationId: string, now: number): Promise<boolean> {
  const operation = await getOperation(operationId);
  if (!operation || operation.status === 'succeeded' || operation.status === 'stopped') return false;
  const parts = await Promise.all(Object.keys(operation.children).map((id) => resume(id, now)));
  const going = operation.status === 'held' && await retry(operationId, now);
  if (going) await hint(operationId, operation.projectId);
  return going || parts.includes(true);
}
