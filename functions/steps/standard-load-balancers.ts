/** What the cluster made in the user's project for Services: load balancers, with their addresses. Made by the cluster. */
import { standardLoadBalancerPrefix } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { removeAll } from '../../layers/lifecycle/load-balancer.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';

export const standardLoadBalancers = step({
  name: 'standardLoadBalancers',
  title: 'Standard load balancers and their addresses',
  run: async () => done({}),
  // Addresses first, while their load balancer's port still tells whose they are; the description tells it afterwards.
  async undo({ service, cluster }) {
    const project_id = cluster.projectId;
    const prefix = standardLoadBalancerPrefix(cluster.id);
    const [all, floating] = await Promise.all([octavia.listLoadBalancers(service, { project_id }), neutron.listFloatingIps(service, { project_id })]);
    const ours = all.filter(({ name }) => name.startsWith(prefix));
    const vips = new Set(ours.map(({ vip_port_id }) => vip_port_id));
    const addresses = floating.filter(({ port_id, description }) => isOfCluster(description, cluster.id) && (port_id === null || vips.has(port_id)));
    await Promise.all(addresses.map(({ id }) => neutron.deleteFloatingIp(service, id)));
    const outcome = await removeAll(service, ours);
    return outcome.kind === 'wait' ? outcome : gone;
  },
});

/** As the OpenStack cloud controller describes the addresses that it takes itself; a user's own address stays. */
const isOfCluster = (description: string, clusterId: string): boolean =>
  description.startsWith('Floating IP for Kubernetes external service') && description.endsWith(`from cluster ${clusterId}`);

export const handler = stepFunction(standardLoadBalancers);
