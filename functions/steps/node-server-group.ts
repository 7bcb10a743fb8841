/** Keeps the nodes of a group on different hosts, as far as there are enough. */
import { nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { ensureServerGroup, removeServerGroups } from '../../layers/lifecycle/server-group.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

export const nodeServerGroup = groupStep({
  name: 'nodeServerGroup',
  title: 'Server group of the nodes',
  run: async ({ service, cluster, group }, _needs: { quotas: object }) => done(await ensureServerGroup(service, nameOf(cluster.id, group.id))),
  // Of the group, not of its nodes: it stays while the group is to stay.
  undo: async ({ service, cluster, group }) => (group.phase === 'deleting' ? removeServerGroups(service, nameOf(cluster.id, group.id)) : gone),
});

export const handler = stepFunction(nodeServerGroup);
