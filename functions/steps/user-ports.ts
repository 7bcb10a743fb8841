/** The nodes' ports in the user's project and on their network: where the cluster lives. */
import { TerminalError } from '../../layers/engine/failure.ts';
import { done } from '../../layers/engine/step.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { groupMark, leavingNodes, stayingNodes } from '../../layers/lifecycle/group-nodes.ts';
import { ensurePorts, removePorts } from '../../layers/lifecycle/owned-ports.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import type { SecurityGroups } from './security-groups.ts';

/** By the node's name. */
export interface UserPorts { mtu: number; ports: Record<string, { id: string; mac: string; address: string }> }

export const userPorts = groupStep({
  name: 'userPorts',
  title: 'Ports of the nodes on the user\'s network',
  async run(context, { securityGroups }: { quotas: object; securityGroups: SecurityGroups }) {
    const { service, cluster } = context;
    const { networkId, subnetId } = cluster.network;
    const network = await neutron.getNetwork(service, networkId);
    if (!network) throw new TerminalError('network_missing', `The network ${networkId} does not exist any more.`, 'The cluster cannot live without it: delete the cluster.');
    const nodes = stayingNodes(context);
    const found = await ensurePorts(service, { project_id: cluster.projectId, description: groupMark(context) }, nodes.map(({ outsideName }) => ({
      name: outsideName, network_id: networkId, fixed_ips: [{ subnet_id: subnetId }], security_groups: [securityGroups.nodesId],
    })));
    const ports = Object.fromEntries(nodes.map(({ name, outsideName }) => {
      const { id, mac_address: mac, fixed_ips: [first] } = found.get(outsideName)!;
      return [name, { id, mac, address: first!.ip_address }];
    }));
    return done<UserPorts>({ mtu: network.mtu, ports });
  },
  async undo(context) {
    const owner = { project_id: context.cluster.projectId, description: groupMark(context) };
    return removePorts(context.service, owner, leavingNodes(context).map(({ outsideName }) => outsideName));
  },
});

export const handler = stepFunction(userPorts);
