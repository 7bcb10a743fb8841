/** How many requests of a project there were in a minute. Rows go by themselves soon after. */
import { Table } from './table.ts';

interface RequestsRow { window: string; requests: number; expiresAt: number }

const requests = new Table<RequestsRow>('requests', { window: { type: String, hashKey: true } });

/** Counts one more; how many that makes. `minute` since the epoch. */
export async function countRequest(projectId: string, minute: number): Promise<number> {
  const row = await requests.add({ window: `${projectId}#${minute}` }, { requests: 1 }, { expiresAt: (minute + 10) * 60 });
  return row.requests;
}
