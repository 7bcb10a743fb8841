/** Operations as the API shows them: what is being done, how far it is, what it waits for. */
import type { Failure as EngineFailure } from '../../engine/failure.ts';
import type { Operation, StepRecord } from '../../engine/ports.ts';
import type {
  Failure, Operation as OperationView, OperationPart, OperationStep, OperationSummary,
} from '../../../schemas/generated/types.ts';
import { percentOf, type Tree } from './progress.ts';

const time = (at: number): string => new Date(at).toISOString();

/** `expected`: how many parts it will have at least, known from the cluster. */
export function operationView(tree: Tree, expected: number): OperationView {
  const { operation, records, parts } = tree;
  const summary = operationSummary(operation, percentOf(tree, expected));
  return { ...summary, steps: records.map(stepView), parts: parts.map(partView) };
}

export function operationSummary(operation: Operation, percent: number): OperationSummary {
  const { id, flow, clusterId, groupId, status, createdAt, endedAt, requestedBy, failure } = operation;
  return {
    id, flow, cluster_id: clusterId, ...(groupId && { node_group_id: groupId }), status, percent,
    created_at: time(createdAt), ...(endedAt && { ended_at: time(endedAt) }), requested_by: requestedBy,
    ...(failure && status === 'held' && { error: failureView(failure, id) }),
  };
}

function partView(tree: Tree): OperationPart {
  const { id, flow, groupId, status, failure, parent } = tree.operation;
  return {
    id, flow, step: parent?.key ?? '', ...(groupId && { node_group_id: groupId }), status, percent: percentOf(tree),
    ...(failure && status === 'held' && { error: failureView(failure, id) }), steps: tree.records.map(stepView),
  };
}

function stepView(record: StepRecord): OperationStep {
  const { operationId, key, title, phase, status, attempt, reason, waitingSince, doneAt, failure } = record;
  return {
    name: key, title, does: phase === 'run' ? 'make' : 'remove', status, attempts: attempt,
    ...(reason && status !== 'done' && { waits_for: reason }),
    ...(waitingSince && status !== 'done' && { waiting_since: time(waitingSince) }),
    ...(doneAt && status === 'done' && { done_at: time(doneAt) }),
    ...(failure && { error: failureView(failure, operationId) }),
  };
}

const failureView = ({ code, cause, action, step }: EngineFailure, operationId: string): Failure =>
  ({ code, cause, action, operation_id: operationId, ...(step && { step }) });
