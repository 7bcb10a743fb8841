/**
 * The API as deployed, without the gateway: routes are read from functions.yml, the tables are the local stand-in, the
 * cloud is the embedded one, what goes to queues is written down. Every answer is held against its schema.
 */
import { readFileSync } from 'node:fs';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { parse } from 'yaml';
import { expect } from 'vitest';
import { choose, logIn, type Choice, type Person, type User } from '../../../local/demo/user.ts';
import { localCloud } from '../../../local/clouds.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { readMagnumRoutes, readRoutes } from '../../../schemas/generator/definitions.ts';
import { newAjv } from '../../../schemas/generator/validators.ts';
import { startLocalTables } from '../../layers/store/local-tables.ts';

export interface Asked { token?: string | null; body?: unknown; raw?: string; headers?: Record<string, string> }
// eslint-disable-next-line typescript/no-explicit-any -- answers are held against their schemas instead
type Json = any;
export interface Told { status: number; headers: Record<string, string>; text: string; json: Json }
export type Who = 'demo' | 'viewer' | 'other';

interface Definition { handler: string; events: { httpApi: string | { method: string; path: string } }[] }
interface Found { key: string; handler: string; parameters: Record<string, string> }

export interface Harness {
  cloud: Cloud;
  users: Record<Who, User>;
  choice: Choice;
  /** As `demo`, unless said otherwise. */
  call(method: string, path: string, asked?: Asked): Promise<Told>;
  as(who: Who, method: string, path: string, body?: unknown): Promise<Told>;
  /** Operations that the engine was told of since this was asked last. */
  hints(): string[];
  stop(): Promise<void>;
}

const definitions = Object.values(parse(readFileSync(new URL('../../../functions/http/functions.yml', import.meta.url),
  'utf8')) as Record<string, Definition>);
const ajv = newAjv();
const routes = [...readRoutes().routes, ...readMagnumRoutes().routes];

export async function startHarness(): Promise<Harness> {
  const stopTables = await startLocalTables();
  const cloud = await startCloud({ scale: 1_000, seed: 7 });
  Object.assign(process.env, localCloud(cloud).env,
    { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true',
      ADVANCE_QUEUE_URL: 'https://queues/advance' });
  const queues = mockClient(SQSClient);
  queues.on(SendMessageCommand).resolves({});
  const [demo, viewer, other] = await Promise.all((['demo', 'viewer', 'other'] as const)
    .map((who) => logIn(cloud.authUrl, cloud.credentials[who] as Person)));
  const users = { demo: demo!, viewer: viewer!, other: other! };
  const call = async (method: string, path: string, asked: Asked = {}): Promise<Told> => {
    const token = asked.token === undefined ? await users.demo.token() : asked.token;
    const told = await invoke(method, path, { ...asked, token });
    holdToSchema(method, path, told);
    return told;
  };
  return {
    cloud, users, choice: await choose(users.demo), call,
    as: async (who, method, path, body) =>
      call(method, path, { token: await users[who].token(), ...(body !== undefined && { body }) }),
    hints() {
      const sent = queues.commandCalls(SendMessageCommand)
        .map(({ args: [{ input }] }) => (JSON.parse(input.MessageBody!) as { operationId: string }).operationId);
      queues.resetHistory();
      return sent;
    },
    async stop() {
      queues.restore();
      await cloud.close();
      await stopTables();
    },
  };
}

let requests = 0;

