/** A load balancer of ours: there and ACTIVE, or gone. Shared by the two that serve the Kubernetes API. */
import { Setback } from '../engine/failure.ts';
import { done, gone, wait, type Outcome } from '../engine/step.ts';
import * as octavia from '../openstack/octavia.ts';
import type { Session } from '../openstack/session.ts';
import { isWaiting, type Context } from './context.ts';
import { oldest } from './oldest.ts';
import { isPending } from './pending-load-balancers.ts';

export interface LoadBalancer { id: string; vipPortId: string; vipAddress: string }

/**
 * Octavia answers a create at once and builds for a minute. One that ended in ERROR cannot be repaired by its owner: it
 * is taken away, and the next run makes it anew.
 */
export async function ensureLoadBalancer({ service: session, record, now }: Pick<Context, 'service' | 'record' | 'now'>, wanted: octavia.LoadBalancerCreate & { name: string; project_id: string }): Promise<Outcome<LoadBalancer>> {
  if (isWaiting(record) && await isPending(session, 'PENDING_CREATE', wanted.name, record, now())) return wait(`load balancer ${wanted.name} is PENDING_CREATE`);
  const found = oldest(await octavia.listLoadBalancers(session, { name: wanted.name, project_id: wanted.project_id }));
  const { id, provisioning_status, vip_port_id, vip_address } = found ?? await octavia.createLoadBalancer(session, wanted);
  if (provisioning_status === 'ERROR') {
    await octavia.deleteLoadBalancer(session, id, { cascade: true });
    throw new Setback(`Load balancer ${wanted.name} (${id}) went to ERROR; it has been removed and is being made anew.`);
  }
  if (provisioning_status !== 'ACTIVE') return wait(`load balancer ${wanted.name} is ${provisioning_status}`);
  return done({ id, vipPortId: vip_port_id, vipAddress: vip_address });
}

/**
 * Deletes every load balancer of that name with all its children; waits until Octavia has none left. It is asked for this one
 * alone only when it is no more among those that are on their way out.
 */
export async function removeLoadBalancers({ service: session, record, now }: Pick<Context, 'service' | 'record' | 'now'>, query: { name: string; project_id: string }): Promise<Outcome<undefined>> {
  if (isWaiting(record) && await isPending(session, 'PENDING_DELETE', query.name, record, now())) return wait(`load balancer ${query.name} is being deleted`);
  return removeAll(session, await octavia.listLoadBalancers(session, query));
}

/** As removeLoadBalancers, of those that have just been found. */
export async function removeAll(session: Session, found: readonly octavia.LoadBalancer[]): Promise<Outcome<undefined>> {
  for (const { id, provisioning_status } of found) {
    if (!provisioning_status.startsWith('PENDING')) await octavia.deleteLoadBalancer(session, id, { cascade: true });
  }
  return found.length === 0 ? gone : wait(`${found.length} load balancer${found.length > 1 ? 's are' : ' is'} being deleted`);
}
