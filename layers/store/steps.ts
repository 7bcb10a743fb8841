import type { StepRecord } from '../engine/ports.ts';
import { dueAttributes, type Due } from './due.ts';
import { Table } from './table.ts';

export type StepRow = StepRecord & Due & { expiresAt?: number };

export const steps = new Table<StepRow>('steps', {
  operationId: { type: String, hashKey: true },
  key: { type: String, rangeKey: true },
  fence: Number,
  ...dueAttributes,
});

/** Every record of an operation, in the order of its flow. */
export async function listRecords(operationId: string): Promise<StepRecord[]> {
  const rows = await steps.queryAll({ key: 'operationId', value: operationId, limit: 200 });
  return rows.toSorted((a, b) => a.position - b.position);
}
