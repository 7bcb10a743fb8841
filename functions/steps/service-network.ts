/** The service network and its subnet: ours from end to end, so its addresses follow from the address plan. */
import { addressPool, gatewayAddress } from '../../layers/cluster/addresses.ts';
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { oldest } from '../../layers/lifecycle/oldest.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';

export const serviceNetwork = step({
  name: 'serviceNetwork',
  title: 'Service network',
  async run({ service, cluster, settings }, { serviceProject }: { serviceProject: { projectId: string } }) {
    const project_id = serviceProject.projectId;
    const description = markOf(cluster.id);
    const name = nameOf(cluster.id);
    const cidr = settings.serviceSubnetCidr;
    const network = oldest(await neutron.listNetworks(service, { name, project_id }))
      ?? await neutron.createNetwork(service, { name, description, project_id });
    // No DHCP: machines have their addresses from their configuration drive, and Neutron needs no ports of its own.
    const subnet = oldest(await neutron.listSubnets(service, { network_id: network.id }))
      ?? await neutron.createSubnet(service, {
        name, description, project_id, network_id: network.id, ip_version: 4, cidr, enable_dhcp: false,
        gateway_ip: gatewayAddress(cidr), allocation_pools: [addressPool(cidr)], dns_nameservers: settings.serviceDnsServers,
      });
    return done({ networkId: network.id, subnetId: subnet.id, mtu: network.mtu });
  },
  async undo({ service, cluster, serviceProjectId }) {
    const ours = { name: nameOf(cluster.id), project_id: await serviceProjectId() };
    for (const { id } of await neutron.listNetworks(service, ours)) await neutron.deleteNetwork(service, id);
    return gone;
  },
});

export const handler = stepFunction(serviceNetwork);
