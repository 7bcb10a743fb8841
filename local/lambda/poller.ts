/** An event source mapping: takes messages off a queue, gives them to a function, and deletes what it has dealt with. */
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { region } from './template.ts';

export interface Mapping {
  queueUrl: string;
  arn: string;
  batchSize: number;
  /** Seconds to wait for a batch to fill. */
  maximumBatchingWindow: number;
  maximumConcurrency: number;
  reportsItemFailures: boolean;
}
/** Runs the function; throws when it does. */
export type Invoke = (event: { Records: SQSRecord[] }) => Promise<unknown>;

/** Polls until `stopped`. What the function throws on, or reports, stays in the queue until its visibility timeout. */
export async function poll(sqs: SQSClient, mapping: Mapping, invoke: Invoke, stopped: AbortSignal, warn: (text: string) => void): Promise<void> {
  const running = new Set<Promise<void>>();
  while (!stopped.aborted) {
    if (running.size >= mapping.maximumConcurrency) {
      await Promise.race(running);
      continue;
    }
    try {
      const messages = await receiveBatch(sqs, mapping, stopped);
      if (messages.length === 0) continue;
      const delivery = deliver(sqs, mapping, messages, invoke)
        .catch((error: Error) => warn(`${mapping.arn}: ${error.message}`))
        .finally(() => running.delete(delivery));
      running.add(delivery);
    } catch (error) {
      if (stopped.aborted) return;
      warn(`${mapping.arn}: ${(error as Error).message}`);
      await new Promise((resume) => setTimeout(resume, 1_000));
    }
  }
}

async function receiveBatch(sqs: SQSClient, { queueUrl, batchSize, maximumBatchingWindow }: Mapping, stopped: AbortSignal): Promise<Message[]> {
  const receive = async (max: number, WaitTimeSeconds: number): Promise<Message[]> => {
    const asked = { QueueUrl: queueUrl, MaxNumberOfMessages: Math.min(max, 10), WaitTimeSeconds, MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
    const { Messages } = await sqs.send(new ReceiveMessageCommand(asked), { abortSignal: stopped });
    return Messages ?? [];
  };
  const batch = await receive(batchSize, 20);
  const until = Date.now() + maximumBatchingWindow * 1_000;
  while (batch.length > 0 && batch.length < batchSize && Date.now() < until) {
    batch.push(...await receive(batchSize - batch.length, Math.floor((until - Date.now()) / 1_000)));
  }
  return batch;
}

async function deliver(sqs: SQSClient, mapping: Mapping, messages: Message[], invoke: Invoke): Promise<void> {
  const answer = await invoke({ Records: messages.map((message) => recordOf(message, mapping.arn)) });
  const failed = mapping.reportsItemFailures ? failedIn(answer, messages) : new Set<string>();
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId!));
  for (let from = 0; from < done.length; from += 10) {
    const Entries = done.slice(from, from + 10).map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: mapping.queueUrl, Entries }));
  }
}

/** A report that names a message which was not in the batch fails the whole batch, as it does in AWS. */
function failedIn(answer: unknown, messages: Message[]): Set<string> {
  const reported = (answer as SQSBatchResponse | null)?.batchItemFailures ?? [];
  const ids = reported.map(({ itemIdentifier }) => itemIdentifier);
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  return new Set(ids.every((id) => known.has(id)) ? ids : messages.map(({ MessageId }) => MessageId!));
}

function recordOf({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes, MD5OfBody }: Message, arn: string): SQSRecord {
  const attributes = Object.entries(MessageAttributes ?? {})
    .map(([name, { StringValue, DataType }]) => [name, { stringValue: StringValue, dataType: DataType }]);
  return {
    messageId: MessageId!, receiptHandle: ReceiptHandle!, body: Body!, md5OfBody: MD5OfBody!,
    attributes: Attributes as unknown as SQSRecord['attributes'], messageAttributes: Object.fromEntries(attributes),
    eventSource: 'aws:sqs', eventSourceARN: arn, awsRegion: region,
  };
}
