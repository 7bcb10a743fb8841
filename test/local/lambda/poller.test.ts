/** Event source mappings deal with failures as AWS's do. */
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createQueues } from '../../../local/lambda/create.ts';
import { poll, type Invoke, type Mapping } from '../../../local/lambda/poller.ts';
import { startQueues } from '../../../local/lambda/queues.ts';
import { account, arnOfQueue } from '../../../local/lambda/template.ts';

let sqs: SQSClient;
let endpoint: string;
let close: () => Promise<void>;
let stopped: AbortController;

beforeEach(async () => {
  ({ endpoint, close } = await startQueues(() => undefined));
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, useQueueUrlAsEndpoint: false });
  stopped = new AbortController();
  await createQueues(sqs, [{ QueueName: 'dead' }, { QueueName: 'work', VisibilityTimeout: 360, RedrivePolicy: { deadLetterTargetArn: arnOfQueue('dead'), maxReceiveCount: 2 } }], 1);
});
afterEach(async () => {
  stopped.abort();
  sqs.destroy();
  await close();
});

const urlOf = (name: string): string => `${endpoint}/${account}/${name}`;
const send = async (...bodies: string[]) => { for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody })); };
const start = (invoke: Invoke, options: Partial<Mapping> = {}): Promise<void> => poll(
  sqs, { queueUrl: urlOf('work'), arn: arnOfQueue('work'), batchSize: 5, maximumBatchingWindow: 0, maximumConcurrency: 10, reportsItemFailures: true, ...options },
  invoke, stopped.signal, () => undefined,
);
const countOf = async (name: string): Promise<number> => {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }));
  return Number(Attributes!.ApproximateNumberOfMessages) + Number(Attributes!.ApproximateNumberOfMessagesNotVisible);
};
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!await holds()) await new Promise((resume) => setTimeout(resume, 10));
};
const failing = (records: SQSRecord[]) => ({ batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) });

test('a good message is delivered once, with what AWS says about it', async () => {
  const seen: SQSRecord[] = [];
  void start(async ({ Records }) => { seen.push(...Records); return { batchItemFailures: [] }; });
  await send('one');
  await until(async () => seen.length > 0 && await countOf('work') === 0);
  expect(seen).toEqual([expect.objectContaining({ body: 'one', eventSource: 'aws:sqs', eventSourceARN: arnOfQueue('work') })]);
  expect(seen[0]!.attributes.ApproximateReceiveCount).toBe('1');
});

test('of a batch, only what is reported as failed comes back, and ends among the dead letters', async () => {
  const seen: string[] = [];
  await send('good-1', 'poison', 'good-2');
  void start(async ({ Records }) => {
    seen.push(...Records.map(({ body }) => body));
    return failing(Records.filter(({ body }) => body === 'poison'));
  });
  await until(async () => await countOf('work') === 0 && await countOf('dead') === 1);
  expect(seen.toSorted()).toEqual(['good-1', 'good-2', 'poison', 'poison']);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf('dead') }));
  expect(Messages?.[0]?.Body).toBe('poison');
});

test('a batch whose function throws comes back whole', async () => {
  const seen: string[] = [];
  await send('a', 'b');
  void start(async ({ Records }) => {
    seen.push(...Records.map(({ body }) => body));
    if (seen.length <= 2) throw new Error('crashed');
    return { batchItemFailures: [] };
  });
  await until(async () => seen.length >= 4 && await countOf('work') === 0);
  expect(seen.toSorted()).toEqual(['a', 'a', 'b', 'b']);
});

test('a report that names an unknown message fails the whole batch', async () => {
  const seen: string[] = [];
  await send('a');
  void start(async ({ Records }) => {
    seen.push(...Records.map(({ body }) => body));
    return { batchItemFailures: seen.length === 1 ? [{ itemIdentifier: 'unknown' }] : [] };
  });
  await until(async () => seen.length >= 2 && await countOf('work') === 0);
  expect(seen).toEqual(['a', 'a']);
});

test('no more run at once than allowed', async () => {
  let running = 0;
  let most = 0;
  let done = 0;
  await send(...Array.from({ length: 12 }, (_, i) => String(i)));
  void start(async () => {
    most = Math.max(most, ++running);
    await new Promise((resume) => setTimeout(resume, 20));
    running--;
    done++;
    return { batchItemFailures: [] };
  }, { batchSize: 1, maximumConcurrency: 3 });
  await until(() => done === 12);
  expect(most).toBe(3);
});

test('polling ends when it is stopped', async () => {
  const polling = start(async () => ({ batchItemFailures: [] }));
  stopped.abort();
  await polling;
});
