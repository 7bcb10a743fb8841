/** The masters of a first-generation cluster run. They are started first and stopped last: workers need them, not they workers. */
import { ensureOff, ensureOn } from '../../layers/lifecycle/magnum-servers.ts';
import { magnumStep, magnumStepFunction } from '../../layers/lifecycle/magnum-step.ts';
import { settlePower } from '../../layers/store/powers.ts';

export const magnumMasters = magnumStep({
  name: 'magnumMasters',
  title: 'Power of the masters',
  run: ({ user, operation }) => ensureOn(user, operation.clusterId, 'master'),
  // The last step of a stop.
  async undo({ user, projectId, operation: { id: operationId, clusterId }, now }) {
    const outcome = await ensureOff(user, clusterId, 'master');
    if (outcome.kind === 'done') await settlePower({ projectId, clusterId, operationId, state: 'stopped' }, now());
    return outcome;
  },
});

export const handler = magnumStepFunction(magnumMasters);
