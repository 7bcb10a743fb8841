/** A page of what has been done to a cluster, without what an operation's own steps have started. */
import type { Operation } from '../engine/ports.ts';
import { operations } from './operations.ts';

/** The newest first; `from` is the last of the page before. */
export async function pageOperations(clusterId: string, limit: number, from?: Operation): Promise<{ operations: Operation[]; more: boolean }> {
  const found: Operation[] = [];
  let key: Record<string, string> | undefined = from && { id: from.id, clusterId, createdAtId: `${new Date(from.createdAt).toISOString()}#${from.id}` };
  for (let pages = 0; pages < 20; pages++) {
    const page = await operations.query({ index: 'byCluster', key: 'clusterId', value: clusterId, limit: limit + 1, descending: true, ...(key && { from: key }) });
    found.push(...page.rows.filter(({ parent }) => !parent));
    if (found.length > limit || !page.next) return { operations: found.slice(0, limit), more: found.length > limit };
    key = page.next;
  }
  return { operations: found, more: true };
}
