import { stepOf, type Ports } from './ports.ts';

/** What a sweep found: how much was overdue, for the alarm on operations that do not move. */
export interface Swept { operations: number; records: number }

/**
 * Runs every minute: re-sends hints for what the queues forgot. An operation under way is always looked at; a record
 * only when it is overdue by `graceMs`.
 */
export async function sweep({ store, queue, clock }: Ports, graceMs: number, limit: number): Promise<Swept> {
  const { operationIds, records } = await store.listOverdue(clock.now() - graceMs, limit);
  await Promise.all([
    ...records.map(({ operationId, key }) => queue.send({ operationId, key }, stepOf(key))),
    ...operationIds.map((operationId) => queue.send({ operationId })),
  ]);
  return { operations: operationIds.length, records: records.length };
}
