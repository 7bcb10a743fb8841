/** Port 8132 of the service load balancer: konnectivity, by which the control plane reaches nodes and pods. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { gone } from '../../layers/engine/step.ts';
import { ports } from '../../layers/kubernetes/spec.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureListener } from '../../layers/lifecycle/listener.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

export const tunnelListener = step({
  name: 'tunnelListener',
  title: 'Way for the nodes\' tunnels',
  async run(context, { apiLoadBalancer }: { apiLoadBalancer: { id: string } }) {
    const { cluster, settings } = context;
    return ensureListener(context, {
      loadBalancerId: apiLoadBalancer.id, name: nameOf(cluster.id, 'tunnel'), tags: [markOf(cluster.id)],
      port: ports.user.konnectivityAgent, members: mastersOf(cluster, settings), allowedCidrs: [settings.serviceSubnetCidr],
    });
  },
  // It goes with its load balancer.
  undo: async () => gone,
});

export const handler = stepFunction(tunnelListener);
