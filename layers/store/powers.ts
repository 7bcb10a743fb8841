/** First-generation clusters that are stopped, or on their way there or back: what Magnum itself has no word for. */
import type { Condition } from 'dynamoose/dist/Condition.js';
import { newOperationRow, type NewOperation } from './start-operation.ts';
import { operations } from './operations.ts';
import { Table, transact, where } from './table.ts';

export interface PowerRow {
  projectId: string;
  /** Magnum's uuid of it. */
  clusterId: string;
  state: 'stopping' | 'stopped' | 'starting' | 'running';
  /** The operation that brings, or has brought, it there. */
  operationId: string;
  /** ISO 8601. */
  updatedAt: string;
  expiresAt?: number | undefined;
}

/** A cluster that runs again needs no row; it stays for a day, so that none is removed beside a new one being written. */
const keepRunningSeconds = 86_400;

const powers = new Table<PowerRow>('powers', { projectId: { type: String, hashKey: true }, clusterId: { type: String, rangeKey: true } });

export const getPower = (projectId: string, clusterId: string): Promise<PowerRow | undefined> => powers.get({ projectId, clusterId });

/** All of a project, in one listing. */
export const listPowers = (projectId: string): Promise<PowerRow[]> =>
  powers.queryAll({ key: 'projectId', value: projectId, limit: 10_000 });

/** Begins to stop or start, together with the operation that does it. `false`: somebody else has begun since `before` was read. */
export async function startPower(
  { projectId, clusterId, state }: Pick<PowerRow, 'projectId' | 'clusterId' | 'state'>, operation: NewOperation,
  before: PowerRow | undefined, now: number,
): Promise<boolean> {
  const change = { state, operationId: operation.id, updatedAt: new Date(now).toISOString() };
  const row = before
    ? powers.updating({ projectId, clusterId }, { ...change, expiresAt: undefined }, isOf(before.operationId))
    : powers.putting({ projectId, clusterId, ...change });
  return transact([row, operations.putting(newOperationRow({ ...operation, projectId }, now))]);
}

/** Where the operation has brought it. `false`: another one has begun meanwhile. */
export async function settlePower(
  { projectId, clusterId, operationId, state }: Pick<PowerRow, 'projectId' | 'clusterId' | 'operationId' | 'state'>, now: number,
): Promise<boolean> {
  const expiresAt = state === 'running' ? Math.floor(now / 1_000) + keepRunningSeconds : undefined;
  const change = { state, updatedAt: new Date(now).toISOString(), expiresAt };
  return await powers.update({ projectId, clusterId }, change, isOf(operationId)) !== undefined;
}

/** The cluster is gone. */
export const removePower = (projectId: string, clusterId: string): Promise<void> => powers.remove({ projectId, clusterId });

const isOf = (operationId: string): Condition => where('operationId').eq(operationId);
