/** The ingress rules of a cluster's security groups, as data, and which of them a group lacks. */
import { withoutWorkers } from '../cluster/addresses.ts';
import { ports } from '../kubernetes/spec.ts';
import type { SecurityGroup, SecurityGroupRuleCreate } from '../openstack/neutron.ts';

export interface Rule { protocol: 'tcp' | 'udp' | 'icmp' | null; from?: number; to?: number; cidr?: string; /** From members of the group itself. */ own?: true }

const kubeletPort = 10_250;
const nodePorts = { from: 30_000, to: 32_767 };
const single = (port: number): { from: number; to: number } => ({ from: port, to: port });

/** Of masters, of the workers' parent ports (none: they only call out), of the nodes on the user's network. */
export function ingressRules({ serviceCidr, userCidr }: { serviceCidr: string; userCidr: string }): [Rule[], Rule[], Rule[]] {
  const { system, user } = ports;
  const masters: Rule[] = [
    // Through the load balancer, whose own ports are on the service network; a worker, and so a pod on it, never goes past it.
    ...[user.api, user.konnectivityAgent, system.api].map((port): Rule => ({ protocol: 'tcp', ...single(port), cidr: withoutWorkers(serviceCidr) })),
    // etcd of both clusters, kubelets and pods of the system cluster, master to master.
    { protocol: 'tcp', from: system.etcdClient, to: system.etcdPeer, own: true },
    { protocol: 'tcp', from: user.etcdClient, to: user.etcdPeer, own: true },
    { protocol: 'tcp', ...single(kubeletPort), own: true },
  ];
  const nodes: Rule[] = [
    // Pod to pod, whatever the network plug-in makes of it.
    { protocol: null, own: true },
    // Load balancers' amphorae on the user's subnet, and the user's own machines there.
    { protocol: 'tcp', ...nodePorts, cidr: userCidr },
    { protocol: 'udp', ...nodePorts, cidr: userCidr },
    { protocol: 'icmp', cidr: userCidr },
  ];
  return [masters, [], nodes];
}

/** Of `rules`, those that the group does not have, as they are to be created. */
export function missingRules(group: SecurityGroup, rules: readonly Rule[]): SecurityGroupRuleCreate[] {
  const has = new Set(group.security_group_rules
    .filter((rule) => rule.direction === 'ingress')
    .map((rule) => JSON.stringify([rule.protocol, rule.port_range_min, rule.port_range_max, rule.remote_ip_prefix, rule.remote_group_id])));
  return rules
    .map(({ protocol, from = null, to = null, cidr = null, own }) => ({
      security_group_id: group.id, project_id: group.project_id, direction: 'ingress' as const, ethertype: 'IPv4' as const, protocol,
      port_range_min: from, port_range_max: to, remote_ip_prefix: cidr, remote_group_id: own ? group.id : null,
    }))
    .filter((rule) => !has.has(JSON.stringify([rule.protocol, rule.port_range_min, rule.port_range_max, rule.remote_ip_prefix, rule.remote_group_id])));
}
