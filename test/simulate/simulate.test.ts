/** `npm run simulate -- --seeds N` tries more of them, `--seed N` shows one. */
import { beforeAll, expect, test } from 'vitest';
import { inAllWorlds } from './many.ts';
import { arrived, prepare, type Portable } from './prepared.ts';
import { simulate } from './simulate.ts';

let prepared: Portable;
beforeAll(async () => { prepared = await prepare(); });

test('the same seed gives the same history', async () => {
  const [first, again] = [await simulate(arrived(prepared), 3), await simulate(arrived(prepared), 3)];
  expect(first.history.length).toBeGreaterThan(1_000);
  expect(again.fingerprint).toBe(first.fingerprint);
});

test('whatever goes wrong, everything ends, once, and leaves nothing: 200 seeds', async () => {
  const broken: string[] = [];
  let deaths = 0;
  const tasks = Array.from({ length: 200 }, (_, index) => ({ kind: 'seed' as const, seed: index + 1 }));
  await inAllWorlds(prepared, tasks, ({ verdict }) => {
    deaths += verdict.deaths;
    for (const what of verdict.broken) broken.push(`npm run simulate -- --seed ${verdict.seed}: ${what}`);
  });
  expect(broken).toEqual([]);
  expect(deaths).toBeGreaterThan(200);
}, 1_200_000);
