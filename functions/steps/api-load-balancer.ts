/** The service load balancer: on the service network, so that nothing on the user's cuts nodes from their control plane. */
import { apiAddress as vipAddress } from '../../layers/cluster/addresses.ts';
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureLoadBalancer, removeLoadBalancers } from '../../layers/lifecycle/load-balancer.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

export const apiLoadBalancer = step({
  name: 'apiLoadBalancer',
  title: 'Load balancer of the Kubernetes API',
  async run(context, needs: { serviceProject: { projectId: string }; serviceNetwork: { subnetId: string } }) {
    const { cluster, settings } = context;
    return ensureLoadBalancer(context, {
      name: nameOf(cluster.id, 'api'), description: markOf(cluster.id), tags: [markOf(cluster.id)], project_id: needs.serviceProject.projectId,
      vip_subnet_id: needs.serviceNetwork.subnetId, vip_address: vipAddress(settings.serviceSubnetCidr),
    });
  },
  async undo(context) {
    return removeLoadBalancers(context, { name: nameOf(context.cluster.id, 'api'), project_id: await context.serviceProjectId() });
  },
});

export const handler = stepFunction(apiLoadBalancer);
