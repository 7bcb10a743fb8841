/**
 * One storm: clusters of several projects asked for at once, all RUNNING, all deleted, and what is left. The product's own
 * engine, flows, steps and OpenStack client, against the stand-in for OpenStack, in virtual time; functions run as many at
 * once, and in such batches, as they are deployed.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Chance } from '../../simulate/chance.ts';
import { foreignThings } from '../../simulate/invariants.ts';
import { thingsOf } from '../../simulate/reference.ts';
import type { Program } from '../../simulate/realm.ts';
import { calm, troublesUntil, type Troubles } from '../../simulate/troubles.ts';
import { choose, logIn } from '../../simulate/users.ts';
import { World } from '../../simulate/world.ts';
import type { CallCounts } from '../../../local/openstack/log.ts';
import { Customer } from './customers.ts';
import { MappedQueues, type FunctionUse, type Mapping } from './mapped-queues.ts';
import { TableUnits, type Units } from './table-units.ts';

export interface Wanted {
  /** How many clusters each project asks for; the last one asks last. */
  projects: { name: string; clusters: number }[];
  /** Calls a second that services of the cloud take before they answer 429 with Retry-After. */
  rates: Record<string, number>;
  /** Settings of the functions. */
  env?: Record<string, string>;
  /** How long everything runs before it is deleted. */
  idleMs?: number;
  say?: (line: string) => void;
}

/** What something took: everything of all clusters together. */
export interface Cost { cloudCalls: CallCounts; units: Units; unitsByTable: Map<string, Units>; messages: number; functionRuns: number; functionMs: number; virtualMs: number; /** Of the calls, those answered 429. */ refused: number }

/** Of one function. */
export interface Runs { runs: number; ms: number; longestMs: number }

export interface Told {
  customers: Customer[];
  create: Cost; idle: Cost; remove: Cost;
  refused: number;
  left: string[];
  uses: Map<string, FunctionUse>;
  runs: Map<string, Runs>;
  peakBytes: number;
}

const hourMs = 3_600_000;
const root = join(import.meta.dirname, '../../..');

/** Throws when something of it is held, or does not end within a day. */
export async function storm(program: Program, wanted: Wanted): Promise<Told> {
  let queues!: MappedQueues;
  const world = new World(program, 1, asDeployed, {
    isForgetful: true, ...(wanted.env && { env: wanted.env }),
    queues: (clock, deliver) => (queues = new MappedQueues(mappingOf, clock, new Chance(2), deliver)),
  });
  const counters = new Counters(world, queues);
  let told: Told | undefined;
  let failure: unknown;
  let isOver = false;
  tell(world, queues, counters, wanted).then((value) => { told = value; }, (error: unknown) => { failure = error; }).finally(() => { isOver = true; });
  const how = await world.clock.run(() => isOver, world.clock.now() + 24 * hourMs);
  if (failure) throw failure as Error;
  if (!told) throw new Error(`It does not end (${how}): ${world.openOperations().slice(0, 2_000)}`);
  if (world.broken.length > 0) throw new Error(world.broken.join('; '));
  return told;
}

async function tell(world: World, queues: MappedQueues, counters: Counters, { projects, rates, idleMs = 0, say = () => {} }: Wanted): Promise<Told> {
  const common = await choose(world, await logIn(world, 'demo'));
  const customers: Customer[] = [];
  for (const [index, { name }] of projects.entries()) customers.push(await Customer.open(world, name, common, 20 + index));
  const projectIds = customers.map(({ projectId }) => projectId);
  const before = new Set(foreignThings(world, projectIds));
  for (const [service, rate] of Object.entries(rates)) world.cloud.faults.add(`rate:${service}=${rate}`);

  counters.begin();
  const chance = new Chance(3);
  const asking = customers.map((customer, index) => Array.from({ length: projects[index]!.clusters }, () => customer.ask(chance.between(0, 2_000))));
  await Promise.all(asking.flat());
  const stopTelling = tellProgress(world, customers, say);
  await Promise.all(customers.map((customer) => customer.untilAllRun()));
  stopTelling();
  const create = counters.take();
  say('all RUNNING');
  await world.clock.sleep(idleMs);
  const idle = counters.take();
  await Promise.all(customers.map((customer) => customer.deleteAll()));
  await Promise.all(customers.map((customer) => customer.untilAllGone()));
  const remove = counters.take();
  say('all gone');
  const left = [
    ...customers.flatMap(({ clusters }) => clusters.flatMap(({ id }) => [...thingsOf(world, id)].flatMap(([kind, things]) => things.map((thing) => `${kind} ${thing.name} ${thing.id}`)))),
    ...foreignThings(world, projectIds).filter((thing) => !before.has(thing)),
  ];
  say(`${left.length} left behind`);
  return { customers, create, idle, remove, left, refused: counters.refused, uses: queues.uses(), runs: counters.runs, peakBytes: counters.peakBytes };
}

