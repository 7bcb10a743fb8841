/** Where the API is reached on the user's own network, when asked for: the port of a second load balancer's VIP. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { oldest } from '../../layers/lifecycle/oldest.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';

/** Nothing, when the user did not ask for it. */
export interface UserApiPort { portId?: string; address?: string }

export const userApiPort = step({
  name: 'userApiPort',
  title: 'Port of the Kubernetes API on the user\'s network',
  async run({ service, cluster }, { serviceProject }: { serviceProject: { projectId: string } }) {
    const { subnetId, networkId } = cluster.api;
    if (!subnetId || !networkId) return done<UserApiPort>({});
    const name = nameOf(cluster.id, 'user-api');
    const project_id = serviceProject.projectId;
    const port = oldest(await neutron.listPorts(service, { name, project_id }))
      ?? await neutron.createPort(service, {
        name, description: markOf(cluster.id), project_id, network_id: networkId,
        fixed_ips: [{ subnet_id: subnetId }], admin_state_up: true,
      });
    return done<UserApiPort>({ portId: port.id, address: port.fixed_ips[0]!.ip_address });
  },
  async undo({ service, cluster, serviceProjectId }) {
    if (!cluster.api.subnetId) return gone;
    const ours = { name: nameOf(cluster.id, 'user-api'), project_id: await serviceProjectId() };
    for (const { id } of await neutron.listPorts(service, ours)) await neutron.deletePort(service, id);
    return gone;
  },
});

export const handler = stepFunction(userApiPort);
