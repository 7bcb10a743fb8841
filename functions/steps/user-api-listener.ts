/** Port 6443 of the load balancer on the user's network. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { ports } from '../../layers/kubernetes/spec.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureListener } from '../../layers/lifecycle/listener.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import type { UserApiLoadBalancer } from './user-api-load-balancer.ts';

export const userApiListener = step({
  name: 'userApiListener',
  title: 'Way to the Kubernetes API from the user\'s network',
  async run(context, needs: { userApiLoadBalancer: UserApiLoadBalancer; serviceNetwork: { subnetId: string } }) {
    const { cluster, settings } = context;
    const { id } = needs.userApiLoadBalancer;
    if (!id) return done({});
    return ensureListener(context, {
      loadBalancerId: id, name: nameOf(cluster.id, 'user-kubernetes'), tags: [markOf(cluster.id)], port: ports.user.api,
      members: mastersOf(cluster, settings), memberSubnetId: needs.serviceNetwork.subnetId, allowedCidrs: [],
    });
  },
  // It goes with its load balancer.
  undo: async () => gone,
});

export const handler = stepFunction(userApiListener);
