/** One world: clock, chance, cloud, queues, tables and functions of one seed, wired to one another. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { OpenCloud } from '../../local/openstack/cloud.ts';
import { Chance } from './chance.ts';
import { Clock } from './clock.ts';
import { Effects } from './effects.ts';
import type { Inside } from './inside.ts';
import { PlayedClusters } from './played-clusters.ts';
import { Queues, type Deliver } from './queues.ts';
import { enter, type Program } from './realm.ts';
import { Tables } from './tables.ts';
import type { Troubles } from './troubles.ts';
import { Wire } from './wire.ts';

/** All worlds begin on the same day. */
const start = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
/** As deployed. */
const timeoutMs = { step: 60_000, engine: 60_000, http: 29_000 };
const cloudUrl = 'http://cloud.test';

/** What worlds may differ in, beyond their troubles. */
export interface WorldOptions {
  /** Instead of those that lose and double messages. */
  queues?: (clock: Clock, deliver: (queue: string, bodies: readonly string[]) => Promise<boolean[]>) => Pick<Queues, 'send' | 'bodies'>;
  /** Nothing is kept for whoever reads the history later: a long world stays small. */
  isForgetful?: boolean;
  /** Of the functions, beyond what all worlds have. */
  env?: Record<string, string>;
}

export class World {
  readonly clock = new Clock(start);
  readonly chance: Chance;
  readonly effects: Effects;
  readonly queues: Pick<Queues, 'send' | 'bodies'>;
  readonly wire: Wire;
  readonly kubernetes: PlayedClusters;
  readonly tables: Tables;
  readonly secrets = new Set<string>();
  readonly history: string[] = [];
  readonly log: string[] = [];
  /** Of the API, all of them. */
  readonly answers: string[] = [];
  readonly broken: string[] = [];
  readonly inside: Inside;
  readonly cloud: OpenCloud;
  readonly #isForgetful: boolean;
  #requests = 0;

  constructor(program: Program, seed: number, troubles: Troubles, { queues, isForgetful = false, env }: WorldOptions = {}) {
    const chance = new Chance(seed);
    const tell = (line: string): void => { if (!isForgetful) this.history.push(line); };
    this.#isForgetful = isForgetful;
    this.chance = chance.fork();
    this.effects = new Effects(this.clock, troubles.of(this.clock, chance.fork()), tell);
    const post = chance.fork();
    const deliver = (queue: string, bodies: readonly string[]): Promise<boolean[]> => this.#deliver(queue, bodies);
    const one: Deliver = async (queue, body) => (await deliver(queue, [body]))[0]!;
    this.queues = queues?.(this.clock, deliver) ?? new Queues(this.clock, post, () => troubles.post(this.clock.now()), one);
    this.wire = new Wire(this.clock, chance.fork(), () => troubles.wire(this.clock.now()), this.secrets);
    this.kubernetes = new PlayedClusters(this.clock, chance.fork(), () => troubles.kubernetes(this.clock.now()), (what) => this.break(what));
    this.tables = new Tables(this.clock, this.effects, (what) => this.break(what));
    this.inside = enter(program, this, { ...environment, ...env });
    this.cloud = this.inside.openCloud({ baseUrl: cloudUrl, scale: 1, seed });
    this.wire.desk = this.cloud.desk;
    this.kubernetes.watch(this.cloud);
    const { sweep, watch, janitor } = this.inside.engine;
    this.#every(minuteMs, 'sweep', sweep);
    this.#every(minuteMs, 'watch', watch);
    this.#every(60 * minuteMs, 'janitor', janitor);
  }

  /** Something has happened that never may. */
  break(what: string): void { if (this.broken.length < 20) this.broken.push(what); }
  logged(said: unknown[]): void { if (!this.#isForgetful) this.log.push(said.map(asText).join(' ')); }
  counted(_name: string, _by: number): void { /* metrics are nobody's business here */ }

  /** What has not ended, in words for whoever looks into it. */
  openOperations(): string {
    const open = [...this.tables.rows('operations').values()].filter(({ status }) => status !== 'succeeded' && status !== 'stopped');
    return open.map((operation) => {
      const steps = [...this.tables.rows('steps').values()].filter(({ operationId, status }) => operationId === operation.id && status !== 'done' && status !== 'pending');
      return `${String(operation.flow)} ${String(operation.status)} ${JSON.stringify(operation.failure ?? '')} [${steps.map(({ key, status, reason }) => `${String(key)} ${String(status)}: ${String(reason)}`).join('; ')}]`;
    }).join(' | ') || 'no operation is open';
  }

  /** A request of an HTTP function; undefined when there was no answer. */
  async call(token: string, method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> } | undefined> {
    const id = ++this.#requests;
    const { key, handler, parameters } = this.inside.route(method, path);
    const event = {
      version: '2.0', routeKey: key, rawPath: path, rawQueryString: '', isBase64Encoded: false, pathParameters: parameters,
      headers: { 'x-auth-token': token, 'content-type': 'application/json', 'openstack-api-version': 'container-infra latest' }, ...(body !== undefined && { body: JSON.stringify(body) }),
      requestContext: { requestId: `request-${id}`, routeKey: key, http: { method, path } },
    };
    const ran = await this.effects.run(`${method} ${path}`, timeoutMs.http, () => handler(event, { getRemainingTimeInMillis: () => timeoutMs.http }));
    if (!ran) return undefined;
    const { statusCode, body: text } = ran.value;
    if (!this.#isForgetful) this.answers.push(text ?? '');
    if (statusCode === 500) this.break(`${method} ${path} answered 500: ${text}`);
    return { status: statusCode, json: text ? JSON.parse(text) as Record<string, unknown> : {} };
  }

  /** Which of the messages have been dealt with. */
  async #deliver(queue: string, bodies: readonly string[]): Promise<boolean[]> {
    const handler = queue === 'advance' ? this.inside.engine.advance : this.inside.steps[queue];
    if (!handler) throw new Error(`There is no queue ${queue}`);
    const event = { Records: bodies.map((body, index) => ({ messageId: String(index), body })) } as SQSEvent;
    const ran = await this.effects.run(queue, timeoutMs.step, () => handler(event) as Promise<SQSBatchResponse>);
    if (!ran) return bodies.map(() => false);
    const failed = new Set(ran.value.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return bodies.map((_, index) => !failed.has(String(index)));
  }

  #every(ms: number, name: string, handler: () => Promise<void>): void {
    this.clock.after(ms, () => {
      this.#every(ms, name, handler);
      void this.effects.run(name, timeoutMs.engine, () => handler().catch((error: unknown) => this.logged([name, error])));
    });
  }
}

const environment: Record<string, string> = {
  OS_AUTH_URL: `${cloudUrl}/identity/v3`, OS_USERNAME: 'moorage', OS_PASSWORD: 'secret', EXTERNAL_NETWORK: 'public', REQUESTS_PER_MINUTE: '0', CLOUD_CALLS_AT_ONCE: '0',
  LOCAL_KEY: Buffer.alloc(32, 7).toString('base64'),
};

function asText(value: unknown): string {
  if (value instanceof Error) return `${value.stack ?? value.message} ${asText(value.cause ?? '')}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Error ? asText(inner) : inner));
}
