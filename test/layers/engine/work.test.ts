import { expect, test } from 'vitest';
import { advance } from '../../../layers/engine/advance.ts';
import { at, flow } from '../../../layers/engine/flow.ts';
import type { Ports } from '../../../layers/engine/ports.ts';
import { stepsOf } from '../../../layers/engine/step.ts';
import { work } from '../../../layers/engine/work.ts';
import { asStore, newOperation, newTables, syncStore } from './memory-store.ts';

const policy = { timeoutMs: 3_600_000, attempts: 30, backoffMs: 1_000, weight: 1 };

/** The pauses after each error of a step that always fails so, until its operation is held. */
async function pausesAfter(cost: number): Promise<number[]> {
  let now = 0;
  const tables = newTables();
  const pauses: number[] = [];
  const ports: Ports = {
    store: asStore(syncStore(tables)), clock: { now: () => now }, random: () => 1, leaseMs: 60_000,
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
