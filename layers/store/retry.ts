/** A held operation goes on from where it stopped: what is done stays done, what failed gets its attempts again. */
import type { StepRecord } from '../engine/ports.ts';
import { clusters, getCluster } from './clusters.ts';
import { due } from './due.ts';
import { operations } from './operations.ts';
import { listRecords, steps, type StepRow } from './steps.ts';
import { deadlineOf } from './start-operation.ts';
import { isRevision, transact, where, type Change } from './table.ts';

/** held → going; records that failed are pending again, those that wait have their time again. `false`: it is not held. */
export async function retry(id: string, now: number): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const row = await operations.get({ id });
    if (row?.status !== 'held') return false;
    const [cluster, records] = await Promise.all([getCluster(row.clusterId), listRecords(id)]);
    const open = cluster?.operations[id];
    const parts = [
      operations.updating({ id }, { status: 'going', failure: undefined, deadline: deadlineOf(now, row), retries: (row.retries ?? 0) + 1, revision: row.revision + 1, ...due(id, now) }, isRevision(row.revision)),
      ...records.flatMap((record) => {
        const change = changeOf(record, now);
        return change ? [steps.updating({ operationId: id, key: record.key }, change, where('fence').eq(record.fence).and().where('status').eq(record.status))] : [];
      }),
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

/** What still waits must not be out of time because the operation was held meanwhile. */
function changeOf({ status, policy }: StepRecord, now: number): Change<StepRow> | undefined {
  if (status === 'failed') return { status: 'pending', attempt: 0, failure: undefined, reason: undefined, waitingSince: undefined };
  return status === 'ready' || status === 'waiting' ? { deadline: now + policy.timeoutMs } : undefined;
}
