/** How a cluster goes: first what it made itself, then what it was made of, in the opposite order; the project last. */
import { after, at, flow, undo, undoing } from '../layers/engine/flow.ts';
import { changesEnded } from '../functions/steps/changes-ended.ts';
import { controllersStopped } from '../functions/steps/controllers-stopped.ts';
import { nodeGroups } from '../functions/steps/node-groups.ts';
import { persistentVolumes } from '../functions/steps/persistent-volumes.ts';
import { standardLoadBalancers } from '../functions/steps/standard-load-balancers.ts';
import { createCluster } from './create-cluster.ts';
import { call, removal, whole } from './policies.ts';

const ended = at(changesEnded, [], whole);
const stopped = at(controllersStopped, [changesEnded], call);
// Volumes are free once no node has them; load balancers do not wait for the nodes.
const groupsGone = undoing(nodeGroups, [ended], whole);
const loadBalancersGone = undoing(standardLoadBalancers, [stopped], removal);
const volumesGone = undoing(persistentVolumes, [stopped, groupsGone], removal);

/** Room, names and ways in for what the cluster made; they stay until that is gone. The rest need not wait for it. */
const outlasting = new Set(['quotas:undo', 'clusterUser:undo', 'serviceNetwork:undo', 'securityGroups:undo']);

export const deleteCluster = flow('deleteCluster', 'Delete the cluster', [
  ended,
  stopped,
  groupsGone,
  loadBalancersGone,
  volumesGone,
  ...undo(createCluster.nodes.filter(({ key }) => key !== 'nodeGroups'), [ended], removal).map((node) => {
    if (node.key === 'masterServers:undo') return after(node, stopped);
    // Neutron keeps a router's interface for as long as a floating address is reached through it.
    if (node.key === 'serviceRouter:undo') return { ...node, needs: [...node.needs, 'apiAddress:undo'] };
    return outlasting.has(node.key) ? after(node, groupsGone, loadBalancersGone, volumesGone) : node;
  }),
]);
