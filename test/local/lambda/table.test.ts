/** DynamoDB's stand-in: transactions, expiry, and what is left on the disk after a kill -9. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetItemCommand, PutItemCommand, QueryCommand, TransactWriteItemsCommand, UpdateItemCommand, type DynamoDBClient, type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTables } from '../../../local/lambda/create.ts';
import { startTable, type Table } from '../../../local/lambda/table.ts';
import { clientOf, ids, tables } from './writer.ts';

let folder: string;
let table: Table;
let client: DynamoDBClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moorage-table-'));
  await open();
});
afterEach(async () => {
  client.destroy();
  await table.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<void> {
  table = await startTable(join(folder, 'tables'), () => undefined);
  client = clientOf(table.endpoint);
  await createTables(client, tables);
}

const put = (id: string, more: object = {}): TransactWriteItem =>
  ({ Put: { TableName: 'things', Item: { id: { S: id }, ...more }, ConditionExpression: 'attribute_not_exists(id)' } });
const add = (id: string): TransactWriteItem =>
  ({ Update: { TableName: 'things', Key: { id: { S: id } }, UpdateExpression: 'ADD n :one', ConditionExpression: 'attribute_exists(id)', ExpressionAttributeValues: { ':one': { N: '1' } } } });
const transact = (...TransactItems: TransactWriteItem[]) => client.send(new TransactWriteItemsCommand({ TransactItems }));
const get = async (id: string) => (await client.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: id } }, ConsistentRead: true }))).Item;
const inShard = async (shard: string) => (await client.send(new QueryCommand({
  TableName: 'things', IndexName: 'due', KeyConditionExpression: 'dueShard = :s', ExpressionAttributeValues: { ':s': { N: shard } },
}))).Items;

test('a transaction writes all its items, and their index entries', async () => {
  await transact(put('a', { dueShard: { N: '1' } }), put('b', { dueShard: { N: '1' } }));
  expect((await inShard('1'))?.map(({ id }) => id?.S).toSorted()).toEqual(['a', 'b']);
});

test('a transaction with one condition that fails writes nothing, and says which', async () => {
  await transact(put('a'));
  await expect(transact(put('c'), put('a'))).rejects.toMatchObject({
    name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
  });
  expect(await get('c')).toBeUndefined();
});

test('a transaction whose last item cannot be applied writes nothing', async () => {
  await expect(transact(put('a'), put('b', { dueShard: { S: 'not a number' } }))).rejects.toMatchObject({ name: 'TransactionCanceledException' });
  expect(await get('a')).toBeUndefined();
});

test('an item is in a transaction once', async () => {
  await expect(transact(put('a'), add('a'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('no update is lost among transactions and single writes', async () => {
  await transact(put('a'), put('b'));
  const single = new UpdateItemCommand({ TableName: 'things', Key: { id: { S: 'a' } }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } });
  await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? transact(add('a'), add('b')) : client.send(single))));
  expect([(await get('a'))?.n?.N, (await get('b'))?.n?.N]).toEqual(['40', '20']);
});

test('what has expired is removed, and nothing else', async () => {
  const at = (id: string, expiresAt: number) => client.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: id }, expiresAt: { N: String(expiresAt) } } }));
  await Promise.all([at('old', 1_000), at('new', 3_000), transact(put('never'))]);
  expect(await table.expire('things', 'expiresAt', 2_000_000)).toBe(1);
  expect(await Promise.all(['old', 'new', 'never'].map(async (id) => Boolean(await get(id))))).toEqual([false, true, true]);
});

test('tables of another version are not used', async () => {
  const { GlobalSecondaryIndexes: _, ...without } = tables[0]!;
  const other = { ...without, AttributeDefinitions: [{ AttributeName: 'other', AttributeType: 'S' as const }], KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' as const }] };
  await expect(createTables(client, [other])).rejects.toThrow('another version');
});

// A round takes some twenty milliseconds: these fall into different parts of it.
test.each([2, 6, 10, 14, 18])('after a kill -9 in mid-write (%i ms), what was acknowledged is there, transactions are whole and indexes agree', async (delayMs) => {
  await table.close();
  client.destroy();
  const writer = fork(join(import.meta.dirname, 'writer.ts'), [join(folder, 'tables')], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let acknowledged = -1;
  writer.on('message', (round: number) => {
    acknowledged = round;
    if (round === 20) setTimeout(() => writer.kill('SIGKILL'), delayMs);
  });
  await once(writer, 'exit');
  await open();
  expect(acknowledged).toBeGreaterThanOrEqual(20);
  const rounds = new Set(await Promise.all(ids.map(async (id) => Number((await get(id))!.n!.N))));
  expect(rounds.size).toBe(1);
  const [round] = rounds;
  expect(round).toBeGreaterThanOrEqual(acknowledged);
  // Each round moves all to another shard: they must be in that one, and in no other.
  const shards = await Promise.all(['0', '1', '2'].map(inShard));
  expect(shards.map((items) => items?.length)).toEqual([0, 1, 2].map((shard) => (shard === round! % 3 ? ids.length : 0)));
});
