/** The Kubernetes API's floating address, on the load balancer's VIP: from here on it can be reached. */
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { changeCluster } from '../../layers/store/clusters.ts';
import type { LoadBalancer } from '../../layers/lifecycle/load-balancer.ts';
import type { UserApiPort } from './user-api-port.ts';

interface Needs {
  apiAddress: { floatingIpId: string; address: string };
  apiLoadBalancer: LoadBalancer;
  serviceRouter: { routerId: string };
  userApiPort: UserApiPort;
}

export const apiEndpoint = step({
  name: 'apiEndpoint',
  title: 'Address on the load balancer',
  // Setting it again to what it is changes nothing, so there is no look before.
  async run({ service, cluster, now }, { apiAddress, apiLoadBalancer, userApiPort }: Needs) {
    await neutron.updateFloatingIp(service, apiAddress.floatingIpId, { port_id: apiLoadBalancer.vipPortId });
    const internal = userApiPort.address ?? apiLoadBalancer.vipAddress;
    await changeCluster(cluster.id, () => ({ addresses: { external: apiAddress.address, internal } }), now());
    return done({ address: apiAddress.address });
  },
  // The address goes by itself, before its load balancer.
  undo: async () => gone,
});

export const handler = stepFunction(apiEndpoint);
