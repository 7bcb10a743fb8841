import { hintAt, type Operation, type Ports, type RecordChange, type StepRecord } from './ports.ts';
import type { AnyStep } from './flow.ts';
import type { Wait } from './step.ts';
import { pace } from './pace.ts';

/** Builds what a step's code sees; called after the claim, so that it reads what holds now. */
export type ContextOf = (operation: Operation, record: StepRecord) => Promise<unknown>;

/**
 * One delivery of "this step may have something to do". Safe to deliver twice, late, early or never: the claim decides,
 * and what it does not find due is dropped, since the sweeper re-sends what is.
 */
export async function work(ports: Ports, step: AnyStep, contextOf: ContextOf, hint: { operationId: string; key: string; wake?: boolean }): Promise<void> {
  const { store, queue, clock } = ports;
  const record = await store.claim(hint, clock.now(), clock.now() + ports.leaseMs);
  if (!record) return;
  const result = await runs(ports, step, contextOf, record);
  if (!result) return letGo(ports, record);
  const { operation, change } = result;
  if (!await store.settle(record, change)) return; // Our lease ran out and someone else took over.
  await tell(ports, operation, record, change);
  if (change.status === 'waiting') await queue.send({ ...hintAt(operation), key: record.key }, record.step, Math.max(0, change.notBefore! - clock.now()));
  else await queue.send({ ...hintAt(operation), done: record.step });
}

/** Queues delay by whole seconds: of a step's stages (`waitFor`), what is due sooner is waited for where one is, for a small part of a function's time. */
const mostPauseMs = 800;
const stayMs = 5_000;

/** Runs the step until the next run is not due soon. Nothing when the operation has been turned round: then it must not run. */
async function runs(ports: Ports, step: AnyStep, contextOf: ContextOf, claimed: StepRecord): Promise<{ operation: Operation; change: RecordChange } | undefined> {
  const { store, clock } = ports;
  const claimedAt = clock.now();
  for (let record = claimed; ;) {
    // Read after the claim, and after each pause.
    const operation = await store.getOperation(claimed.operationId);
    if (operation?.status !== 'going') return undefined;
    const change = isOver(ports, record) ? timedOut(record, record.failure?.cause ?? record.reason ?? 'no run of its function came to an end')
      : await attempt(ports, step, contextOf, operation, record);
    const { waitingSince, stage, expectMs } = record;
    const whole = record === claimed ? change : { waitingSince, expectMs, ...(stage !== undefined && { stage }), ...change };
    const now = clock.now();
    const pauseMs = change.status === 'waiting' && !change.failure && change.stage !== undefined ? change.notBefore! - now : 0;
    if (pauseMs <= 0 || pauseMs > mostPauseMs || now - claimedAt > stayMs) return { operation, change: whole };
    await clock.pause(pauseMs);
    record = { ...record, ...whole } as StepRecord;
  }
}

/**
 * Its last look was due at the deadline. Who comes later by a whole lease follows runs that never came to their end, and
 * would be followed by others for ever.
 */
const isOver = ({ clock, leaseMs }: Ports, { deadline }: StepRecord): boolean => clock.now() > deadline + leaseMs;

const timedOut = ({ deadline }: StepRecord, reason: string): RecordChange => {
  const cause = `Not finished in time, which was until ${new Date(deadline).toISOString().slice(11, 16)} UTC: ${reason}`;
  return { status: 'failed', reason, failure: { code: 'timed_out', cause, action: 'Retry the operation, or delete what it was to make.' } };
};

/** The operation has been turned round: nothing of it runs any more, and it ends once nothing of it can come to be. */
async function letGo({ store, queue, clock }: Ports, record: StepRecord): Promise<void> {
  const { operationId, key, step, mayLandUntil = 0 } = record;
  const leftMs = mayLandUntil - clock.now();
  if (leftMs > 0) {
    await store.settle(record, { status: 'waiting', notBefore: mayLandUntil });
    await queue.send({ operationId, key }, step, leftMs);
  } else {
    await store.settle(record, { status: 'pending', mayLandUntil: undefined });
    await queue.send({ operationId });
  }
}

async function attempt(ports: Ports, step: AnyStep, contextOf: ContextOf, operation: Operation, record: StepRecord): Promise<RecordChange> {
  try {
    const [context, needs] = await Promise.all([contextOf(operation, record), outputsOf(ports, operation, record)]);
    const outcome = await (record.phase === 'run' ? step.run(context, needs) : step.undo(context));
    if (outcome.kind === 'wait') return await waiting(ports, record, outcome);
    const doneAt = ports.clock.now();
    await learn(ports, record, doneAt);
    return { status: 'done', doneAt, reason: undefined, failure: undefined, mayLandUntil: undefined, ...(outcome.output !== undefined && { output: outcome.output }) };
  } catch (error) {
    return retrying(ports, record, error);
  }
}

