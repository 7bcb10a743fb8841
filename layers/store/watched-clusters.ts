/** Clusters to be looked at: the sparse index of due work over those that are ready. */
import { due, shards } from './due.ts';
import { clusters } from './clusters.ts';
import { where } from './table.ts';

/** Between two looks at a cluster; a little less is asked for, so that the next run of the watch finds it due. */
export const watchEveryMs = Number(process.env.WATCH_EVERY_MS || 60_000);

/** Ids of clusters that are due, the longest overdue first in each shard, at most `limit`. */
export async function listDueClusters(before: number, limit: number): Promise<string[]> {
  const found = await Promise.all(Array.from({ length: shards }, (_, shard) => clusters.queryAll({
    index: 'due', key: 'dueShard', value: shard, limit, range: { attribute: 'dueAt', is: '<=', value: before },
  })));
  return found.flat().map(({ id }) => id).slice(0, limit);
}

/** Due again after the usual time. `false`: somebody else has just taken it, or it is watched no more. */
export async function watchedAgain(id: string, now: number): Promise<boolean> {
  return await clusters.update({ id }, due(id, now + watchEveryMs * 0.8), where('dueAt').le(now)) !== undefined;
}
