/** What the sweeper looks at, out of the two sparse indexes: no scan, every page bounded. */
import { shards } from './due.ts';
import { operations } from './operations.ts';
import { steps } from './steps.ts';

export interface Overdue { operationIds: string[]; records: { operationId: string; key: string }[] }

/** Operations under way, and records that were due before `before`: the longest overdue first, `limit` a shard. */
export async function listOverdue(before: number, limit: number): Promise<Overdue> {
  const of = Array.from({ length: shards }, (_, shard) => shard);
  const [open, late] = await Promise.all([
    Promise.all(of.map((shard) => operations.queryAll({ index: 'due', key: 'dueShard', value: shard, limit }))),
    Promise.all(of.map((shard) => steps.queryAll({
      index: 'due', key: 'dueShard', value: shard, limit, range: { attribute: 'dueAt', is: '<', value: before },
    }))),
  ]);
  return {
    operationIds: open.flat().map(({ id }) => id),
    records: late.flat().map(({ operationId, key }) => ({ operationId, key })),
  };
}
