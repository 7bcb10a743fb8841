import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explore, type Act, type Course, type Mutants } from './explored.ts';

const acts = fc.array(fc.constantFrom<Act>('wait', 'throw', 'end', 'die'), { maxLength: 3 });
const courses: fc.Arbitrary<Course> = fc.record({
  steps: fc.array(fc.record({ acts, needs: fc.array(fc.boolean(), { maxLength: 3 }), terminal: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  deliveries: fc.array(fc.constantFrom(0, 1, 1, 1, 2), { maxLength: 30 }),
  lags: fc.array(fc.constantFrom(0, 0, 0, 0, 15, 40), { maxLength: 60 }),
  jumps: fc.array(fc.record({ moments: fc.nat(40), ms: fc.constantFrom(1_000, 30_000, 59_000, 125_000, 200_000) }), { maxLength: 6 }),
  isTurned: fc.boolean(),
  retries: fc.constantFrom(0, 0, 1, 2),
});

const explored = (mutants: Mutants = {}) =>
  fc.asyncProperty(fc.scheduler(), courses, async (scheduler, course) => {
    expect(await explore(scheduler, course, mutants)).toEqual([]);
  });

describe('whatever order effects land in', { timeout: 240_000 }, () => {
  test('an operation ends as its records say, one function at a time in each step, and what is done stays done', async () => {
    await fc.assert(explored(), { numRuns: Number(process.env.EXPLORE_RUNS ?? 400) });
  });

  // Each protection is needed: without it some order is found that breaks.
  test.each<[string, Mutants]>([
    ['the lease', { noLease: true }],
    ['the fence', { noFence: true }],
    ['reading the operation again after the claim', { noRereadAfterClaim: true }],
    ['the sweeper', { noSweep: true }],
    ['counting retries', { noRetriesCounted: true }],
  ])('breaks without %s', async (_name, mutants) => {
    expect((await fc.check(explored(mutants), { numRuns: 6_000, seed: 1, endOnFailure: true })).failed).toBe(true);
  });
});
