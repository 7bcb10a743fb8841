/** How a cluster comes to be. Read top to bottom: a step runs as soon as those it names are done. */
import { at, flow } from '../layers/engine/flow.ts';
import { apiAddress } from '../functions/steps/api-address.ts';
import { apiEndpoint } from '../functions/steps/api-endpoint.ts';
import { apiListener } from '../functions/steps/api-listener.ts';
import { apiLoadBalancer } from '../functions/steps/api-load-balancer.ts';
import { certificates } from '../functions/steps/certificates.ts';
import { clusterObjects } from '../functions/steps/cluster-objects.ts';
import { clusterUser } from '../functions/steps/cluster-user.ts';
import { controlPlane } from '../functions/steps/control-plane.ts';
import { credentials } from '../functions/steps/credentials.ts';
import { masterPorts } from '../functions/steps/master-ports.ts';
import { masterServerGroup } from '../functions/steps/master-server-group.ts';
import { masterServers } from '../functions/steps/master-servers.ts';
import { masterVolumes } from '../functions/steps/master-volumes.ts';
import { nodeGroups } from '../functions/steps/node-groups.ts';
import { quotas } from '../functions/steps/quotas.ts';
import { securityGroups } from '../functions/steps/security-groups.ts';
import { serviceNetwork } from '../functions/steps/service-network.ts';
import { serviceProject } from '../functions/steps/service-project.ts';
import { serviceRouter } from '../functions/steps/service-router.ts';
import { systemCluster } from '../functions/steps/system-cluster.ts';
import { systemListener } from '../functions/steps/system-listener.ts';
import { tunnelListener } from '../functions/steps/tunnel-listener.ts';
import { userApiListener } from '../functions/steps/user-api-listener.ts';
import { userApiLoadBalancer } from '../functions/steps/user-api-load-balancer.ts';
import { userApiPort } from '../functions/steps/user-api-port.ts';
import { boot, build, call, part, whole } from './policies.ts';

export const createCluster = flow('createCluster', 'Create the cluster', [
  // A project of its own, with a user for the cluster's controllers and room for its machines.
  at(serviceProject, [], call),
  at(quotas, [serviceProject], call),
  at(clusterUser, [serviceProject], call),
  at(credentials, [serviceProject, clusterUser], call),

  // A network of its own, and the way to the Kubernetes API: built while the machines boot.
  at(serviceNetwork, [serviceProject, quotas], call),
  at(securityGroups, [serviceProject, quotas], call),
  at(serviceRouter, [serviceProject, serviceNetwork], call),
  at(apiAddress, [serviceProject, quotas], call),
  at(userApiPort, [serviceProject, quotas], call),
  at(apiLoadBalancer, [serviceProject, serviceNetwork, quotas], build),
  at(apiEndpoint, [apiAddress, apiLoadBalancer, serviceRouter, userApiPort], call),
  at(systemListener, [apiLoadBalancer], part),
  at(apiListener, [apiLoadBalancer, systemListener], part),
  at(tunnelListener, [apiLoadBalancer, apiListener], part),
  at(userApiLoadBalancer, [serviceProject, userApiPort, quotas], build),
  at(userApiListener, [userApiLoadBalancer, serviceNetwork], part),

  // The masters, all at once, and the system cluster that they run.
  at(certificates, [apiAddress, userApiPort], call),
  at(masterServerGroup, [serviceProject, quotas], call),
  at(masterPorts, [serviceProject, serviceNetwork, securityGroups], call),
  at(masterVolumes, [quotas], build),
  at(masterServers, [masterServerGroup, masterPorts, masterVolumes, certificates], build),
  at(systemCluster, [masterServers, systemListener, apiEndpoint], boot),

  // The user's cluster, in the system cluster; its nodes get ready while the rest is made.
  at(controlPlane, [systemCluster, apiEndpoint, credentials], boot),
  at(clusterObjects, [controlPlane, apiListener, apiEndpoint], call),
  at(nodeGroups, [], whole),
]);
