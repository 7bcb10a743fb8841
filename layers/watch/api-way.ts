/** The way to the Kubernetes API: floating address, load balancer, listeners and their members. */
import type { Cluster } from '../cluster/cluster.ts';
import { markOf, nameOf } from '../cluster/names.ts';
import * as neutron from '../openstack/neutron.ts';
import * as octavia from '../openstack/octavia.ts';
import type { Session } from '../openstack/session.ts';
import type { Lost } from './findings.ts';

/** Each listener's name, and its pool's. */
const nouns = ['system', 'kubernetes', 'tunnel'];

export async function lookAtApiWay(service: Session, cluster: Cluster): Promise<Lost[]> {
  const project_id = cluster.serviceProjectId!;
  const [floating, [loadBalancer]] = await Promise.all([
    neutron.listFloatingIps(service, { description: markOf(cluster.id, 'api'), project_id }),
    octavia.listLoadBalancers(service, { name: nameOf(cluster.id, 'api'), project_id }),
  ]);
  const lost = (reason: string, message: string): Lost => ({ kind: 'lost', reason, message });
  const findings: Lost[] = [];
  if (floating.length === 0) findings.push(lost('AddressGone', `The address ${cluster.addresses.external} of the Kubernetes API is gone.`));
  else if (floating.every(({ port_id }) => port_id === null)) findings.push(lost('AddressLoose', `The address ${cluster.addresses.external} of the Kubernetes API leads nowhere.`));
  if (!loadBalancer || loadBalancer.provisioning_status === 'ERROR') return [...findings, lost('LoadBalancerGone', 'The load balancer of the Kubernetes API is gone or in ERROR.')];
  const tree = await octavia.getLoadBalancerStatus(service, loadBalancer.id);
  for (const noun of nouns) {
    const listener = tree?.listeners.find(({ name }) => name === nameOf(cluster.id, noun));
    const members = listener?.pools.find(({ name }) => name === nameOf(cluster.id, noun))?.members ?? [];
    if (!listener) findings.push(lost('ListenerGone', `The listener "${noun}" of the Kubernetes API's load balancer is gone.`));
    else if (members.length < cluster.masters.count) findings.push(lost('MemberGone', `The listener "${noun}" of the Kubernetes API's load balancer has ${members.length} of ${cluster.masters.count} members.`));
  }
  return findings;
}
