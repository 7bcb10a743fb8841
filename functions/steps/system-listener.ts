/** Port 16443 of the service load balancer: the system cluster's API, for the platform alone. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { gone } from '../../layers/engine/step.ts';
import { ports } from '../../layers/kubernetes/spec.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureListener } from '../../layers/lifecycle/listener.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

export const systemListener = step({
  name: 'systemListener',
  title: 'Way to the system cluster',
  async run(context, { apiLoadBalancer }: { apiLoadBalancer: { id: string } }) {
    const { cluster, settings } = context;
    return ensureListener(context, {
      loadBalancerId: apiLoadBalancer.id, name: nameOf(cluster.id, 'system'), tags: [markOf(cluster.id)],
      port: ports.system.api, members: mastersOf(cluster, settings), allowedCidrs: settings.platformCidrs,
    });
  },
  // It goes with its load balancer.
  undo: async () => gone,
});

export const handler = stepFunction(systemListener);
