import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pace } from '../../../layers/engine/pace.ts';

/** How long after its end a wait is noticed, looking as pace says. */
function noticedAfter(tookMs: number, expectMs: number | undefined): { lateMs: number; looks: number } {
  let at = 0;
  let looks = 0;
  while (at < tookMs) {
    const ms = pace(at, expectMs);
    at += ms < 1_000 ? ms : Math.ceil(ms / 1_000) * 1_000; // Queues delay by whole seconds.
    looks += 1;
  }
  return { lateMs: at - tookMs, looks };
}

describe('pace', () => {
  test('notices an end within two seconds, or a third of the time by which it is late', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300_000 }), fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined }), (took, expected) => {
      fc.pre(expected === undefined || took >= expected * 0.9);
      return noticedAfter(took, expected).lateMs <= Math.max(2_000, (took - (expected ?? 0)) / 3 + 1_000);
    }));
  });

  test('looks a few times more, not many times more, where a wait takes twenty times as long', () => {
    expect(noticedAfter(2_000, 2_000).looks).toBeLessThanOrEqual(2);
    expect(noticedAfter(40_000, 2_000).looks).toBeLessThanOrEqual(14);
    expect(noticedAfter(160_000, 8_000).looks).toBeLessThanOrEqual(20);
  });

  test('notices half way that what was expected is long past', () => {
    expect(noticedAfter(2_000, 40_000)).toEqual({ lateMs: 18_000, looks: 1 });
  });

  test('looks rarely while nothing can be there yet', () => {
    expect(noticedAfter(63_000, 62_000).looks).toBeLessThan(10);
    expect(noticedAfter(63_000, undefined).looks).toBeLessThan(40);
  });

  test('notices what takes no second within a quarter of one, and learns it look by look', () => {
    expect(noticedAfter(500, undefined)).toEqual({ lateMs: 100, looks: 2 });
    expect(noticedAfter(300, 500)).toEqual({ lateMs: 75, looks: 1 });
    expect(noticedAfter(300, 300)).toEqual({ lateMs: 200, looks: 2 });
    expect(noticedAfter(1_900, 1_200).looks).toBeLessThanOrEqual(5);
  });

  test('is never shorter than a quarter of a second nor longer than ten minutes', () => {
    fc.assert(fc.property(fc.nat(10_000_000), fc.option(fc.nat(10_000_000), { nil: undefined }), (waited, expected) => {
      const next = pace(waited, expected);
      return next >= 250 && next <= 600_000;
    }));
  });
});
