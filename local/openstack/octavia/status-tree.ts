/** The states of a load balancer and all its parts, as `/status` gives them. */
import type { Core } from '../core.ts';
import type { BalancerPartRow, ListenerRow, LoadBalancerRow, PoolRow } from './rows.ts';
import type { Attributes } from '../service.ts';

export function statusTree(core: Core, balancer: LoadBalancerRow): Attributes {
  const listeners = core.state.table('listeners').list(({ loadbalancer_id }) => loadbalancer_id === balancer.id);
  return {
    statuses: {
      loadbalancer: { ...states(balancer), listeners: listeners.map((listener) => listenerNode(core, listener)) },
    },
  };
}

function listenerNode(core: Core, listener: ListenerRow): Attributes {
  const pool = core.state.table('pools').get(listener.default_pool_id);
  return { ...states(listener), pools: pool ? [poolNode(core, pool)] : [] };
}

function poolNode(core: Core, pool: PoolRow): Attributes {
  const monitor = core.state.table('healthMonitors').find(({ pool_id }) => pool_id === pool.id);
  const members = core.state.table('members').list(({ pool_id }) => pool_id === pool.id);
  return {
    ...states(pool), ...(monitor && { health_monitor: { ...states(monitor), type: monitor.type } }),
    members: members.map((member) => ({
      ...states(member), address: member.address, protocol_port: member.protocol_port,
    })),
  };
}

function states({ id, name, operating_status, provisioning_status }: BalancerPartRow): Attributes {
  return { id, name, operating_status, provisioning_status };
}
