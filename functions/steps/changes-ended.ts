/** Nothing else is under way on what is to be deleted: every other operation has been turned round, and has ended. */
import { done, gone, wait } from '../../layers/engine/step.ts';
import type { Operation } from '../../layers/engine/ports.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { queue } from '../../layers/platform/queue.ts';
import { getOperation } from '../../layers/store/operations.ts';
import { turn } from '../../layers/store/turn.ts';

export const changesEnded = step({
  name: 'changesEnded',
  title: 'Other changes ended',
  async run(context) {
    const open = await openOperations(context);
    const turning = await Promise.all(open.map(async ({ id }) => {
      const ending = await turn(id, context.now());
      if (ending) await queue.send({ operationId: id });
      return ending;
    }));
    const left = turning.filter(Boolean).length;
    return left > 0 ? wait(`${left} change${left > 1 ? 's have' : ' has'} still to end`) : done({ ended: true });
  },
  undo: async () => gone,
});

/** Of the whole cluster, or of the one group that is deleted; with the operations that their steps started. */
async function openOperations({ cluster, operation }: Context): Promise<Operation[]> {
  const { groupId } = operation;
  const ids = Object.entries(cluster.operations)
    .filter(([id, open]) => id !== operation.id && (!groupId || open.groupId === groupId))
    .map(([id]) => id);
  const open = (await Promise.all(ids.map(getOperation))).filter((found) => found !== undefined);
  const children = await Promise.all(open.flatMap(({ children: started }) => Object.keys(started)).map(getOperation));
  return [...open, ...children.filter((child) => child !== undefined)];
}

export const handler = stepFunction(changesEnded);
