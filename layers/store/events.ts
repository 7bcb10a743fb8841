/** What happened to a cluster, in words for its owner; kept for thirty days. */
import { newId } from './ids.ts';
import { Table } from './table.ts';

const keepSeconds = 30 * 86_400;

export interface ClusterEvent {
  clusterId: string;
  id: string;
  /** ISO 8601. */
  at: string;
  /** Normal: for information. Warning: something went wrong, or was put right. */
  level: 'normal' | 'warning';
  /** Stable, in CamelCase, as Kubernetes events have it. */
  reason: string;
  message: string;
  operationId?: string;
  step?: string;
  nodeGroupId?: string;
}

const events = new Table<ClusterEvent & { expiresAt: number }>('events', { clusterId: { type: String, hashKey: true }, id: { type: String, rangeKey: true } });

export async function putEvent(event: Omit<ClusterEvent, 'id' | 'at'>, now: number): Promise<void> {
  const order = now.toString(36).padStart(9, '0');
  await events.put({ ...event, id: `${order}-${newId(now).slice(-6)}`, at: new Date(now).toISOString(), expiresAt: Math.floor(now / 1_000) + keepSeconds });
}

/** Events of a cluster, the newest first; `from` is the id of the last event of the page before. */
export async function listEvents(clusterId: string, limit: number, from?: string): Promise<{ events: ClusterEvent[]; next?: string }> {
  const page = await events.query({ key: 'clusterId', value: clusterId, limit, descending: true, ...(from && { from: { clusterId, id: from } }) });
  return { events: page.rows.map(({ expiresAt: _ttl, ...event }) => event), ...(page.next && { next: String(page.next.id) }) };
}
