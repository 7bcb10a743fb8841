/** Hints on their way: to a step's own queue, or to the advance queue. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Hint, Queue } from '../engine/ports.ts';

/** The longest delay a queue takes; a later hint is sent on from there, or by the sweeper. */
const longestDelaySeconds = 900;

let client: SQSClient | undefined;

function sqs(): SQSClient {
  const endpoint = process.env.SQS_ENDPOINT;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return (client ??= new SQSClient(endpoint ? { maxAttempts: 3, endpoint, region: 'us-east-1', useQueueUrlAsEndpoint: false, credentials }
    : { maxAttempts: 3 }));
}

const urlOf = (step: string | undefined): string =>
  (step ? `${process.env.STEP_QUEUE_URL_PREFIX ?? ''}${step}` : process.env.ADVANCE_QUEUE_URL ?? '');

/** Delays are rounded up to whole seconds, the only ones queues know. */
export const queue: Queue = {
  async send(hint: Hint, to?: string, delayMs = 0): Promise<void> {
    // Where one project has much under way, messages of the others go first ("fair queues").
    const group = hint.projectId !== undefined && { MessageGroupId: hint.projectId };
    const DelaySeconds = Math.min(Math.ceil(delayMs / 1_000), longestDelaySeconds);
    await sqs().send(new SendMessageCommand({ QueueUrl: urlOf(to), MessageBody: JSON.stringify(hint), DelaySeconds, ...group }));
  },
};
