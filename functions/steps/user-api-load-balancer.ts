/** The second load balancer of the API, with its VIP on the user's network: when asked for, and never nodes' only way. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureLoadBalancer, removeLoadBalancers } from '../../layers/lifecycle/load-balancer.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import type { UserApiPort } from './user-api-port.ts';

/** Nothing, when the user did not ask for it. */
export interface UserApiLoadBalancer { id?: string }

export const userApiLoadBalancer = step({
  name: 'userApiLoadBalancer',
  title: 'Load balancer of the Kubernetes API on the user\'s network',
  async run(context, needs: { serviceProject: { projectId: string }; userApiPort: UserApiPort }) {
    const { cluster } = context;
    const { portId } = needs.userApiPort;
    if (!portId) return done<UserApiLoadBalancer>({});
    const outcome = await ensureLoadBalancer(context, {
      name: nameOf(cluster.id, 'user-api'), description: markOf(cluster.id), tags: [markOf(cluster.id)],
      project_id: needs.serviceProject.projectId, vip_port_id: portId,
    });
    return outcome.kind === 'wait' ? outcome : done<UserApiLoadBalancer>({ id: outcome.output.id });
  },
  async undo(context) {
    const { cluster } = context;
    if (!cluster.api.subnetId) return gone;
    return removeLoadBalancers(context, { name: nameOf(cluster.id, 'user-api'), project_id: await context.serviceProjectId() });
  },
});

export const handler = stepFunction(userApiLoadBalancer);
