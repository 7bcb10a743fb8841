/**
 * A seeded world for the engine: virtual clock, queues that lose, double and delay, functions that die between any two
 * effects, a cloud that errs and loses replies, users who delete in the middle. The same seed gives the same history.
 */
import { createHash } from 'node:crypto';
import { advance } from '../../../layers/engine/advance.ts';
import type { AnyStep, Flow } from '../../../layers/engine/flow.ts';
import { TerminalError } from '../../../layers/engine/failure.ts';
import type { Hint, Ports, Store } from '../../../layers/engine/ports.ts';
import { sweep } from '../../../layers/engine/sweep.ts';
import { work } from '../../../layers/engine/work.ts';
import { newOperation, newTables, syncStore, type Mutation as StoreMutation } from './memory-store.ts';
import { flows, type Cloud, type Context, type Thing } from './toy-lifecycle.ts';

export interface Faults {
  duplicate: number; drop: number; killBefore: number; killAfter: number; cloudError: number; lostReply: number; deletes: number;
}
export const calm: Faults = { duplicate: 0, drop: 0, killBefore: 0, killAfter: 0, cloudError: 0, lostReply: 0, deletes: 0 };
export const harsh: Faults = { duplicate: 0.1, drop: 0.05, killBefore: 0.01, killAfter: 0.01, cloudError: 0.1, lostReply: 0.05, deletes: 0.4 };

export interface Mutation extends StoreMutation { noSweep?: boolean; createWithoutLooking?: boolean; noRereadAfterClaim?: boolean }
export interface Outcome { status: string; problems: string[]; history: string; minutes: number }

const functionTimeoutMs = 60_000;
const leaseMs = 120_000;
const longestMs = 24 * 3_600_000;

class Invocation { dead = false; finished = false }

