import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { queue } from '../../../layers/platform/queue.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => { sqs.reset(); });
const sent = () => sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);

test('a hint is one of its project: SQS lets those of quieter projects go first', async () => {
  await queue.send({ operationId: 'o', projectId: 'p', key: 'quotas' }, 'quotas');
  await queue.send({ operationId: 'o' });
  expect(sent().map(({ MessageGroupId }) => MessageGroupId)).toEqual(['p', undefined]);
});

test('delays are whole seconds, a quarter of an hour at most', async () => {
  await queue.send({ operationId: 'o' }, 'quotas', 1_200);
  await queue.send({ operationId: 'o' }, 'quotas', 3_600_000);
  expect(sent().map(({ DelaySeconds }) => DelaySeconds)).toEqual([2, 900]);
});
