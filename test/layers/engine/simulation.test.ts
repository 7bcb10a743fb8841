import { describe, expect, test } from 'vitest';
import { calm, harsh, simulate, type Faults, type Mutation } from './world.ts';

const brokenOf = async (seeds: number, faults: Faults, mutation: Mutation = {}): Promise<string[]> => {
  const broken: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { problems } = await simulate(seed, faults, mutation);
    if (problems.length > 0) broken.push(`seed ${seed}: ${problems.join('; ')}`);
  }
  return broken;
};

describe('the engine', { timeout: 240_000 }, () => {
  test('ends as asked in calm weather', async () => {
    expect(await brokenOf(5, calm)).toEqual([]);
  });

  test('ends as asked under doubled, lost and late messages, kills, cloud errors, lost replies and deletes in between', async () => {
    expect(await brokenOf(150, harsh)).toEqual([]);
  });

  test('repeats a history from its seed', async () => {
    const [one, two, other] = [await simulate(7, harsh), await simulate(7, harsh), await simulate(8, harsh)];
    expect(one.history).toBe(two.history);
    expect(one.history).not.toBe(other.history);
  });

  // Each protection is needed: without it some history breaks.
  test.each<[string, Mutation, number]>([
    ['the lease', { noLease: true }, 40],
    ['the sweeper', { noSweep: true }, 40],
    ['looking before creating', { createWithoutLooking: true }, 40],
    ['reading the operation again after the claim', { noRereadAfterClaim: true }, 300],
  ])('breaks without %s', async (_name, mutation, seeds) => {
    expect((await brokenOf(seeds, { ...harsh, deletes: 0.8 }, mutation)).length).toBeGreaterThan(0);
  });
});
