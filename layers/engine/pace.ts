const secondMs = 1_000;

/**
 * How long until a waiting step is looked at again, in milliseconds. Near the expected end short steps, before it none;
 * a wait that has ended is noticed within two seconds during its first five minutes, later within a tenth of a minute.
 * Queues delay by whole seconds, so less than one is not asked for.
 */
export function pace(waitedMs: number, expectMs: number | undefined): number {
  const early = expectMs === undefined ? 0 : expectMs * 0.9 - waitedMs;
  if (early > secondMs) return Math.min(Math.floor(early / secondMs) * secondMs, 600_000);
  // Where the end is expected, every second; where nobody knows, soon at first, then every other second.
  if (expectMs === undefined ? waitedMs < 8_000 : waitedMs < expectMs * 1.5 + 10_000) return secondMs;
  return waitedMs < 300_000 ? 2 * secondMs : Math.min(waitedMs / 60, 6 * secondMs);
}
