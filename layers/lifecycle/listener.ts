/**
 * One port of a load balancer with all that is behind it: listener, pool, monitor, members. While Octavia builds one of
 * them the whole load balancer is immutable, so they are made one at a time, the one missing next.
 */
import { Setback } from '../engine/failure.ts';
import { done, wait, waitFor, type Outcome } from '../engine/step.ts';
import * as octavia from '../openstack/octavia.ts';
import { isWaiting, type Context } from './context.ts';
import { isPending } from './pending-load-balancers.ts';

export interface ListenerSpec {
  loadBalancerId: string;
  name: string;
  port: number;
  /** Who may connect; empty: everyone. */
  allowedCidrs: string[];
  members: { name: string; address: string }[];
  /** Where the members are, when that is not the VIP's own subnet. */
  memberSubnetId?: string;
  tags: string[];
}

export async function ensureListener({ service: session, record, now }: Pick<Context, 'service' | 'record' | 'now'>, spec: ListenerSpec): Promise<Outcome<{ listenerId: string }>> {
  if (isWaiting(record) && await isPending(session, 'PENDING_UPDATE', spec.loadBalancerId, record, now())) return wait(`load balancer ${spec.loadBalancerId} is PENDING_UPDATE`);
  const tree = await octavia.getLoadBalancerStatus(session, spec.loadBalancerId);
  if (!tree) throw new Setback(`Load balancer ${spec.loadBalancerId} is gone.`);
  if (tree.provisioning_status === 'ERROR') throw new Setback(`Load balancer ${spec.loadBalancerId} went to ERROR.`);
  if (tree.provisioning_status !== 'ACTIVE') return wait(`load balancer ${spec.loadBalancerId} is ${tree.provisioning_status}`);

  const { name, port, loadBalancerId, tags } = spec;
  const listener = tree.listeners?.find((known) => known.name === name);
  if (!listener) {
    const protocol = { protocol: 'TCP', protocol_port: port } as const;
    await octavia.createListener(session, { name, loadbalancer_id: loadBalancerId, ...protocol, allowed_cidrs: cidrs(spec), tags, ...timeouts });
    return waitFor('listener', `listener on port ${port} is being made`);
  }
  const pool = listener.pools?.find((known) => known.name === name);
  if (!pool) {
    await octavia.createPool(session, { name, listener_id: listener.id, protocol: 'TCP', lb_algorithm: 'LEAST_CONNECTIONS', tags });
    return waitFor('pool', `pool of port ${port} is being made`);
  }
  const known = new Set(pool.members?.map((member) => `${member.address}:${member.protocol_port}`));
  if (spec.members.some(({ address }) => !known.has(`${address}:${port}`)) || known.size !== spec.members.length) {
    const subnet = spec.memberSubnetId ? { subnet_id: spec.memberSubnetId } : {};
    await octavia.replaceMembers(session, pool.id, spec.members.map((member) => ({ ...member, protocol_port: port, ...subnet })));
    return waitFor('members', `members of port ${port} are being set`);
  }
  // Where there is one member only, nothing is gained by knowing that it does not answer.
  if (spec.members.length > 1 && !pool.health_monitor?.id) {
    await octavia.createHealthMonitor(session, { name, pool_id: pool.id, type: 'TCP', delay: 5, timeout: 3, max_retries: 2, max_retries_down: 2, tags });
    return waitFor('monitor', `monitor of port ${port} is being made`);
  }
  return done({ listenerId: listener.id });
}

/** Watches and tunnels stay quiet for long: five minutes before an idle connection is cut. */
const timeouts = { timeout_client_data: 300_000, timeout_member_data: 300_000 };

const cidrs = ({ allowedCidrs }: ListenerSpec): string[] | null => (allowedCidrs.length > 0 ? allowedCidrs : null);
