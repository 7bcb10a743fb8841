import { expect, test } from 'vitest';
import { advance } from '../../../layers/engine/advance.ts';
import { at, flow } from '../../../layers/engine/flow.ts';
import type { Ports } from '../../../layers/engine/ports.ts';
import { done, stepsOf, wait, waitFor } from '../../../layers/engine/step.ts';
import { work } from '../../../layers/engine/work.ts';
import { asStore, newOperation, newTables, syncStore } from './memory-store.ts';

const policy = { timeoutMs: 3_600_000, attempts: 30, backoffMs: 1_000, weight: 1 };

/** The pauses after each error of a step that always fails so, until its operation is held. */
async function pausesAfter(cost: number): Promise<number[]> {
  let now = 0;
  const tables = newTables();
  const pauses: number[] = [];
  const ports: Ports = {
    store: asStore(syncStore(tables)), clock: { now: () => now, pause: async (ms) => { now += ms; } }, random: () => 1, leaseMs: 60_000,
    queue: { send: async ({ key }, _to, delayMs = 0) => { if (key && delayMs > 0) pauses.push(delayMs); } },
    durations: { expect: async () => undefined, observe: async () => undefined }, journal: { tell: async () => undefined },
    judge: () => ({ terminal: false, cost, failure: { code: 'refused', cause: 'no', action: '' } }),
  };
  const failing = stepsOf<object>()({ name: 'failing', title: 'failing', run: async () => { throw new Error('no'); }, undo: async () => { throw new Error('no'); } });
  const flowOf = () => flow('f', 'F', [at(failing, [], policy)]);
  tables.operations.set('op', newOperation('op', 'f'));
  await advance(ports, flowOf, { operationId: 'op' });
  for (let told = -1; told < pauses.length;) {
    told = pauses.length;
    await work(ports, failing, async () => ({}), { operationId: 'op', key: 'failing' });
    now += pauses.at(-1) ?? 0;
  }
  await advance(ports, flowOf, { operationId: 'op' });
  expect(tables.operations.get('op')).toMatchObject({ status: 'held', failure: { code: 'refused' } });
  return pauses;
}

