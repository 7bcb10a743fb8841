/**
 * Which load balancers Octavia is at work on, of all clusters: asked at most once a second by each process, however many steps
 * wait for one. When many clusters are built at once it takes longer for each, and none is asked after more often.
 */
import type { StepRecord } from '../engine/ports.ts';
import * as octavia from '../openstack/octavia.ts';
import type { Session } from '../openstack/session.ts';

export type Pending = 'PENDING_CREATE' | 'PENDING_UPDATE' | 'PENDING_DELETE';

const freshMs = 1_000;
/** Who has waited for a short time only wants to know what is so now: an answer may be old by this part of that time. */
const freshPart = 1 / 4;
const looks = new Map<Pending, { at: number; pending: Promise<Set<string>> }>();

/**
 * Whether it was so a moment ago, of the load balancer with that id or name, which the step of `record` waits for. `session`: of an
 * administrator of load balancers, who sees those of all projects.
 */
export async function isPending(session: Session, status: Pending, which: string, { waitingSince }: StepRecord, now: number): Promise<boolean> {
  const known = looks.get(status);
  if (known && now - known.at < Math.min(freshMs, (now - (waitingSince ?? now)) * freshPart)) return (await known.pending).has(which);
  const pending = octavia.listLoadBalancers(session, { provisioning_status: status }).then((found) => new Set(found.flatMap(({ id, name }) => [id, name])));
  looks.set(status, { at: now, pending });
  // What could not be asked is asked again by the next.
  pending.catch(() => looks.delete(status));
  return (await pending).has(which);
}
