/** The router between the service network and the outside: carries the API's floating address and the masters' way out. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { externalNetworkId } from '../../layers/lifecycle/external-network.ts';
import { oldest } from '../../layers/lifecycle/oldest.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';

export const serviceRouter = step({
  name: 'serviceRouter',
  title: 'Router of the service network',
  async run(context, needs: { serviceProject: { projectId: string }; serviceNetwork: { subnetId: string } }) {
    const { service, cluster } = context;
    const project_id = needs.serviceProject.projectId;
    const gateway = async () => ({ external_gateway_info: { network_id: await externalNetworkId(context) } });
    const router = oldest(await neutron.listRouters(service, { name: nameOf(cluster.id), project_id }))
      ?? await neutron.createRouter(service, {
        name: nameOf(cluster.id), description: markOf(cluster.id), project_id, ...await gateway(),
      });
    // A create that failed half way leaves a router without one (seen where Neutron was overloaded).
    if (!router.external_gateway_info) await neutron.updateRouter(service, router.id, await gateway());
    const interfaces = await neutron.listPorts(service, { device_id: router.id, device_owner: 'network:router_interface' });
    if (interfaces.length === 0) await neutron.addRouterInterface(service, router.id, { subnet_id: needs.serviceNetwork.subnetId });
    return done({ routerId: router.id });
  },
  async undo({ service, cluster, serviceProjectId }) {
    const ours = { name: nameOf(cluster.id), project_id: await serviceProjectId() };
    for (const { id } of await neutron.listRouters(service, ours)) {
      const interfaces = await neutron.listPorts(service, { device_id: id, device_owner: 'network:router_interface' });
      for (const port of interfaces) await neutron.removeRouterInterface(service, id, { port_id: port.id });
      await neutron.deleteRouter(service, id);
    }
    return gone;
  },
});

export const handler = stepFunction(serviceRouter);
