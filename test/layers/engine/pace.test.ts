import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pace } from '../../../layers/engine/pace.ts';

/** How long after its end a wait is noticed, looking as pace says. */
function noticedAfter(tookMs: number, expectMs: number | undefined): { lateMs: number; looks: number } {
  let at = 0;
  let looks = 0;
  while (at < tookMs) {
    at += Math.ceil(pace(at, expectMs) / 1_000) * 1_000; // Queues delay by whole seconds.
    looks += 1;
  }
  return { lateMs: at - tookMs, looks };
}

describe('pace', () => {
  test('notices a wait of up to five minutes within two seconds, whatever was expected, unless it was much faster', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300_000 }), fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined }), (took, expected) => {
      fc.pre(expected === undefined || took >= expected * 0.9);
      return noticedAfter(took, expected).lateMs <= 2_000;
    }));
  });

  test('looks rarely while nothing can be there yet', () => {
    expect(noticedAfter(63_000, 62_000).looks).toBeLessThan(10);
    expect(noticedAfter(63_000, undefined).looks).toBeLessThan(40);
  });

  test('is never shorter than a second nor longer than ten minutes', () => {
    fc.assert(fc.property(fc.nat(10_000_000), fc.option(fc.nat(10_000_000), { nil: undefined }), (waited, expected) => {
      const next = pace(waited, expected);
      return next >= 1_000 && next <= 600_000;
    }));
  });
});
