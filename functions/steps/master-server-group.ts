/** Keeps the masters on different hosts, as far as there are enough. */
import { nameOf } from '../../layers/cluster/names.ts';
import { done } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { ensureServerGroup, removeServerGroups } from '../../layers/lifecycle/server-group.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';

export const masterServerGroup = step({
  name: 'masterServerGroup',
  title: 'Server group of the masters',
  run: async ({ service, cluster }, _needs: { serviceProject: { projectId: string } }) => done(await ensureServerGroup(service, nameOf(cluster.id, 'masters'))),
  undo: async ({ service, cluster }) => removeServerGroups(service, nameOf(cluster.id, 'masters')),
});

export const handler = stepFunction(masterServerGroup);
