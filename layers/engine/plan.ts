import type { Failure } from './failure.ts';
import type { Operation, StepRecord } from './ports.ts';

/** What is due: records to make ready, or how the operation ends or is held. */
export interface Plan { ready: StepRecord[]; end?: 'succeeded' | 'stopped'; hold?: Failure }

/**
 * What to do next, from the table alone: no clock, no calls. `given` are records of the operation whose outputs this
 * one may need.
 */
export function plan(operation: Operation, records: readonly StepRecord[], given: readonly StepRecord[]): Plan {
  if (operation.status === 'turning') {
    return records.some((record) => record.status === 'running' || isLanding(record)) ? { ready: [] } : { ready: [], end: 'stopped' };
  }
  const failed = records.find((record) => record.status === 'failed');
  // Nothing new is begun once a step has failed, and what runs ends first. What waits is not waited for: it may wait for
  // an operation that itself waits for the step that failed. It goes on when the operation is retried.
  if (failed) return records.some(({ status }) => status === 'running') ? { ready: [] } : { ready: [], hold: failureOf(failed) };
  if (records.every((record) => record.status === 'done')) return { ready: [], end: 'succeeded' };
  // What the operation does itself counts for itself, even where another one has done the same before.
  const own = new Set(records.map(({ key }) => key));
  const counting = [...given.filter(({ key }) => !own.has(key)), ...records];
  const isDone = new Set(counting.filter((record) => record.status === 'done').map((record) => record.key));
  return { ready: records.filter((record) => record.status === 'pending' && record.needs.every((need) => isDone.has(need))) };
}

/** What a run asked for may still come to be: whoever takes away what is there would miss it. Its next run lets go of it. */
export const isLanding = ({ status, mayLandUntil }: StepRecord): boolean => status === 'waiting' && mayLandUntil !== undefined;

function failureOf(record: StepRecord): Failure {
  const unknown = { code: 'unknown', cause: 'The step failed without a cause.', action: 'Retry the operation.' };
  return { ...(record.failure ?? unknown), step: record.step };
}
