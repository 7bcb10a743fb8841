/** What invokes a function, read from its definition. */
import type { Mapping } from './poller.ts';
import type { Statement } from './roles.ts';
import { account } from './template.ts';

interface QueueEvent { arn: unknown; batchSize?: number; maximumBatchingWindow?: number; maximumConcurrency?: number; functionResponseType?: string }
interface Event { httpApi?: unknown; sqs?: QueueEvent; schedule?: { rate: string[] } }
export interface FunctionDefinition { name: string; handler: string; events?: Event[]; iamRoleStatements?: Statement[] }

/** Its event source mappings, with AWS's defaults. */
export function mappingsOf({ name, events }: FunctionDefinition, resolve: (value: unknown) => unknown, endpoint: string): (Mapping & { functionName: string })[] {
  return (events ?? []).flatMap(({ sqs }) => (sqs ? [sqs] : [])).map((sqs) => {
    const arn = String(resolve(sqs.arn));
    return {
      functionName: name, arn, queueUrl: `${endpoint}/${account}/${arn.split(':').at(-1)}`,
      batchSize: sqs.batchSize ?? 10,
      maximumBatchingWindow: sqs.maximumBatchingWindow ?? 0,
      maximumConcurrency: sqs.maximumConcurrency ?? 1_000,
      reportsItemFailures: sqs.functionResponseType === 'ReportBatchItemFailures',
    };
  });
}

/** Its schedules. */
export const ratesOf = ({ name, events }: FunctionDefinition): { functionName: string; rate: string }[] =>
  (events ?? []).flatMap(({ schedule }) => schedule?.rate ?? []).map((rate) => ({ functionName: name, rate }));
