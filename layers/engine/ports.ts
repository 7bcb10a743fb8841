import type { Failure, Verdict } from './failure.ts';
import type { Phase, Policy } from './flow.ts';

/** pending → ready → running ⇄ waiting → done | failed. */
export type RecordStatus = 'pending' | 'ready' | 'running' | 'waiting' | 'done' | 'failed';

/** One step of one operation. Needs and policy are pinned when the operation is laid out: a deploy changes neither. */
export interface StepRecord {
  operationId: string;
  /** The step's name; with `:undo` where the phase is undo, with another word where a flow has the step several times. */
  key: string;
  step: string;
  phase: Phase;
  title: string;
  position: number;
  needs: readonly string[];
  policy: Policy;
  status: RecordStatus;
  /** Counts claims: only the last claimer may settle. */
  fence: number;
  /** Errors so far, each with its cost. */
  attempt: number;
  /** Epoch milliseconds, each. */
  notBefore: number;
  leaseUntil: number;
  deadline: number;
  startedAt?: number;
  waitingSince?: number;
  /** Which of several waits it is in, where the step has named them. */
  stage?: string;
  doneAt?: number;
  /** How long such a wait took lately; the pace of looking follows it. */
  expectMs?: number;
  /** What it waits for, for the user. */
  reason?: string;
  output?: unknown;
  failure?: Failure;
  /** Until then something may still come to be that a run asked for and got no answer about. Epoch milliseconds. */
  mayLandUntil?: number;
}

/** going → succeeded; going → held → going (retry); going | held → turning → stopped (a delete turned it round). */
export type OperationStatus = 'going' | 'held' | 'turning' | 'succeeded' | 'stopped';

export interface Operation {
  id: string;
  flow: string;
  clusterId: string;
  groupId?: string;
  /** Whose it is: work is done in turns of those who have some. Older operations have none. */
  projectId?: string;
  /** The step record that started this operation and waits for it. */
  parent?: { operationId: string; key: string };
  /** The operation whose outputs this one may need: the one that created the cluster. */
  given?: string;
  /** What it is about beside that, in the application's words; given when it is started. */
  subject?: Readonly<Record<string, string>>;
  /** Operations that steps of this one started, with the outputs of this one that each of them awaits. */
  children: Record<string, readonly string[]>;
  status: OperationStatus;
  /** Whether its records have been written. */
  laidOut: boolean;
  requestedBy: string;
  /** How often it was retried: what was decided before the last time counts no more. */
  retries?: number;
  /** What has not come to its end by then is held. Epoch milliseconds; older operations have none. */
  deadline?: number;
  /** Epoch milliseconds. */
  createdAt: number;
  endedAt?: number;
  failure?: Failure;
}

/** The step of a record, by the record's key: its queue is called so. */
export const stepOf = (key: string): string => key.split(':', 1)[0]!;

/** What a hint at the operation begins with. */
export const hintAt = ({ id, projectId }: Pick<Operation, 'id' | 'projectId'>): Pick<Hint, 'operationId' | 'projectId'> =>
  ({ operationId: id, ...(projectId !== undefined && { projectId }) });

/** A message: "this operation, or this record of it, may have something to do". Losing one costs time, nothing else. */
export interface Hint {
  operationId: string;
  /** Of the operation: a queue that is full goes round by it. */
  projectId?: string;
  key?: string;
  /** The step whose end the hint tells of. */
  done?: string;
  /** What the record waits for has just ended: look now, whatever it had planned. */
  wake?: boolean;
}

export interface RecordChange {
  status: RecordStatus;
  notBefore?: number;
  attempt?: number;
  waitingSince?: number | undefined;
  stage?: string;
  expectMs?: number | undefined;
  doneAt?: number;
  reason?: string | undefined;
  output?: unknown;
  failure?: Failure | undefined;
  mayLandUntil?: number | undefined;
}

/** Clocks of two functions may differ by this much: work is due a little early, and a lease is over only a little late. */
export const skewMs = 1_000;

/** Every write is conditional; `false` or `undefined` means that someone else moved first. Reads are consistent. */
export interface Store {
  getOperation(id: string): Promise<Operation | undefined>;
  listRecords(operationId: string): Promise<StepRecord[]>;
  /** Writes all records and marks the operation laid out, all or nothing. */
  layOut(operation: Operation, records: readonly StepRecord[]): Promise<boolean>;
  /** pending → ready. */
  makeReady(record: StepRecord, at: number, deadline: number): Promise<boolean>;
  /** Takes a record that is due (or waits, when `wake`), or whose lease ran out: running, fence + 1. */
  claim(hint: { operationId: string; key: string; wake?: boolean }, now: number, leaseUntil: number): Promise<StepRecord | undefined>;
  /** Writes the result of a run, if the fence is still ours. */
  settle(record: StepRecord, change: RecordChange): Promise<boolean>;
  /** going → held. */
  hold(operation: Operation, failure: Failure): Promise<boolean>;
  /** going → succeeded, turning → stopped, with everything that depends on it. */
  end(operation: Operation, status: 'succeeded' | 'stopped', now: number): Promise<boolean>;
  /** going or held → turning. Answers whether it still has to end. */
  turn(operationId: string, now: number): Promise<boolean>;
  /** Operations that are going or turning, and records that were due before `before`; at most `limit` of each. */
  listOverdue(before: number, limit: number): Promise<{ operationIds: string[]; records: { operationId: string; key: string }[] }>;
}

export interface Queue {
  /** `to` is a step's name, or nothing for the advance queue. */
  send(hint: Hint, to?: string, delayMs?: number): Promise<void>;
}

export interface Clock { now(): number; pause(ms: number): Promise<void> }

/** How long a wait of a step took lately, in milliseconds. */
export interface Durations {
  expect(step: string): Promise<number | undefined>;
  observe(step: string, tookMs: number): Promise<void>;
}

/** Tells people what happened; may be lost, never wrong. */
export interface Journal { tell(operation: Operation, event: JournalEvent): Promise<void> }
export type JournalEvent =
  | { type: 'operation'; status: OperationStatus; failure?: Failure }
  | { type: 'step'; record: StepRecord; what: 'done' | 'waits' | 'tries-again' | 'failed'; text: string };

export interface Ports {
  store: Store;
  queue: Queue;
  clock: Clock;
  durations: Durations;
  journal: Journal;
  random(): number;
  /** At least the function's timeout plus the longest a create may land late. */
  leaseMs: number;
  /** What an error means, in the application's terms. */
  judge(error: unknown): Verdict;
}
