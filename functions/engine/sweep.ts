/** Every minute: re-sends hints for what the queues forgot, and counts what does not move. */
import { sweep } from '../../layers/engine/sweep.ts';
import { ports } from '../../layers/lifecycle/ports.ts';
import { logger } from '../../layers/platform/logger.ts';
import { count } from '../../layers/platform/metrics.ts';

/** A hint may be this late before it counts as lost. */
const graceMs = Number(process.env.SWEEP_GRACE_MS || 30_000);
/** Of each shard, in one sweep. */
const limit = 500;

export const handler = async (): Promise<void> => {
  const swept = await sweep(ports, graceMs, limit);
  count('OperationsOpen', swept.operations);
  count('OperationsOverdue', swept.records);
  if (swept.records > 0) logger.warn('Overdue steps were hinted at again', { ...swept });
};
