/**
 * One operation whose every effect fast-check's scheduler orders: functions meet in any order, their writes land late, some
 * die, hints are lost and doubled, the clock jumps. What must hold at every moment is noted as a problem where it does not.
 */
import type { Scheduler } from 'fast-check';
import { advance } from '../../../layers/engine/advance.ts';
import { TerminalError } from '../../../layers/engine/failure.ts';
import { flow, type AnyStep, type Node } from '../../../layers/engine/flow.ts';
import type { Hint, Ports, Store } from '../../../layers/engine/ports.ts';
import { done, gone, stepsOf, wait } from '../../../layers/engine/step.ts';
import { sweep } from '../../../layers/engine/sweep.ts';
import { work } from '../../../layers/engine/work.ts';
import { newOperation, newTables, syncStore, type Mutation } from './memory-store.ts';

export type Act = 'wait' | 'throw' | 'end' | 'die';
/** What each run of a step comes to, in turn, then `done`; and which of the steps before it needs. */
export interface Scripted { acts: readonly Act[]; needs: readonly boolean[]; terminal: boolean }
export interface Course {
  steps: readonly Scripted[];
  /** Of the messages sent, in turn, how often each is delivered; once where the list has ended. */
  deliveries: readonly number[];
  /** Of the effects, in turn, how many moments each is late; none where the list has ended. */
  lags: readonly number[];
  /** After so many moments the clock jumps by so many milliseconds, and the sweeper runs. */
  jumps: readonly { moments: number; ms: number }[];
  isTurned: boolean;
  /** How often a user who sees the operation held retries it, at once. */
  retries: number;
}
export interface Mutants extends Mutation { noRereadAfterClaim?: boolean; noSweep?: boolean }

const functionTimeoutMs = 60_000;
const leaseMs = 120_000;
const mostRounds = 80;
const mostMoments = 200;

class Invocation { isKilled = false; isOver = false; startedAt: number; constructor(now: number) { this.startedAt = now; } }

