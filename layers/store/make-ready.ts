/** A step's needs are done: it may run from now on, until its deadline. */
import type { StepRecord } from '../engine/ports.ts';
import { due } from './due.ts';
import { steps } from './steps.ts';
import { where } from './table.ts';

export async function makeReady({ operationId, key }: StepRecord, at: number, deadline: number): Promise<boolean> {
  const change = { status: 'ready' as const, notBefore: at, deadline, ...due(operationId, at) };
  return await steps.update({ operationId, key }, change, where('status').eq('pending')) !== undefined;
}
