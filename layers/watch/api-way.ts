/** The ways to the Kubernetes API: floating address, load balancers, listeners and their members. */
import type { Cluster } from '../cluster/cluster.ts';
import { markOf, nameOf } from '../cluster/names.ts';
import { oldest } from '../lifecycle/oldest.ts';
import * as neutron from '../openstack/neutron.ts';
import * as octavia from '../openstack/octavia.ts';
import type { Session } from '../openstack/session.ts';
import type { Lost } from './findings.ts';

/** By a load balancer's name: its listeners' names, and their pools'. */
const listeners = { 'api': ['system', 'kubernetes', 'tunnel'], 'user-api': ['user-kubernetes'] };

export async function lookAtApiWay(service: Session, cluster: Cluster): Promise<Lost[]> {
  const project_id = cluster.serviceProjectId!;
  const [floating, balancers] = await Promise.all([
    neutron.listFloatingIps(service, { description: markOf(cluster.id, 'api'), project_id }), octavia.listLoadBalancers(service, { project_id }),
  ]);
  const findings: Lost[] = [];
  if (floating.length === 0) findings.push(lost('AddressGone', `The address ${cluster.addresses.external} of the Kubernetes API is gone.`));
  else if (floating.every(({ port_id }) => port_id === null)) findings.push(lost('AddressLoose', `The address ${cluster.addresses.external} of the Kubernetes API leads nowhere.`));
  const wanted: (keyof typeof listeners)[] = cluster.api.subnetId ? ['api', 'user-api'] : ['api'];
  return [...findings, ...(await Promise.all(wanted.map((noun) => lookAtBalancer(service, cluster, noun, balancers)))).flat()];
}

async function lookAtBalancer(service: Session, cluster: Cluster, noun: keyof typeof listeners, balancers: readonly octavia.LoadBalancer[]): Promise<Lost[]> {
  const what = noun === 'api' ? 'load balancer of the Kubernetes API' : 'load balancer of the Kubernetes API on the user\'s network';
  const balancer = oldest(balancers.filter(({ name }) => name === nameOf(cluster.id, noun)));
  if (!balancer || balancer.provisioning_status === 'ERROR') return [lost('LoadBalancerGone', `The ${what} is gone or in ERROR.`)];
  const tree = await octavia.getLoadBalancerStatus(service, balancer.id);
  return listeners[noun].flatMap((part) => {
    const listener = tree?.listeners.find(({ name }) => name === nameOf(cluster.id, part));
    const members = listener?.pools.find(({ name }) => name === nameOf(cluster.id, part))?.members ?? [];
    if (!listener) return [lost('ListenerGone', `The listener "${part}" of the ${what} is gone.`)];
    if (members.length >= cluster.masters.count) return [];
    return [lost('MemberGone', `The listener "${part}" of the ${what} has ${members.length} of ${cluster.masters.count} members.`)];
  });
}

const lost = (reason: string, message: string): Lost => ({ kind: 'lost', reason, message });