/** So that whoever looks on knows that it goes on. */
function tellProgress(world: World, customers: readonly Customer[], say: (line: string) => void): () => void {
  const all = customers.flatMap(({ clusters }) => clusters).length;
  let stop = (): void => {};
  const again = (): void => {
    stop = world.clock.after(5 * 60_000, () => {
      say(`  after ${Math.round((world.clock.now() - customers[0]!.clusters[0]!.askedAt) / 60_000)} minutes ${customers.flatMap(({ clusters }) => clusters).filter(({ runningAt }) => runningAt).length} of ${all || 'them'} run`);
      again();
    });
  };
  again();
  return () => stop();
}

/** What tables and queues take to answer, in milliseconds: published means of the provider's. */
const answersMs = { table: 5, message: 8, cloud: 0, kubernetes: 0 } as const;

const asDeployed: Troubles = {
  ...troublesUntil(calm, 0),
  of: () => ({ kills: () => false, straysMs: () => undefined, delayMs: ({ kind }) => answersMs[kind], refusal: () => undefined }),
};

interface SqsEvent { sqs?: Mapping }
const { functions } = createRequire(import.meta.url)(join(root, 'functions/steps/functions.cjs')) as { functions: Record<string, { events: SqsEvent[] }> };
const engine = parse(readFileSync(join(root, 'functions/engine/functions.yml'), 'utf8'), { logLevel: 'silent' }) as Record<string, { events: SqsEvent[] }>;

/** As it is deployed. */
function mappingOf(queue: string): Mapping {
  const definition = queue === 'advance' ? engine.advance : functions[`step${queue[0]!.toUpperCase()}${queue.slice(1)}`];
  const mapping = definition?.events.find(({ sqs }) => sqs)?.sqs;
  if (!mapping) throw new Error(`No function is mapped to the queue ${queue}`);
  return mapping;
}

class Counters {
  readonly runs = new Map<string, Runs>();
  refused = 0;
  peakBytes = 0;
  readonly #world: World;
  readonly #queues: MappedQueues;
  #units = new TableUnits();
  #from = { sent: 0, runs: 0, ms: 0, at: 0 };
  #total = { runs: 0, ms: 0 };

  constructor(world: World, queues: MappedQueues) {
    this.#world = world;
    this.#queues = queues;
    world.effects.ran = (name, ms) => {
      const of = this.runs.get(name) ?? { runs: 0, ms: 0, longestMs: 0 };
      this.runs.set(name, { runs: of.runs + 1, ms: of.ms + ms, longestMs: Math.max(of.longestMs, ms) });
      this.#total = { runs: this.#total.runs + 1, ms: this.#total.ms + ms };
      if (this.#total.runs % 200 === 0) this.peakBytes = Math.max(this.peakBytes, process.memoryUsage.rss());
    };
  }

  begin(): void {
    this.#world.cloud.calls.reset();
    this.#units = new TableUnits();
    this.#world.tables.meter = this.#units;
    this.#from = { sent: this.#queues.sent, ...this.#total, at: this.#world.clock.now() };
  }

  /** What there was since it was asked last. */
  take(): Cost {
    const { sent, runs, ms, at } = this.#from;
    const cloudCalls = this.#world.cloud.calls.read();
    const cost = {
      cloudCalls, units: this.#units.total(), unitsByTable: this.#units.byTable(), messages: this.#queues.sent - sent,
      functionRuns: this.#total.runs - runs, functionMs: this.#total.ms - ms, virtualMs: this.#world.clock.now() - at, refused: this.#world.wire.refusedForRate,
    };
    this.refused += this.#world.wire.refusedForRate;
    this.#world.wire.refusedForRate = 0;
    this.peakBytes = Math.max(this.peakBytes, process.memoryUsage.rss());
    this.begin();
    return cost;
  }
}
