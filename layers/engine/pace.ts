const secondMs = 1_000;

/**
 * How long until a waiting step is looked at again, in milliseconds. Near the expected end every second or two, before it once.
 * What takes longer than expected is looked at ever more rarely: it is noticed within two seconds or a third of the time by
 * which it is late. Where everybody waits longer because there are many, the cloud is not asked more for it. Queues delay by whole
 * seconds, so less than one is not asked for.
 */
export function pace(waitedMs: number, expectMs: number | undefined): number {
  // Once half way: what was learnt while the cloud was slow would otherwise be believed for long.
  const soonest = (expectMs ?? 0) * (waitedMs < (expectMs ?? 0) * 0.45 ? 0.5 : 0.9);
  const early = soonest - waitedMs;
  if (early > secondMs) return Math.min(Math.floor(early / secondMs) * secondMs, 600_000);
  // Where nobody knows, soon at first.
  const lateMs = waitedMs - (expectMs ?? 6_000);
  const closeMs = expectMs !== undefined && expectMs > 30_000 ? 2 * secondMs : secondMs;
  return Math.min(Math.max(closeMs, lateMs / 3), 30_000);
}
