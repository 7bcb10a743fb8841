/** A node group gets what its record says: nodes that are to go leave first, then those that are missing are made. */
import { after, flow, undo, type Node } from '../layers/engine/flow.ts';
import { given, nodeGroupSteps } from './create-node-group.ts';
import { removal } from './policies.ts';

const lasting = new Set(['quotas', 'nodeServerGroup', 'joinToken']);
/** The group's own limits and token outlast its nodes. */
export const ofNodes = nodeGroupSteps.filter(({ key }) => !lasting.has(key));

const leaving = undo(ofNodes, [], removal);
// Quotas are raised at once, and lowered with the next change: nothing is made before what leaves has left.
const [quotas, ...rest] = nodeGroupSteps as [Node, ...Node[]];

export const resizeNodeGroup = flow('resizeNodeGroup', 'Change the node group', [
  ...leaving,
  after(quotas, ...leaving),
  ...rest,
], given);
