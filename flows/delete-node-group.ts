/** How a node group goes: what it was made of, in the opposite order, once nothing else is being done to it. */
import { at, flow, undo } from '../layers/engine/flow.ts';
import { changesEnded } from '../functions/steps/changes-ended.ts';
import { nodeGroupSteps } from './create-node-group.ts';
import { call, removal } from './policies.ts';

const ended = at(changesEnded, [], call);

export const deleteNodeGroup = flow('deleteNodeGroup', 'Delete the node group', [
  ended,
  // The quotas are the cluster's.
  ...undo(nodeGroupSteps.filter(({ key }) => key !== 'quotas'), [ended], removal),
]);
