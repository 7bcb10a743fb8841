/** The floating address of the Kubernetes API, taken before anything else: certificates must name it. */
import { markOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { externalNetworkId } from '../../layers/lifecycle/external-network.ts';
import { oldest } from '../../layers/lifecycle/oldest.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';

/** Floating addresses have no name; their description is set in the create call and can be asked for. */
const descriptionOf = (clusterId: string): string => markOf(clusterId, 'api');

export const apiAddress = step({
  name: 'apiAddress',
  title: 'Address of the Kubernetes API',
  async run(context, { serviceProject }: { serviceProject: { projectId: string } }) {
    const { service, cluster } = context;
    const description = descriptionOf(cluster.id);
    const project_id = serviceProject.projectId;
    const floating = oldest(await neutron.listFloatingIps(service, { description, project_id }))
      ?? await neutron.createFloatingIp(service, {
        floating_network_id: await externalNetworkId(context), project_id, description,
        // One that was lost is taken again: certificates and kubeconfigs name it.
        ...(cluster.addresses.external && { floating_ip_address: cluster.addresses.external }),
      });
    return done({ floatingIpId: floating.id, address: floating.floating_ip_address });
  },
  async undo({ service, cluster, serviceProjectId }) {
    const ours = { description: descriptionOf(cluster.id), project_id: await serviceProjectId() };
    for (const { id } of await neutron.listFloatingIps(service, ours)) await neutron.deleteFloatingIp(service, id);
    return gone;
  },
});

export const handler = stepFunction(apiAddress);
