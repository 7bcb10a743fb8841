/** A first-generation cluster is started: masters first. Stopping it is the same undone: workers first. */
import { at, flow, undo } from '../layers/engine/flow.ts';
import { magnumMasters } from '../functions/steps/magnum-masters.ts';
import { magnumWorkers } from '../functions/steps/magnum-workers.ts';
import { build } from './policies.ts';

export const startMagnumCluster = flow('startMagnumCluster', 'Start the first-generation cluster', [
  at(magnumMasters, [], build),
  at(magnumWorkers, [magnumMasters], build),
]);

export const stopMagnumCluster = flow('stopMagnumCluster', 'Stop the first-generation cluster',
  undo(startMagnumCluster.nodes, [], build));
