/** The functions as a process: comes up, serves, survives a kill -9 with its tables, ends with its parent. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFunctions, type Functions } from '../../../local/lambda/start.ts';

const client = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const env = { OS_AUTH_URL: 'http://127.0.0.1:9/v3', OS_PASSWORD: 'none', EXTERNAL_NETWORK: 'public' };
let dataDir: string;
let lines: string[];
let functions: Functions | undefined;

const start = async (): Promise<Functions> => (functions = await startFunctions({ dataDir, env, hurry: 60, log: (line) => lines.push(line) }));
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resume) => setTimeout(resume, 20));
};
const isAlive = (pid: number): boolean => {
  try { return process.kill(pid, 0); } catch { return false; }
};

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'moorage-functions-'));
  lines = [];
});
afterEach(async () => {
  if (functions && isAlive(functions.pid)) await functions.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('answers HTTP, invokes by queue and by schedule, and keeps its tables over a kill -9', async () => {
  const first = await start();
  expect((await fetch(`${first.url}/v2/clusters`)).status).toBe(401);
  const sqs = new SQSClient({ ...client, endpoint: first.queueEndpoint, useQueueUrlAsEndpoint: false });
  await sqs.send(new SendMessageCommand({ QueueUrl: `${first.queueEndpoint}/000000000000/moorage-local-advance`, MessageBody: 'no hint' }));
  sqs.destroy();
  await until(() => lines.some((line) => line.includes('could not be looked at')));
  await until(() => lines.some((line) => line.includes('OperationsOverdue')));
  const row = { TableName: 'moorage-local-durations', Item: { name: { S: 'kept' } } };
  const before = new DynamoDBClient({ ...client, endpoint: first.tableEndpoint });
  await before.send(new PutItemCommand(row));
  before.destroy();
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const second = await start();
  const after = new DynamoDBClient({ ...client, endpoint: second.tableEndpoint });
  expect((await after.send(new GetItemCommand({ TableName: row.TableName, Key: row.Item }))).Item).toEqual(row.Item);
  after.destroy();
  expect(lines.filter((line) => line.includes('does not allow'))).toEqual([]);
}, 60_000);

test('ends when its parent is killed', async () => {
  const parent = fork(join(import.meta.dirname, 'parent.ts'), [dataDir], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [pid] = await once(parent, 'message') as [number];
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid));
}, 60_000);

test('says why it did not start', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port: httpPort } = taken.address() as AddressInfo;
  await expect(startFunctions({ dataDir, env, httpPort, log: () => undefined })).rejects.toThrow(/did not start[^]*EADDRINUSE/);
  taken.close();
}, 60_000);
