/** The workers of a first-generation cluster, of all its node groups, run. */
import { ensureOff, ensureOn } from '../../layers/lifecycle/magnum-servers.ts';
import { magnumStep, magnumStepFunction } from '../../layers/lifecycle/magnum-step.ts';
import { settlePower } from '../../layers/store/powers.ts';

export const magnumWorkers = magnumStep({
  name: 'magnumWorkers',
  title: 'Power of the workers',
  // The last step of a start.
  async run({ user, projectId, operation: { id: operationId, clusterId }, now }, _needs: { magnumMasters: object | undefined }) {
    const outcome = await ensureOn(user, clusterId, 'worker');
    if (outcome.kind === 'done') await settlePower({ projectId, clusterId, operationId, state: 'running' }, now());
    return outcome;
  },
  undo: ({ user, operation }) => ensureOff(user, operation.clusterId, 'worker'),
});

export const handler = magnumStepFunction(magnumWorkers);
