/** The nodes' parent ports, on the service network: their way to the control plane. */
import { done } from '../../layers/engine/step.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { groupMark, leavingNodes, stayingNodes } from '../../layers/lifecycle/group-nodes.ts';
import { ensurePorts, removePorts } from '../../layers/lifecycle/owned-ports.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import type { SecurityGroups } from './security-groups.ts';

interface Needs {
  quotas: object;
  serviceProject: { projectId: string };
  serviceNetwork: { networkId: string; subnetId: string; mtu: number };
  securityGroups: SecurityGroups;
}

/** By the node's name. */
export interface ParentPorts { mtu: number; ports: Record<string, { id: string; mac: string }> }

export const parentPorts = groupStep({
  name: 'parentPorts',
  title: 'Ports of the nodes on the service network',
  async run(context, { serviceProject, serviceNetwork, securityGroups }: Needs) {
    const owner = { project_id: serviceProject.projectId, description: groupMark(context) };
    const nodes = stayingNodes(context);
    const found = await ensurePorts(context.service, owner, nodes.map(({ name, address }) => ({
      name, network_id: serviceNetwork.networkId, security_groups: [securityGroups.parentsId],
      fixed_ips: [{ subnet_id: serviceNetwork.subnetId, ip_address: address }],
    })));
    const ports = Object.fromEntries(nodes.map(({ name }) => [name, { id: found.get(name)!.id, mac: found.get(name)!.mac_address }]));
    return done<ParentPorts>({ mtu: serviceNetwork.mtu, ports });
  },
  async undo(context) {
    const owner = { project_id: await context.serviceProjectId(), description: groupMark(context) };
    return removePorts(context.service, owner, leavingNodes(context).map(({ name }) => name));
  },
});

export const handler = stepFunction(parentPorts);
