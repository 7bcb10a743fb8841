/** Magnum's clusters, with what Moorage knows of them and Magnum does not: whether they are stopped. */
import { powerOf, powersOf, type Power } from '../http/power.ts';
import { Reply, type MagnumRequest } from './api.ts';

type Shown = Record<string, unknown>;

/** Magnum's answer about one cluster, with its power. */
export async function withPower({ caller }: MagnumRequest, reply: Reply): Promise<Reply> {
  if (reply.status !== 200) return reply;
  const cluster = JSON.parse(reply.body) as Shown;
  const power = typeof cluster.uuid === 'string' && await powerOf(caller.projectId, cluster.uuid);
  return power ? new Reply(200, JSON.stringify(shownWith(cluster, power)), reply.headers) : reply;
}

/** A list's part of Magnum, each with its power. */
export async function withPowers<Item extends { uuid: string }>({ caller }: MagnumRequest, items: readonly Item[]): Promise<Item[]> {
  if (items.length === 0) return [];
  const powers = await powersOf(caller.projectId);
  return items.map((item) => { const power = powers.get(item.uuid); return power ? shownWith(item, power) : item; });
}

/** Whoever sees reasons sees this one. */
function shownWith<Item extends object>(cluster: Item, { status, reason }: Power): Item {
  if ('status' in cluster && String(cluster.status).startsWith('DELETE')) return cluster;
  return { ...cluster, status, ...('status_reason' in cluster && { status_reason: reason }) };
}
