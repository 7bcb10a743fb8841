/** Port 6443 of the service load balancer: the user's Kubernetes API, for those on its allow-list and for the nodes. */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone, wait } from '../../layers/engine/step.ts';
import { ports } from '../../layers/kubernetes/spec.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureListener } from '../../layers/lifecycle/listener.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Settings } from '../../layers/platform/settings.ts';

export const apiListener = step({
  name: 'apiListener',
  title: 'Way to the Kubernetes API',
  async run(context, { apiLoadBalancer }: { apiLoadBalancer: { id: string } }) {
    const { service, cluster, settings } = context;
    const allowedCidrs = allowed(cluster, settings);
    const outcome = await ensureListener(context, {
      loadBalancerId: apiLoadBalancer.id, name: nameOf(cluster.id, 'kubernetes'), tags: [markOf(cluster.id)],
      port: ports.user.api, members: mastersOf(cluster, settings), allowedCidrs,
    });
    if (outcome.kind === 'wait') return outcome;
    // The allow-list may be edited for as long as the cluster lives.
    const { listenerId } = outcome.output;
    const listener = await octavia.getListener(service, listenerId);
    if (!listener || sameSet(listener.allowed_cidrs ?? [], allowedCidrs)) return done({ listenerId });
    await octavia.updateListener(service, listenerId, { allowed_cidrs: allowedCidrs.length > 0 ? allowedCidrs : null });
    return wait('the allow-list is being set');
  },
  // It goes with its load balancer.
  undo: async () => gone,
});

/** Nodes and platform always; the world, or the user's list, when the API is public. Empty: everyone. */
function allowed({ api }: Cluster, { serviceSubnetCidr, platformCidrs }: Settings): string[] {
  if (api.public && api.allowedCidrs.length === 0) return [];
  return [...new Set([serviceSubnetCidr, ...platformCidrs, ...(api.public ? api.allowedCidrs : [])])];
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item) => b.includes(item));

export const handler = stepFunction(apiListener);
