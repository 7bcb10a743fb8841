/** Adds node groups. */
import type { NodeGroupWish } from '../admission/wish.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { parseBody } from '../http/body.ts';
import { createGroup, existingGroup } from '../http/group-creation.ts';
import { identityOf } from '../http/idempotency.ts';
import { userSession } from '../http/sessions.ts';
import { addressesOf } from '../http/views/cluster.ts';
import { requireSettings } from '../platform/settings.ts';
import { requireCluster } from '../store/clusters.ts';
import { requireNodeGroup } from '../store/node-groups.ts';
import type { MagnumNodeGroup, MagnumNodeGroupCreate } from '../../schemas/generated/types.ts';
import isGroupCreate from '../../schemas/generated/validate/MagnumNodeGroupCreate.js';
import type { MagnumRequest } from './api.ts';
import { requireZero } from './create-cluster.ts';
import { defaultWorker, masterName } from './default-groups.ts';
import { invalid, refused } from './errors.ts';
import { groupsOf, ofCluster } from './find.ts';
import { labelsOf, meaningProblems } from './labels.ts';
import { requireLimits } from './limits.ts';
import { groupView } from './node-group-view.ts';
import { diskOf } from './read-cluster.ts';
import { flavorIds } from './resolve.ts';

const usualChunk = 20;
const label = /^[a-z][a-z0-9-]{1,23}[a-z0-9]$/;

export const createNodeGroup = ofCluster(async (request, cluster): Promise<MagnumNodeGroup> => {
  const body = parseBody(request.event, isGroupCreate);
  requireVersion(request, body);
  const identity = identityOf([cluster.id, 'nodeGroup'], undefined, request, body);
  if (!identity.repeatable || !await existingGroup(identity)) {
    requirePlace(cluster, body);
    await createGroup(request, cluster, await wishOf(request, cluster, body), identity, invalid);
  }
  return groupView(await requireNodeGroup(identity.id), await requireCluster(cluster.id), false, request);
});

function requireVersion(request: MagnumRequest, { node_count, node_labels, node_taints }: MagnumNodeGroupCreate): void {
  if (node_count === 0) requireZero(request);
  if (request.version.minor >= 14) return;
  const early = node_labels ? 'node_labels' : node_taints && 'node_taints';
  if (early) throw refused(400, `Unknown attribute for argument nodegroup: ${early}. It is there from 1.14 on.`);
}

/** What Magnum looks at, in its order. */
function requirePlace(cluster: Cluster, { name, role, node_count = 1, min_node_count = 0, max_node_count }: MagnumNodeGroupCreate): void {
  if (!addressesOf(cluster).url) throw refused(409, 'Cluster API address is not available yet.');
  if (name in cluster.groups || name === masterName) {
    throw refused(409, `A node group with name ${name} already exists in the cluster ${cluster.renamedTo ?? cluster.name}.`);
  }
  requireLimits(name, { size: node_count, min: min_node_count, max: max_node_count });
  if (role === 'master') throw refused(400, 'Creating master nodegroups is currently not supported.');
  if (label.test(name)) return;
  throw refused(400, 'Invalid input for field/attribute name: it becomes part of the names of nodes and must be 3 to 25 lower-case letters, '
    + 'digits and hyphens, beginning with a letter and not ending with a hyphen.');
}

async function wishOf(request: MagnumRequest, cluster: Cluster, body: MagnumNodeGroupCreate): Promise<NodeGroupWish> {
  const { name, node_count: size = 1, min_node_count: min = 0, max_node_count: max, flavor_id, image_id, docker_volume_size, node_labels = {}, node_taints = [] } = body;
  const settings = requireSettings();
  const labels = labelsOf(cluster.labels, body.labels, body.merge_labels);
  const problems = meaningProblems(labels);
  if (problems.length > 0) throw invalid(problems);
  const known = flavor_id ?? cluster.magnum?.flavorId ?? defaultWorker(await groupsOf(cluster))?.flavorId ?? cluster.masters.flavorId;
  const [flavorId = known] = await flavorIds(userSession(request.caller, request.requestId), [known]);
  return {
    name, flavorId, zones: [], size, ...(max !== undefined && { limits: { min, max } }), labels: node_labels,
    taints: node_taints.map(({ key, value = '', effect }) => ({ key, value, effect })),
    disk: diskOf(labels, docker_volume_size ?? cluster.magnum?.dockerVolumeSize, settings), parallelUpgradeChunk: usualChunk,
    magnum: {
      labels, flavorId: known, ...(min > 0 && { minNodeCount: min }),
      ...(docker_volume_size !== undefined && { dockerVolumeSize: docker_volume_size }), ...(image_id !== undefined && { imageId: image_id }),
    },
  };
}