export async function explore(scheduler: Scheduler, course: Course, mutants: Mutants = {}): Promise<string[]> {
  let now = 0;
  let sent = 0;
  let effects = 0;
  const problems = new Set<string>();
  const tables = newTables();
  const inside = new Map<string, Invocation>();
  const isLive = (one: Invocation): boolean => !one.isKilled && !one.isOver && now <= one.startedAt + functionTimeoutMs;
  const never = new Promise<never>(() => undefined);
  const moment = (label: string): Promise<unknown> => scheduler.schedule(Promise.resolve(), label);
  const late = async (moments: number, label: string): Promise<void> => { for (let past = 0; past <= moments; past++) await moment(label); };

  const policy = { timeoutMs: 24 * 3_600_000, attempts: 50, backoffMs: 1_000, weight: 1 };
  const names = course.steps.map((_, index) => `s${index}`);
  const runs = new Map<string, number>();
  const stepOf = (one: Invocation, index: number): AnyStep => stepsOf<object>()({
    name: names[index]!, title: names[index]!, undo: async () => gone,
    run: async () => {
      const name = names[index]!;
      const { acts, needs, terminal } = course.steps[index]!;
      const other = inside.get(name);
      if (other && other !== one && isLive(other)) problems.add(`two live functions inside ${name}`);
      inside.set(name, one);
      if (needs.some((isNeeded, need) => isNeeded && need < index && recordOf(names[need]!)?.status !== 'done')) problems.add(`${name} ran before what it needs`);
      await moment(`${name} at work`);
      if (!isLive(one)) return never;
      if (operation().status === 'stopped') problems.add(`${name} at work after the operation had stopped`);
      const count = runs.get(name) ?? 0;
      runs.set(name, count + 1);
      const act = acts[count] ?? 'end';
      if (act === 'die') { one.isKilled = true; return never; }
      inside.delete(name);
      if (act === 'wait') return wait('not yet');
      if (act === 'throw') throw terminal ? new TerminalError('refused', 'refused', '') : new Error('503');
      return done({ by: count });
    },
  });
  const ofNobody = new Invocation(0);
  const nodes: Node[] = course.steps.map(({ needs }, index) => ({
    key: names[index]!, step: stepOf(ofNobody, index), title: names[index]!, phase: 'run', policy, needs: names.filter((_, need) => need < index && needs[need]),
  }));
  const flowOf = () => flow('f', 'F', nodes);

  const sync = syncStore(tables, mutants);
  const operation = () => tables.operations.get('op')!;
  const recordOf = (key: string) => tables.records.get('op')?.get(key);
  const finished = new Map<string, string>();
  /** What is done stays done, with the output that it was done with; fences only grow; what is held says why. */
  const fences = new Map<string, number>();
  const look = (): void => {
    if (operation().status === 'held' && ![...tables.records.get('op')!.values()].some(({ status }) => status === 'failed')) problems.add('held, and nothing has failed');
    for (const { key, status, output, fence } of tables.records.get('op')?.values() ?? []) {
      if (fence < (fences.get(key) ?? 0)) problems.add(`the fence of ${key} went back`);
      fences.set(key, fence);
      const known = finished.get(key);
      if (known !== undefined && (status !== 'done' || JSON.stringify(output) !== known)) problems.add(`${key} was done and is ${status}`);
      if (status === 'done') finished.set(key, JSON.stringify(output));
    }
  };

  /** An effect lands at any later moment, whether or not who asked for it still lives by then. */
  async function effect<T>(one: Invocation, label: string, run: () => T): Promise<T> {
    if (!isLive(one)) return never;
    await late(course.lags[effects++] ?? 0, label);
    const value = run();
    look();
    return isLive(one) ? value : never;
  }
  const portsOf = (one: Invocation): Ports => ({
    store: Object.fromEntries(Object.entries(sync).map(([name, call]) => [name, (...args: unknown[]) => effect(one, name, () => {
      const answer = (call as (...a: unknown[]) => unknown)(...args);
      return name === 'getOperation' && mutants.noRereadAfterClaim ? { ...answer as object, status: 'going' } : answer;
    })])) as unknown as Store,
    queue: { send: (hint) => effect(one, 'send', () => post(hint)) },
    clock: { now: () => now, pause: async (ms) => { now += ms; } }, random: () => 0.5, leaseMs,
    durations: { expect: async () => undefined, observe: async () => undefined }, journal: { tell: async () => undefined },
    judge: (error) => ({ terminal: error instanceof TerminalError, failure: { code: 'x', cause: String(error), action: '' } }),
  });
  function post(hint: Hint): void {
    const times = course.deliveries[sent] ?? 1;
    sent += 1;
    for (let time = 0; time < times; time++) void moment('delivery').then(() => deliver(hint));
  }
  const deliver = (hint: Hint): void => invoke((ports, one) => (hint.key === undefined
    ? advance({ ...ports, store: { ...ports.store, getOperation: (id) => effect(one, 'getOperation', () => sync.getOperation(id)) } }, flowOf, hint)
    : work(ports, stepOf(one, names.indexOf(hint.key)), async () => ({}), { ...hint, key: hint.key })));
  function invoke(body: (ports: Ports, one: Invocation) => Promise<unknown>): void {
    const one = new Invocation(now);
    body(portsOf(one), one).then(() => { one.isOver = true; }, (error: Error) => { one.isOver = true; problems.add(`a function threw: ${error.message}`); });
  }

  tables.operations.set('op', newOperation('op', 'f'));
  post({ operationId: 'op' });
  const sweeping = (): void => { if (!mutants.noSweep) invoke((ports) => sweep(ports, 30_000, 100)); };
  for (const { moments, ms } of course.jumps) void late(moments, 'jump').then(() => { now += ms; sweeping(); });
  if (course.isTurned) void moment('turn').then(() => { if (sync.turn('op', now)) post({ operationId: 'op' }); });
  const retrying = async (): Promise<void> => {
    for (let past = 0, left = course.retries; past < mostMoments && left > 0; past++) {
      await moment('user');
      if (sync.retry('op', now)) { left -= 1; post({ operationId: 'op' }); }
    }
  };
  void retrying();
  const isAtRest = () => ['succeeded', 'stopped', 'held'].includes(operation().status);
  for (let round = 0; round < mostRounds && (round === 0 || !isAtRest()); round++) {
    await scheduler.waitIdle();
    now += leaseMs + 2_000;
    sweeping();
  }
  await scheduler.waitIdle();
  return [...problems, ...endOf(operation().status, [...tables.records.get('op')?.values() ?? []].map(({ status }) => status))];
}

/** An operation ends, and says what its records say. */
function endOf(status: string, of: readonly string[]): string[] {
  if (status === 'succeeded') return of.every((one) => one === 'done') ? [] : [`succeeded with ${of.join()}`];
  if (status === 'held') return of.includes('failed') ? [] : [`held with ${of.join()}`];
  if (status === 'stopped') return of.includes('running') ? [`stopped with ${of.join()}`] : [];
  return [`never ended: ${status} with ${of.join()}`];
}
