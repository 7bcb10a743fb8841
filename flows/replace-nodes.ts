/** Nodes of a group give way to others: those that come are Ready before those that go are drained. */
import { flow, undo } from '../layers/engine/flow.ts';
import { given, nodeGroupSteps } from './create-node-group.ts';
import { removal } from './policies.ts';
import { ofNodes } from './resize-node-group.ts';

const ready = nodeGroupSteps.filter(({ key }) => key === 'nodes');

export const replaceNodes = flow('replaceNodes', 'Replace nodes of the node group', [
  ...nodeGroupSteps,
  ...undo(ofNodes, ready, removal),
], given);
