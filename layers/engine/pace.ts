const secondMs = 1_000;

/**
 * How long until a waiting step is looked at again, in milliseconds. Near the expected end every second or two, before it once; what
 * takes less is looked at twice in that time. What takes longer than expected is looked at ever more rarely: it is
 * noticed within two seconds or a third of the time by which it is late. Where everybody waits longer because there are many, the
 * cloud is not asked more for it.
 */
export function pace(waitedMs: number, expectMs: number | undefined): number {
  // The first of its kind on a cloud: soon at first, and not as rarely later as where something is late.
  if (expectMs === undefined) return waitedMs < secondMs ? 300 : waitedMs < 2 * secondMs ? 500 : late((waitedMs - 6 * secondMs) / 2, secondMs);
  const early = soonest(waitedMs, expectMs) - waitedMs;
  if (early > secondMs) return Math.min(Math.floor(early / secondMs) * secondMs, 600_000);
  const closeMs = expectMs > 30_000 ? 2 * secondMs : Math.min(Math.max(expectMs / 2, secondMs / 4), secondMs);
  return Math.max(early, late(waitedMs - expectMs, closeMs));
}

/** Once half way: what was learnt while the cloud was slow would otherwise be believed for long. What is short shrinks look by look. */
function soonest(waitedMs: number, expectMs: number): number {
  if (expectMs <= secondMs) return expectMs * 0.75;
  return expectMs * (waitedMs < expectMs * 0.45 ? 0.5 : 0.9);
}

const late = (lateMs: number, closeMs: number): number => Math.min(Math.max(closeMs, lateMs / 3), 30_000);
