/** An operation that cannot go on by itself: held with its cause, for the user to retry or delete. */
import type { Failure } from '../engine/failure.ts';
import type { Operation } from '../engine/ports.ts';
import { clusters, getCluster } from './clusters.ts';
import { notDue } from './due.ts';
import { operations } from './operations.ts';
import { isRevision, transact, where } from './table.ts';

/**
 * going → held, and the cluster says ERROR, in one write. `false`: it was turned round, ended or retried since it was read:
 * a retry has taken away what it was to be held for.
 */
export async function hold({ id, clusterId, retries }: Operation, failure: Failure): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const [row, cluster] = await Promise.all([operations.get({ id }), getCluster(clusterId)]);
    if (row?.status !== 'going' || row.retries !== retries) return false;
    const going = isRevision(row.revision).and().where('status').eq('going');
    const parts = [operations.updating({ id }, { status: 'held', failure, revision: row.revision + 1, ...notDue }, going)];
    const open = cluster?.operations[id];
    if (cluster && open) {
      const held = { ...cluster.operations, [id]: { ...open, state: 'held' as const, failure } };
      parts.push(clusters.updating({ id: clusterId }, { operations: held, revision: cluster.revision + 1 }, where('revision').eq(cluster.revision)));
    }
    if (await transact(parts)) return true;
  }
  return false;
}
