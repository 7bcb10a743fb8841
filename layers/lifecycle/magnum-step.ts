/** Steps on first-generation clusters: Magnum knows the cluster, and everything is done with the user's own authority. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AnyStep } from '../engine/flow.ts';
import type { Operation, StepRecord } from '../engine/ports.ts';
import { stepsOf, type Step } from '../engine/step.ts';
import type { Session } from '../openstack/session.ts';
import { requireSettings } from '../platform/settings.ts';
import { userAuthority } from './authority.ts';
import { handlerOf } from './step-function.ts';

export interface MagnumContext {
  /** `clusterId` is Magnum's uuid. */
  operation: Operation;
  record: StepRecord;
  user: Session;
  projectId: string;
  now(): number;
}

export const magnumStep = stepsOf<MagnumContext>();

async function contextOf(operation: Operation, record: StepRecord): Promise<MagnumContext> {
  const authority = await userAuthority(requireSettings(), operation.id, `${operation.id}/${record.key}`);
  return { operation, record, ...authority, now: () => Date.now() };
}

/** A handler that does what each message hints at. */
export const magnumStepFunction = <Name extends string, Needs, Output>(
  step: Step<Name, Needs, Output, MagnumContext>,
): ((event: SQSEvent) => Promise<SQSBatchResponse>) => handlerOf(step as AnyStep, contextOf);