async function invoke(method: string, url: string, { token, body, raw, headers = {} }: Asked): Promise<Told> {
  const { pathname, searchParams } = new URL(url, 'http://any');
  const { key, handler, parameters } = find(method, pathname);
  const [file, name] = handler.split('.') as [string, string];
  const functions = await import(/* @vite-ignore */ new URL(`../../../${file}.ts`, import.meta.url)
    .href) as Record<string, (event: unknown, context: unknown) =>
      Promise<{ statusCode: number; headers: Record<string, string>; body: string }>>;
  const answer = await functions[name]!({
    version: '2.0', routeKey: key, rawPath: pathname, rawQueryString: searchParams.toString(), isBase64Encoded: false,
    headers: { ...(token && { 'x-auth-token': token }), 'content-type': 'application/json', ...headers },
    ...(searchParams.size > 0 && { queryStringParameters: Object.fromEntries(searchParams) }),
      pathParameters: parameters,
    // As serverless-offline has it; API Gateway leaves it out.
    ...(raw !== undefined ? { body: raw } : { body: body === undefined ? null : JSON.stringify(body) }),
    requestContext: { requestId: `request-${++requests}`, routeKey: key, http: { method, path: pathname } },
  }, { getRemainingTimeInMillis: () => 29_000 });
  const isJson = answer.headers['content-type'] === 'application/json' && answer.body !== '';
  return { status: answer.statusCode, headers: answer.headers, text: answer.body,
    json: isJson ? JSON.parse(answer.body) : undefined };
}

/** As the gateway does: a path without parameters before one with them, and what is left to `*`. */
function find(method: string, path: string): Found {
  const all = definitions.flatMap(({ handler, events }) => events.map(({ httpApi }) => ({ handler, route: httpApi })));
  const matches = all.flatMap(({ handler, route }): Found[] => {
    if (typeof route === 'string' || (route.method !== method && route.method !== '*')) return [];
    const pattern = route.path.replace(/\{(\w+)\+\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = new RegExp(`^${pattern}$`).exec(path);
    return match ? [{ key: `${method} ${route.path}`, handler, parameters: { ...match.groups } }] : [];
  });
  const fallback = all.find(({ route }) => route === '*')!;
  const greed = ({ key, parameters }: Found): number => Object.keys(parameters).length * 100 - key.length;
  return matches.toSorted((a, b) => greed(a) - greed(b))[0]
    ?? { key: '$default', handler: fallback.handler, parameters: {} };
}

function holdToSchema(method: string, url: string, { status, json, headers }: Told): void {
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
  const plain = url.split('?')[0]!.replace(/(?<=.)\/$/, '');
  const isMagnum = !plain.startsWith('/v2') && !['/openapi.json', '/health'].includes(plain);
  const path = isMagnum && plain !== '/' && !/^\/v1(\/|$)/.test(plain) ? `/v1${plain}` : plain;
  const [route] = routes
    .filter((each) => each.method === method && new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/:]+')}$`).test(path))
    .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length);
  if (status === 200 && route?.answer.includes('/')) return;
  if (isMagnum && status < 300) expect(route?.status, `${method} ${url}`).toBe(status);
  if (status === 204) return expect(json, `${method} ${url} answers nothing`).toBeUndefined();
  const name = status < 300 ? route!.answer : isMagnum ? 'MagnumErrorAnswer' : 'ErrorAnswer';
  const validate = ajv.getSchema(`moorage#/$defs/${name}`)!;
  expect(validate(json) || validate.errors, `${method} ${url} answers ${name}`).toBe(true);
}

/** A request for a cluster that is admitted as it stands; `change` may make it wrong. */
export function clusterRequest(choice: Choice): Record<string, Json> {
  const { flavorId, networkId, subnetId, externalNetworkId, zones } = choice;
  return {
    name: 'harbour', description: 'for ships', version: 'v1.34.2', labels: { team: 'sea' },
    master_spec: { engine: { nova_engine: { flavor_id: flavorId } }, replicas: 1 },
    deployment_type: { zonal_deployment: { zone: zones[0] }, multi_zonal_deployment: null },
    network_config: {
      plugin: { calico: { pods_ipv4_cidr: '10.100.0.0/16' }, cilium: null },
      engine: { sprut_engine: { network_id: networkId, subnet_id: subnetId, external_network_id: externalNetworkId } },
    },
    load_balancer_config: { octavia_engine: { loadbalancer_subnet_id: '', enable_public_ip: true, allowed_cidrs: [] } },
    insecure_registries: null,
  };
}

export const groupSpec = ({ flavorId }: Choice, more: object = {}): Record<string, Json> =>
  ({ name: 'berths', vm_engine: { nova_engine: { flavor_id: flavorId } }, scale_spec: { fixed_scale: { size: 2 } },
    ...more });
