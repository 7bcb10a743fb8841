import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { permits } from '../../../local/lambda/roles.ts';
import { arnOfQueue, arnOfTable } from '../../../local/lambda/template.ts';

const permit = permits(new Map([['sweep', [
  { Effect: 'Allow', Action: ['dynamodb:Query', 'dynamodb:PutItem'], Resource: [arnOfTable('steps'), `${arnOfTable('steps')}/index/due`] },
  { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOfQueue('advance') },
]]]));
const call = (operation: string, body: Record<string, unknown>, caller: string | undefined = 'sweep') =>
  () => permit({ headers: caller ? { 'x-local-function': caller } : {} } as unknown as IncomingMessage, operation, body);

test('what a statement allows is allowed', () => {
  expect(call('Query', { TableName: 'steps', IndexName: 'due' })).not.toThrow();
  expect(call('SendMessageBatch', { QueueUrl: 'http://127.0.0.1:1/0/advance' })).not.toThrow();
  expect(call('TransactWriteItems', { TransactItems: [{ Put: { TableName: 'steps' } }] })).not.toThrow();
});

test.each<[string, string, Record<string, unknown>]>([
  ['another action', 'DeleteItem', { TableName: 'steps' }],
  ['another table', 'Query', { TableName: 'secrets' }],
  ['another index', 'Query', { TableName: 'steps', IndexName: 'byCluster' }],
  ['another queue', 'SendMessage', { QueueUrl: 'http://127.0.0.1:1/0/other' }],
  ['one part of a transaction', 'TransactWriteItems', { TransactItems: [{ Put: { TableName: 'steps' } }, { ConditionCheck: { TableName: 'clusters' } }] }],
  ['one table of a batch', 'BatchGetItem', { RequestItems: { secrets: {} } }],
])('%s is denied', (_, operation, body) => {
  expect(call(operation, body)).toThrow(/role of sweep does not allow/);
});

test('a function without statements may nothing, and who is no function may all', () => {
  expect(call('Query', { TableName: 'steps' }, 'unknown')).toThrow();
  expect(() => permit({ headers: {} } as IncomingMessage, 'Scan', { TableName: 'steps' })).not.toThrow();
});
