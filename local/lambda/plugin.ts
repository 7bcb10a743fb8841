/**
 * Serverless plug-in that runs the service in one process: table, queues, event source mappings and schedules around
 * serverless-offline's HTTP API. Options come in the environment, see start.ts; when all is up the parent is told.
 */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { bundleFunctions } from './bundle.ts';
import { createQueues, createTables } from './create.ts';
import { invoker } from './invoke.ts';
import { mappingsOf, ratesOf, type FunctionDefinition } from './events.ts';
import { poll } from './poller.ts';
import { startQueues } from './queues.ts';
import { permits, type Statement } from './roles.ts';
import { periodMs, repeat } from './schedule.ts';
import { startTable } from './table.ts';
import { queuesOf, region, resolver, tablesOf, type Resources } from './template.ts';

interface Service {
  service: {
    provider: { environment: Record<string, unknown>; iam?: { role?: { statements?: Statement[] } } };
    functions: Record<string, FunctionDefinition>;
    resources: { Resources: Resources };
    custom: Record<string, unknown>;
  };
  serviceDir: string;
  configSchemaHandler: { defineFunctionProperties(provider: string, schema: object): void };
}
export interface Options { dataDir: string; httpPort?: number; hurry: number; visibilityTimeoutS?: number }
export interface Ready { url: string; tableEndpoint: string; queueEndpoint: string }

const sweepExpiredMs = 60_000;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export default class LocalLambda {
  readonly hooks: Record<string, () => Promise<void>>;
  private readonly stopped = new AbortController();
  private readonly warn = (text: string): void => console.error(text);
  private running: Promise<unknown>[] = [];
  private close: () => Promise<void> = async () => undefined;
  private begin: () => void = () => undefined;

  constructor(serverless: Service) {
    const options = JSON.parse(process.env.LOCAL_LAMBDA ?? '{"hurry":1,"dataDir":".moorage"}') as Options;
    this.hooks = {
      'before:offline:start:init': () => this.up(serverless, options).catch(giveUp),
      'before:offline:start:ready': async () => this.begin(),
      'before:offline:start:end': () => this.down(),
    };
    serverless.configSchemaHandler.defineFunctionProperties('aws', { properties: { iamRoleStatements: { type: 'array' } } });
    // Nobody left to serve. That alone must not keep a failed start from ending.
    process.on('disconnect', () => process.exit(0)).channel?.unref();
  }

  private async up({ service, serviceDir }: Service, { dataDir, httpPort, hurry, visibilityTimeoutS }: Options): Promise<void> {
    process.setSourceMapsEnabled(true);
    // serverless-offline would stay, unheard, when its port is taken.
    const [port, lambdaPort] = [await freePort(httpPort), await freePort()];
    keepConnections(port);
    const { Resources } = service.resources;
    const statements = new Map<string, Statement[]>();
    const permit = permits(statements);
    const [table, queues] = await Promise.all([startTable(join(dataDir, 'tables'), permit), startQueues(permit)]);
    const resolve = resolver(Resources, queues.endpoint);
    const sqs = new SQSClient({ endpoint: queues.endpoint, region, credentials, useQueueUrlAsEndpoint: false });
    const dynamo = new DynamoDBClient({ endpoint: table.endpoint, region, credentials });
    const tables = tablesOf(Resources);
    const folder = join(dataDir, 'functions');
    const entries = Object.entries(service.functions).map(([name, { handler }]) => ({ name, handler }));
    await Promise.all([
      createTables(dynamo, tables),
      createQueues(sqs, resolve(queuesOf(Resources)) as ReturnType<typeof queuesOf>, visibilityTimeoutS),
      bundleFunctions(serviceDir, folder, entries),
    ]);
    const url = `http://127.0.0.1:${port}`;
    service.custom['serverless-offline'] = {
      host: '127.0.0.1', httpPort: port, lambdaPort, noPrependStageInUrl: true, noSponsor: true, useInProcess: true,
      reloadHandler: false, location: folder,
    };
    service.provider.environment = environment(resolve(service.provider.environment) as Record<string, unknown>, table.endpoint, queues.endpoint);
    const common = service.provider.iam?.role?.statements ?? [];
    for (const [name, definition] of Object.entries(service.functions)) {
      statements.set(name, resolve([...common, ...(definition.iamRoleStatements ?? [])]) as Statement[]);
      definition.handler = `${name}.handler`;
    }
    const mappings = Object.entries(service.functions).flatMap(([, definition]) => mappingsOf(definition, resolve, queues.endpoint));
    const rates = Object.values(service.functions).flatMap(ratesOf);
    for (const definition of Object.values(service.functions)) definition.events = (definition.events ?? []).filter(({ httpApi }) => httpApi);
    this.begin = () => {
      const invoke = invoker(lambdaPort);
      const { signal } = this.stopped;
      const expiring = tables.filter(({ TimeToLiveSpecification }) => TimeToLiveSpecification?.Enabled);
      const expire = async () => {
        for (const { TableName, TimeToLiveSpecification } of expiring) await table.expire(TableName, TimeToLiveSpecification!.AttributeName, Date.now());
      };
      this.running = [
        ...mappings.map(({ functionName, ...mapping }) => poll(sqs, mapping, (event) => invoke(functionName, event), signal, this.warn)),
        ...rates.map(({ functionName, rate }) => repeat(periodMs(rate) / hurry, () => invoke(functionName, {}), signal, this.warn)),
        repeat(sweepExpiredMs, expire, signal, this.warn),
      ];
      process.send?.({ url, tableEndpoint: table.endpoint, queueEndpoint: queues.endpoint } satisfies Ready);
    };
    this.close = async () => { await Promise.allSettled([queues.close(), table.close()]); };
  }

  private async down(): Promise<void> {
    this.stopped.abort();
    await Promise.allSettled(this.running);
    await this.close();
  }
}

/** Endpoints instead of AWS; a local key instead of the key-management key. */
function environment(resolved: Record<string, unknown>, tableEndpoint: string, queueEndpoint: string): Record<string, unknown> {
  const { KEY_ID: _key, NODE_OPTIONS: _options, ...rest } = resolved;
  const known = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  return { ...Object.fromEntries(known), DYNAMODB_ENDPOINT: tableEndpoint, SQS_ENDPOINT: queueEndpoint, LOCAL_KEY: process.env.LOCAL_KEY };
}

/** What has been started by then would keep the process. */
function giveUp(error: Error): never {
  console.error(error.stack);
  process.exit(1);
}

/** `wanted`, or any. Throws when it is taken. */
async function freePort(wanted = 0): Promise<number> {
  const probe = createServer().listen(wanted, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Of the API, as long as the gateway keeps them: Node's five seconds cut off clients that think between two requests. */
function keepConnections(port: number): void {
  subscribe('http.server.request.start', (message) => {
    const { server } = message as { server: Server };
    if ((server.address() as AddressInfo | null)?.port === port) server.keepAliveTimeout = 65_000;
  });
}
