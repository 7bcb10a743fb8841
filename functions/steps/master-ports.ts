/** The masters' ports: their addresses follow from the address plan, so everybody knows them before they exist. */
import { markOf } from '../../layers/cluster/names.ts';
import { done } from '../../layers/engine/step.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensurePorts, removePorts } from '../../layers/lifecycle/owned-ports.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import type { SecurityGroups } from './security-groups.ts';

interface Needs {
  serviceProject: { projectId: string };
  serviceNetwork: { networkId: string; subnetId: string };
  securityGroups: SecurityGroups;
}

export const masterPorts = step({
  name: 'masterPorts',
  title: 'Ports of the masters',
  async run({ service, cluster, settings }, { serviceProject, serviceNetwork, securityGroups }: Needs) {
    const owner = { project_id: serviceProject.projectId, description: markOf(cluster.id, 'masters') };
    const ports = await ensurePorts(service, owner, mastersOf(cluster, settings).map(({ name, address }) => ({
      name, network_id: serviceNetwork.networkId, security_groups: [securityGroups.mastersId],
      fixed_ips: [{ subnet_id: serviceNetwork.subnetId, ip_address: address }],
    })));
    return done({ portIds: Object.fromEntries([...ports].map(([name, { id }]) => [name, id])) });
  },
  async undo({ service, cluster, serviceProjectId }) {
    return removePorts(service, { project_id: await serviceProjectId(), description: markOf(cluster.id, 'masters') });
  },
});

export const handler = stepFunction(masterPorts);
