/** How a node group comes to be: on its own, or along with its cluster, whose parts it then awaits one by one. */
import { at, flow } from '../layers/engine/flow.ts';
import { apiEndpoint } from '../functions/steps/api-endpoint.ts';
import { certificates } from '../functions/steps/certificates.ts';
import { clusterObjects } from '../functions/steps/cluster-objects.ts';
import { joinToken } from '../functions/steps/join-token.ts';
import { nodeServerGroup } from '../functions/steps/node-server-group.ts';
import { nodeServers } from '../functions/steps/node-servers.ts';
import { nodes } from '../functions/steps/nodes.ts';
import { nodeVolumes } from '../functions/steps/node-volumes.ts';
import { parentPorts } from '../functions/steps/parent-ports.ts';
import { quotas } from '../functions/steps/quotas.ts';
import { securityGroups } from '../functions/steps/security-groups.ts';
import { serviceNetwork } from '../functions/steps/service-network.ts';
import { serviceProject } from '../functions/steps/service-project.ts';
import { trunks } from '../functions/steps/trunks.ts';
import { tunnelListener } from '../functions/steps/tunnel-listener.ts';
import { userPorts } from '../functions/steps/user-ports.ts';
import { boot, build, call } from './policies.ts';

/** Made by the cluster's creation. */
export const given = [serviceProject, serviceNetwork, securityGroups, certificates, apiEndpoint, clusterObjects, tunnelListener];

export const nodeGroupSteps = [
  at(quotas, [serviceProject], call),
  at(nodeServerGroup, [quotas], call),
  at(parentPorts, [quotas, serviceProject, serviceNetwork, securityGroups], call),
  at(userPorts, [quotas, securityGroups], call),
  at(trunks, [serviceProject, parentPorts, userPorts], call),
  at(nodeVolumes, [quotas], build),
  at(nodeServers, [nodeServerGroup, parentPorts, userPorts, trunks, nodeVolumes, certificates], build),
  at(joinToken, [clusterObjects, apiEndpoint], call),
  at(nodes, [nodeServers, joinToken, tunnelListener, apiEndpoint], boot),
];

export const createNodeGroup = flow('createNodeGroup', 'Create the node group', nodeGroupSteps, given);
