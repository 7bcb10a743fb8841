import type { Operation } from '../engine/ports.ts';
import { dueAttributes, type Due } from './due.ts';
import { Table } from './table.ts';

export type OperationRow = Operation & Due & { createdAtId: string; revision: number; expiresAt?: number };

export const operations = new Table<OperationRow>('operations', {
  id: { type: String, hashKey: true },
  clusterId: { type: String, index: { type: 'global', name: 'byCluster', rangeKey: 'createdAtId' } },
  createdAtId: String,
  revision: Number,
  ...dueAttributes,
});

export const getOperation = async (id: string): Promise<Operation | undefined> => operations.get({ id });

/** A cluster's operations, the newest first. */
export async function listOperations(clusterId: string, limit: number): Promise<Operation[]> {
  return operations.queryAll({ index: 'byCluster', key: 'clusterId', value: clusterId, descending: true, limit });
}
