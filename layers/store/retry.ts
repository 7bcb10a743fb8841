/** A held operation goes on from where it stopped: what is done stays done, what failed gets its attempts again. */
import type { Operation } from '../engine/ports.ts';
import { clusters, getCluster } from './clusters.ts';
import { due } from './due.ts';
import { operations } from './operations.ts';
import { listRecords, steps } from './steps.ts';
import { isRevision, transact, where } from './table.ts';

/** held → going; records that failed are pending again. `false`: it is not held. */
export async function retry(id: string, now: number): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const row = await operations.get({ id });
    if (row?.status !== 'held') return false;
    const [cluster, failed] = await Promise.all([getCluster(row.clusterId), failedOf(row)]);
    const open = cluster?.operations[id];
    const parts = [
      operations.updating({ id }, { status: 'going', failure: undefined, revision: row.revision + 1, ...due(id, now) }, isRevision(row.revision)),
      ...failed.map(({ operationId, key, fence }) => steps.updating({ operationId, key },
        { status: 'pending', attempt: 0, failure: undefined, reason: undefined, waitingSince: undefined }, where('fence').eq(fence))),
    ];
    if (cluster && open) {
      const { failure: _past, ...rest } = open;
      const going = { ...cluster.operations, [id]: { ...rest, state: 'going' as const } };
      parts.push(clusters.updating({ id: cluster.id }, { operations: going, revision: cluster.revision + 1 }, isRevision(cluster.revision)));
    }
    if (await transact(parts)) return true;
  }
  return false;
}

const failedOf = async ({ id }: Operation) => (await listRecords(id)).filter(({ status }) => status === 'failed');