export async function simulate(seed: number, faults: Faults, mutation: Mutation = {}): Promise<Outcome> {
  let now = 0;
  let order = 0;
  const random = mulberry(seed);
  const chance = (probability: number): boolean => random() < probability;
  const events: { at: number; order: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void): void => void events.push({ at: now + Math.max(0, ms), order: order++, run });
  const history = createHash('sha256');
  const problems = new Set<string>();
  const note = (line: string): void => void history.update(`${now} ${line}\n`);

  const tables = newTables();
  const store = syncStore(tables, mutation);
  const things = new Map<string, Thing>();
  let serial = 0;

  const cloud = {
    list: (prefix: string) => [...things.values()].filter(({ name }) => name.startsWith(prefix)).map((thing) => ({ ...thing })),
    create: (name: string, buildMs: number) => {
      const thing: Thing = { id: `${++serial}`, name, active: buildMs === 0 };
      things.set(thing.id, thing);
      note(`created ${name}`);
      if (buildMs > 0) after(buildMs * (0.5 + random()), () => { thing.active = true; });
      return { ...thing };
    },
    remove: (id: string) => after(random() * 20_000, () => { things.delete(id); note(`gone ${id}`); }),
  };

  /** One effect of a function: it may die before or after it, and the cloud may err or lose the reply. */
  const effect = <T>(invocation: Invocation, run: () => T, ofCloud: boolean): Promise<T> => new Promise((resolve, reject) => {
    if (invocation.dead) return;
    if (chance(faults.killBefore)) { invocation.dead = true; return; }
    if (ofCloud && chance(faults.cloudError)) { after(random() * 2_000, () => { if (!invocation.dead) reject(new Error('503')); }); return; }
    after(random() * (ofCloud ? 3_000 : 40), () => {
      const value = run();
      if (chance(faults.killAfter)) invocation.dead = true;
      if (invocation.dead) return;
      if (ofCloud && chance(faults.lostReply)) reject(new Error('socket hang up'));
      else resolve(value);
    });
  });
  const faulty = <T>(invocation: Invocation, calls: object, ofCloud: boolean): T => Object.fromEntries(Object.entries(calls)
    .map(([name, call]) => [name, (...args: unknown[]) => effect(invocation, () => (call as (...a: unknown[]) => unknown)(...args), ofCloud)])) as T;

  const portsOf = (invocation: Invocation): Ports => ({
    store: faulty<Store>(invocation, store, false),
    queue: { send: (hint, to, delayMs = 0) => effect(invocation, () => enqueue(hint, to, Math.ceil(delayMs / 1_000) * 1_000), false) },
    clock: { now: () => now, pause: (ms) => new Promise((resolve) => { after(ms, () => { if (!invocation.dead) resolve(); }); }) }, random, leaseMs,
    durations: { expect: async () => undefined, observe: async () => undefined },
    journal: { tell: async () => undefined },
    judge: (error) => ({ terminal: error instanceof TerminalError, failure: { code: 'x', cause: String(error), action: '' } }),
  });

  const contextOf = (invocation: Invocation): Context => ({
    cloud: faulty<Cloud>(invocation, mutation.createWithoutLooking ? { ...cloud, list: (prefix: string) => (insideRun.has(invocation) ? [] : cloud.list(prefix)) } : cloud, true),
    start: (id, flow, parent) => effect(invocation, () => {
      const known = tables.operations.get(id);
      const of = tables.operations.get(parent.operationId)!;
      if (known) return { ...known };
      if (of.status !== 'going') return undefined;
      const child = newOperation(id, flow, { parent, given: 'create' });
      tables.operations.set(id, child);
      of.children = { ...of.children, [id]: flow === 'createGroup' ? ['network'] : [] };
      enqueue({ operationId: id }, undefined, 0);
      return { ...child };
    }, false),
    turn: (id) => effect(invocation, () => {
      const operation = tables.operations.get(id);
      if (!operation || operation.status === 'succeeded' || operation.status === 'stopped') return false;
      operation.status = 'turning';
      enqueue({ operationId: id }, undefined, 0);
      return true;
    }, false),
    stillOpen: (id) => effect(invocation, () => tables.operations.get(id)!.status === 'turning', false),
  });

  // Watches that no two functions are inside the same step at once.
  const inside = new Map<string, Invocation>();
  const insideRun = new Set<Invocation>();
  const watched = (invocation: Invocation, step: AnyStep, operationId: string): AnyStep => {
    const enter = (phase: 'run' | 'undo') => async (context: unknown, needs: unknown) => {
      const place = `${operationId} ${step.name}`;
      const other = inside.get(place);
      if (other && other !== invocation && !other.dead && !other.finished) problems.add(`two live functions inside ${step.name}`);
      inside.set(place, invocation);
      if (phase === 'run') insideRun.add(invocation);
      if (phase === 'run' && operationId.startsWith('create') && tables.operations.get('delete')?.laidOut && tables.records.get('delete')?.get('changesEnded')?.status === 'done') {
        problems.add(`${step.name} ran forward after the delete had begun`);
      }
      const outcome = await (phase === 'run' ? step.run(context, needs) : step.undo(context));
      if (inside.get(place) === invocation) inside.delete(place);
      return outcome;
    };
    return { ...step, run: enter('run'), undo: (context) => enter('undo')(context, {}) };
  };

  const flowOf = (name: string): Flow => flows.find((flow) => flow.name === name)!;
  const stepOf = (name: string): AnyStep => flows.flatMap(({ nodes }) => nodes).find(({ step }) => step.name === name)!.step;

  function enqueue(hint: Hint, to: string | undefined, delayMs: number): void {
    if (chance(faults.drop)) return;
    deliver(hint, to, delayMs);
    if (chance(faults.duplicate)) deliver(hint, to, delayMs + random() * 30_000);
  }
  const deliver = (hint: Hint, to: string | undefined, delayMs: number): void => after(delayMs + random() * 300, () => invoke((ports, invocation) => (to
    ? work(mutation.noRereadAfterClaim ? { ...ports, store: blind(ports.store) } : ports, watched(invocation, stepOf(to), hint.operationId), async (operation, record) => ({ ...contextOf(invocation), operation, record }), hint as { operationId: string; key: string })
    : advance(ports, flowOf, hint))));
  const blind = (of: Store): Store => ({ ...of, getOperation: async (id) => { const found = await of.getOperation(id); return found && { ...found, status: 'going' }; } });
  function invoke(body: (ports: Ports, invocation: Invocation) => Promise<unknown>): void {
    const invocation = new Invocation();
    const finish = () => { invocation.finished = true; insideRun.delete(invocation); };
    body(portsOf(invocation), invocation).then(finish, (error: Error) => { finish(); problems.add(`a function threw: ${error.message}`); });
    after(functionTimeoutMs, () => { if (!invocation.finished) invocation.dead = true; });
  }
  const sweeping = (): void => { if (!mutation.noSweep) invoke((ports) => sweep(ports, 30_000, 100)); after(60_000, sweeping); };

  const start = (id: string, flow: string): void => { tables.operations.set(id, newOperation(id, flow)); enqueue({ operationId: id }, undefined, 0); };
  start('create', 'create');
  after(60_000, sweeping);
  if (chance(faults.deletes)) after(random() * 300_000, () => { note('user deletes'); start('delete', 'delete'); });

  const wanted = () => tables.operations.get('delete') ?? tables.operations.get('create')!;
  let endAt = Infinity;
  while (events.length > 0 && now < longestMs && now < endAt) {
    let next = 0;
    for (let i = 1; i < events.length; i++) if (events[i]!.at < events[next]!.at || (events[i]!.at === events[next]!.at && events[i]!.order < events[next]!.order)) next = i;
    const [event] = events.splice(next, 1);
    now = event!.at;
    event!.run();
    await new Promise((resolve) => setImmediate(resolve));
    const { status } = wanted();
    const over = status === 'succeeded' || status === 'stopped' || status === 'held';
    // Stragglers land. A delete asked for just after the end goes on from there.
    if (over && endAt === Infinity) endAt = now + 400_000;
    if (!over) endAt = Infinity;
  }

  const { status } = wanted();
  const names = [...things.values()].map(({ name }) => name).toSorted();
  if (status !== 'succeeded') problems.add(`ended as ${status}`);
  if (status === 'succeeded' && wanted().id === 'create' && names.join() !== 'group-0,group-1,lb,network,server-0,server-1,server-2') problems.add(`made ${names.join()}`);
  if (status === 'succeeded' && wanted().id === 'delete' && names.length > 0) problems.add(`left behind ${names.join()}`);
  return { status, problems: [...problems], history: history.digest('hex'), minutes: Math.round(now / 60_000) };
}

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
