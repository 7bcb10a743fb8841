/** Tells the cluster's owner what happens, as events, and the operator, as logs. Losing one never stops the work. */
import type { Journal, JournalEvent } from '../engine/ports.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { putEvent, type ClusterEvent } from '../store/events.ts';

type Words = Pick<ClusterEvent, 'level' | 'reason' | 'message' | 'step'>;

const stepReasons = { done: 'StepDone', waits: 'StepWaits', 'tries-again': 'StepTriesAgain', failed: 'StepFailed' } as const;

function wordsOf(flow: string, event: JournalEvent): Words {
  if (event.type === 'operation') {
    const { status, failure } = event;
    if (failure) return { level: 'warning', reason: 'OperationHeld', message: `${flow} is held: ${failure.cause} ${failure.action}` };
    const ended = status === 'stopped' ? 'was stopped, because what it was for is being deleted' : status;
    return { level: 'normal', reason: status === 'succeeded' ? 'OperationSucceeded' : 'OperationEnded', message: `${flow} ${ended}` };
  }
  const { what, record, text } = event;
  const message = what === 'done' ? `${record.title}: ${record.phase === 'run' ? 'done' : 'removed'}` : `${record.title}: ${text}`;
  return { level: what === 'done' || what === 'waits' ? 'normal' : 'warning', reason: stepReasons[what], message, step: record.key };
}

export const journal: Journal = {
  async tell(operation, event) {
    const words = wordsOf(operation.flow, event);
    const { id: operationId, clusterId, groupId: nodeGroupId, flow } = operation;
    logger[words.level === 'warning' ? 'warn' : 'info'](words.message, { operationId, clusterId, flow, reason: words.reason, ...(words.step && { step: words.step }) });
    if (event.type === 'operation') {
      count('Operations', 1, { flow, status: event.status });
      if (event.status === 'held') count('OperationsHeld');
    }
    try {
      await putEvent({ clusterId, operationId, ...(nodeGroupId && { nodeGroupId }), ...words }, Date.now());
    } catch (error) {
      logger.error('An event could not be written', { operationId, clusterId, cause: error as Error });
    }
  },
};
