/** Looks at operations that somebody hints at, and starts, holds or ends what is due. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { flowOf } from '../../flows/flows.ts';
import { advance } from '../../layers/engine/advance.ts';
import type { Hint } from '../../layers/engine/ports.ts';
import { ports } from '../../layers/lifecycle/ports.ts';
import { logger } from '../../layers/platform/logger.ts';

/** One look serves all hints of a batch at the same operation, unless they tell of different steps. */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const hints = Map.groupBy(Records, ({ body }) => body);
  const failed = await Promise.all([...hints].map(async ([body, records]) => {
    try {
      await advance(ports, flowOf, JSON.parse(body) as Hint);
      return [];
    } catch (error) {
      logger.error('An operation could not be looked at', { hint: body, cause: error as Error });
      return records;
    }
  }));
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