/** What the step's needs made: of this operation, or of the one that created the cluster. */
async function outputsOf(ports: Ports, operation: Operation, record: StepRecord): Promise<Record<string, unknown>> {
  if (record.phase === 'undo' || record.needs.length === 0) return {};
  const own = await ports.store.listRecords(operation.id);
  const known = new Set(own.map((other) => other.key));
  const foreign = operation.given && record.needs.some((need) => !known.has(need)) ? await ports.store.listRecords(operation.given) : [];
  return Object.fromEntries([...foreign, ...own]
    .filter((other) => record.needs.includes(other.key))
    .map((other) => [other.key, other.output]));
}

/** What a wait that has ended took: the same kind of wait is looked at in time next time. */
async function learn({ durations }: Ports, record: StepRecord, endedAt: number): Promise<void> {
  if (record.waitingSince !== undefined) await durations.observe(waitOf(record), endedAt - record.waitingSince);
}

const waitOf = ({ key, stage }: Pick<StepRecord, 'key' | 'stage'>): string => (stage === undefined ? key : `${key}/${stage}`);

async function waiting(ports: Ports, record: StepRecord, { reason, afterMs, stage = record.stage }: Wait): Promise<RecordChange> {
  const now = ports.clock.now();
  if (now > record.deadline) return onceLanded(now, record.mayLandUntil, timedOut(record, reason));
  const goesOn = record.waitingSince !== undefined && stage === record.stage;
  if (!goesOn) await learn(ports, record, now);
  const waitingSince = goesOn ? record.waitingSince! : now;
  const expectMs = (goesOn ? record.expectMs : undefined) ?? await ports.durations.expect(waitOf({ key: record.key, ...(stage !== undefined && { stage }) }));
  // Lists lag behind: what a run has made may not be shown to one that follows at once, which would make it again.
  const leastMs = stage === undefined ? 1_000 : 0;
  // The last look is at the deadline, not long after it.
  const notBefore = Math.min(now + (afterMs ?? Math.max(leastMs, pace(now - waitingSince, expectMs))), record.deadline + 1);
  return { status: 'waiting', notBefore, waitingSince, reason, expectMs, failure: undefined, ...(stage !== undefined && { stage }) };
}

function retrying(ports: Ports, record: StepRecord, error: unknown): RecordChange {
  const { failure, terminal, retryAfterMs, cost = 1, mayLandMs } = ports.judge(error);
  const { attempts, backoffMs } = record.policy;
  const now = ports.clock.now();
  const attempt = record.attempt + cost;
  const mayLandUntil = mayLandMs === undefined ? record.mayLandUntil : now + mayLandMs;
  const isLanding = mayLandUntil !== undefined && mayLandUntil > now;
  const failed = onceLanded(now, mayLandUntil, { status: 'failed', failure, attempt, reason: failure.cause });
  if (terminal || attempt >= attempts) return failed;
  // An error that weighs more brings the end nearer, but does not lengthen the pauses until then.
  const before = Math.min(Math.floor(record.attempt / Math.max(cost, 1)), 10);
  const backoff = Math.min(backoffMs * 2 ** before, 60_000) * (0.5 + ports.random() / 2);
  const notBefore = now + Math.max(backoff, retryAfterMs ?? 0);
  if (notBefore > record.deadline) return failed;
  return { status: 'waiting', notBefore, attempt, failure, reason: failure.cause, ...(isLanding && { mayLandUntil }) };
}

/** What may still come to be is waited for: a held operation gives way to others, which would not know of it. */
const onceLanded = (now: number, mayLandUntil: number | undefined, failed: RecordChange): RecordChange =>
  (mayLandUntil !== undefined && mayLandUntil > now ? { ...failed, status: 'waiting', notBefore: mayLandUntil, mayLandUntil } : failed);

async function tell({ journal }: Ports, operation: Operation, record: StepRecord, change: RecordChange): Promise<void> {
  const say = (what: 'done' | 'waits' | 'tries-again' | 'failed', text: string) =>
    journal.tell(operation, { type: 'step', record, what, text });
  if (change.status === 'done') await say('done', record.title);
  if (change.status === 'failed') await say('failed', change.failure?.cause ?? '');
  if (change.status === 'waiting' && change.failure) {
    // The same again is not news.
    if (change.failure.cause !== record.failure?.cause) await say('tries-again', change.failure.cause);
  } else if (change.status === 'waiting' && change.reason !== record.reason) await say('waits', change.reason ?? '');
}
