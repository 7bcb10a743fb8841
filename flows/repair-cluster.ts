/** A cluster of which something was lost gets it back: every step looks first, so what is there stays as it is. */
import { flow } from '../layers/engine/flow.ts';
import { createCluster } from './create-cluster.ts';

// Node groups are repaired each by an operation of its own: the one that changes them, asked for no change.
export const repairCluster = flow('repairCluster', 'Repair the cluster', createCluster.nodes.filter(({ key }) => key !== 'nodeGroups'));
