/** Every flow by its name, for the functions that carry them on. */
import type { Flow } from '../layers/engine/flow.ts';
import { createCluster } from './create-cluster.ts';
import { createNodeGroup } from './create-node-group.ts';
import { deleteCluster } from './delete-cluster.ts';
import { deleteNodeGroup } from './delete-node-group.ts';
import { handOverVolume } from './hand-over-volume.ts';
import { startMagnumCluster, stopMagnumCluster } from './power-magnum-cluster.ts';
import { repairCluster } from './repair-cluster.ts';
import { replaceNodes } from './replace-nodes.ts';
import { resizeNodeGroup } from './resize-node-group.ts';
import { rotateAuthority } from './rotate-authority.ts';
import { updateCluster } from './update-cluster.ts';

export const flows: readonly Flow[] = [createCluster, deleteCluster, updateCluster, repairCluster, rotateAuthority, createNodeGroup, resizeNodeGroup,
  replaceNodes, deleteNodeGroup, handOverVolume, startMagnumCluster, stopMagnumCluster];

const byName = new Map(flows.map((flow) => [flow.name, flow]));

export function flowOf(name: string): Flow {
  const found = byName.get(name);
  if (!found) throw new Error(`There is no flow "${name}".`);
  return found;
}
