/** What is over is kept for a while, for whoever asks what happened; then its rows go by themselves. */
import { operations } from './operations.ts';
import { listRecords, steps } from './steps.ts';
import { transact, where } from './table.ts';

/** Operations that have ended, with their steps. */
const keepEndedSeconds = 90 * 86_400;
/** Of one transaction. */
const most = 90;

/** Epoch seconds. */
export const endedExpiresAt = (now: number): number => Math.floor(now / 1_000) + keepEndedSeconds;

/**
 * The steps of an operation that ends, and of those on which nothing builds after it, are kept for ninety days from now. May be done
 * any number of times. Nothing is promised when others write at the same moment: what is kept too long harms nobody.
 */
export async function letGo(ending: string | undefined, others: readonly string[], now: number): Promise<void> {
  const expiresAt = endedExpiresAt(now);
  const known = where('operationId').exists();
  const records = await Promise.all([...(ending === undefined ? [] : [ending]), ...others].map(listRecords));
  const parts = [
    ...others.map((id) => operations.updating({ id }, { expiresAt }, where('id').exists())),
    ...records.flat().map(({ operationId, key }) => steps.updating({ operationId, key }, { expiresAt }, known)),
  ];
  for (let from = 0; from < parts.length; from += most) await transact(parts.slice(from, from + most));
}
