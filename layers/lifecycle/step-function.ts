/** Turns a step into the handler of its queue's function. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AnyStep } from '../engine/flow.ts';
import { gone, type Step } from '../engine/step.ts';
import { work, type ContextOf } from '../engine/work.ts';
import { nameOf } from '../cluster/names.ts';
import { isOpenStackError } from '../openstack/error.ts';
import { listProjects } from '../openstack/keystone.ts';
import { logger } from '../platform/logger.ts';
import { contextOf, NoServiceProject, type Context, type GroupContext } from './context.ts';
import { ports } from './ports.ts';

type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/**
 * A handler that does what each message hints at. Only what could not even be tried (the table is out of reach) is
 * returned to the queue; a step's own errors are settled with its record.
 */
export function stepFunction<Name extends string, Needs, Output>(
  step: Step<Name, Needs, Output, Context> | Step<Name, Needs, Output, GroupContext>,
): Handler {
  return handlerOf({ ...step, run: runToTheEnd(step as AnyStep), undo: undoIfProject(step as AnyStep) } as AnyStep, contextOf);
}

/** The same for any step, whatever its code sees. */
export function handlerOf(step: AnyStep, contextOf: ContextOf): Handler {
  return async ({ Records }) => {
    const results = await Promise.allSettled(Records.map(({ body }) => work(ports, step, contextOf, JSON.parse(body) as { operationId: string; key: string })));
    const batchItemFailures = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      logger.error(`Step ${step.name} could not be tried`, { cause: result.reason as Error });
      return [{ itemIdentifier: Records[index]!.messageId }];
    });
    return { batchItemFailures };
  };
}

/** A run that fails ends when everything that it has asked for is answered: what is on its way could be made twice. */
function runToTheEnd(step: AnyStep): AnyStep['run'] {
  return async (context: Context, needs: unknown) => {
    try {
      return await step.run(context, needs);
    } catch (error) {
      throw await context.creates.failure(error);
    }
  };
}

/**
 * Nothing is left to undo in a service project that does not exist. Keystone refuses a token for it, which would
 * otherwise look like a wrong password.
 */
function undoIfProject(step: AnyStep): AnyStep['undo'] {
  return async (context: Context) => {
    try {
      return await step.undo(context);
    } catch (error) {
      if (error instanceof NoServiceProject) return gone;
      if (!isOpenStackError(error, 401) || error.service !== 'identity') throw error;
      const projects = await listProjects(context.platform, { name: nameOf(context.cluster.id) });
      if (projects.length > 0) throw error;
      return gone;
    }
  };
}
