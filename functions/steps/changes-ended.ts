/** Nothing else is under way on what is to be deleted: every other operation has been turned round, and has ended. */
import { hintAt } from '../../layers/engine/ports.ts';
import { done, gone, wait } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { queue } from '../../layers/platform/queue.ts';
import { turn } from '../../layers/store/turn.ts';

export const changesEnded = step({
  name: 'changesEnded',
  title: 'Other changes ended',
  async run(context) {
    const turning = await Promise.all(openOperations(context).map(async (id) => {
      const ending = await turn(id, context.now());
      if (ending) await queue.send(hintAt({ ...context.operation, id }));
      return ending;
    }));
    const left = turning.filter(Boolean).length;
    return left > 0 ? wait(`${left} change${left > 1 ? 's have' : ' has'} still to end`) : done({ ended: true });
  },
  undo: async () => gone,
});

/** Of the whole cluster, or of the one group that is deleted. What their steps have started ends before they do. */
const openOperations = ({ cluster, operation: { id: own, groupId } }: Context): string[] => Object.entries(cluster.operations)
  .filter(([id, open]) => id !== own && (!groupId || open.groupId === groupId))
  .map(([id]) => id);

export const handler = stepFunction(changesEnded);