test('pauses double with each error, up to a minute', async () => {
  expect((await pausesAfter(1)).slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(await pausesAfter(1)).toHaveLength(29);
});

test('an error that weighs more ends the step sooner, with the same pauses', async () => {
  expect(await pausesAfter(10)).toEqual([1_000, 2_000]);
  expect(await pausesAfter(15)).toEqual([1_000]);
});

test('a step whose function never comes to its end is held at its time, and not tried for ever', async () => {
  let now = 0;
  let runs = 0;
  const tables = newTables();
  const ports: Ports = {
    store: asStore(syncStore(tables)), clock: { now: () => now, pause: async (ms) => { now += ms; } }, random: () => 1, leaseMs: 360_000,
    queue: { send: async () => undefined }, durations: { expect: async () => undefined, observe: async () => undefined },
    journal: { tell: async () => undefined }, judge: () => { throw new Error('nothing is thrown'); },
  };
  const dying = stepsOf<object>()({ name: 'dying', title: 'dying', run: () => { runs += 1; return new Promise<never>(() => undefined); }, undo: () => new Promise<never>(() => undefined) });
  const flowOf = () => flow('f', 'F', [at(dying, [], policy)]);
  tables.operations.set('op', newOperation('op', 'f'));
  await advance(ports, flowOf, { operationId: 'op' });
  const record = () => tables.records.get('op')!.get('dying')!;
  for (let sweeps = 0; sweeps < 200 && record().status !== 'failed'; sweeps++, now += 60_000) {
    void work(ports, dying, async () => ({}), { operationId: 'op', key: 'dying' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await advance(ports, flowOf, { operationId: 'op' });
  expect(tables.operations.get('op')).toMatchObject({ status: 'held', failure: { code: 'timed_out', cause: expect.stringContaining('no run of its function came to an end') as string, step: 'dying' } });
  expect(now).toBeLessThanOrEqual(policy.timeoutMs + 3 * ports.leaseMs);
  expect(runs).toBeLessThanOrEqual(Math.ceil((policy.timeoutMs + 2 * ports.leaseMs) / ports.leaseMs));
});

test('a wait is looked at for the last time at its deadline', async () => {
  const tables = newTables();
  const ports: Ports = {
    store: asStore(syncStore(tables)), clock: { now: () => policy.timeoutMs - 5_000, pause: async () => {} }, random: () => 1, leaseMs: 360_000,
    queue: { send: async () => undefined }, durations: { expect: async () => 86_400_000, observe: async () => undefined },
    journal: { tell: async () => undefined }, judge: () => { throw new Error('nothing is thrown'); },
  };
  const slow = stepsOf<object>()({ name: 'slow', title: 'slow', run: async () => wait('not yet'), undo: async () => wait('not yet') });
  tables.operations.set('op', newOperation('op', 'f'));
  await advance({ ...ports, clock: { ...ports.clock, now: () => 0 } }, () => flow('f', 'F', [at(slow, [], policy)]), { operationId: 'op' });
  await work(ports, slow, async () => ({}), { operationId: 'op', key: 'slow' });
  expect(tables.records.get('op')!.get('slow')).toMatchObject({ status: 'waiting', notBefore: policy.timeoutMs + 1 });
});

/** What a step that waits `tookMs` costs: its runs, the messages to its queue, what was learnt, and when it was done. */
async function waited(tookMs: number, expectMs?: number, { turnAt = Infinity, first = waitFor('part', 'a part is being made') } = {}): Promise<{ runs: number; messages: number[]; learnt: number[]; doneAt?: number; status: string }> {
  let now = 0;
  let runs = 0;
  const tables = newTables();
  const messages: number[] = [];
  const learnt: number[] = [];
  const ports: Ports = {
    store: asStore(syncStore(tables)), random: () => 1, leaseMs: 360_000,
    clock: { now: () => now, pause: async (ms) => { now += ms; if (now >= turnAt) tables.operations.get('op')!.status = 'turning'; } },
    queue: { send: async ({ key }, _to, delayMs = 0) => { if (key && delayMs > 0) messages.push(delayMs); } },
    durations: { expect: async () => expectMs, observe: async (_step, ms) => { learnt.push(ms); } },
    journal: { tell: async () => undefined }, judge: () => { throw new Error('nothing is thrown'); },
  };
  const run = async () => { runs += 1; return now >= tookMs ? done({}) : runs === 1 ? first : wait('not yet'); };
  const slow = stepsOf<object>()({ name: 'slow', title: 'slow', run, undo: run });
  tables.operations.set('op', newOperation('op', 'f'));
  await advance(ports, () => flow('f', 'F', [at(slow, [], policy)]), { operationId: 'op' });
  const record = () => tables.records.get('op')!.get('slow')!;
  for (let told = -1; told < messages.length;) {
    told = messages.length;
    await work(ports, slow, async () => ({}), { operationId: 'op', key: 'slow' });
    now = Math.max(now, record().notBefore);
  }
  const { status, doneAt } = record();
  return { runs, messages, learnt, status, ...(doneAt !== undefined && { doneAt }) };
}

test('what is over within a second is waited for in one run of the function, and its true length learnt', async () => {
  expect(await waited(700)).toEqual({ runs: 4, messages: [], learnt: [900], doneAt: 900, status: 'done' });
  expect(await waited(700, 1_000)).toEqual({ runs: 2, messages: [], learnt: [750], doneAt: 750, status: 'done' });
});

test('what takes longer is left to the queue, with the wait that has begun', async () => {
  const { messages, learnt, doneAt } = await waited(9_000, 8_000);
  expect(messages.every((ms) => ms >= 1_000)).toBe(true);
  expect(learnt).toEqual([doneAt]);
  expect((await waited(60_000)).messages.length).toBeGreaterThan(10);
});

test('what might be made twice by who does not see it yet is not looked at before a second has passed', async () => {
  expect(await waited(200, 300, { first: wait('a thing is being made') })).toEqual({ runs: 2, messages: [1_000], learnt: [1_000], doneAt: 1_000, status: 'done' });
});

test('an operation that is turned round during a pause is left alone after it', async () => {
  expect(await waited(700, 1_000, { turnAt: 100 })).toMatchObject({ runs: 1, status: 'pending' });
});
