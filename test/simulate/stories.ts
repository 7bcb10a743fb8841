/** Lives of one cluster in which every function may die at any one moment, and in which all must end the same. */
import { checkGone, checkRunning } from './invariants.ts';
import type { Prepared } from './prepared.ts';
import { countsOf, thingsOf, type Reference } from './reference.ts';
import { calm, deathAt, troublesUntil } from './troubles.ts';
import { choose, logIn, Tenant, type Script } from './users.ts';
import { World } from './world.ts';

export const storyNames = ['create, resize, delete', 'retry', 'rotate'] as const;
export type StoryName = (typeof storyNames)[number];
export interface Death { number: number; moment: 'before' | 'after' }
export interface Told {
  broken: string[];
  /** What there was when the cluster ran, and when it was gone: the same whoever died. */
  outcome: string;
  /** The effects of the part that the story is about, numbered as deaths are. */
  from: number;
  to: number;
  /** Every effect, from number 1: who, and what. */
  points: readonly string[];
  deaths: number;
}

const hourMs = 3_600_000;
const script: Script = { masters: 1, groups: [1], ownApi: false, startAfterMs: 0, changes: [], deleteAfterMs: undefined, exposes: false };

/** Tells the story, with one death in it or none. */
export async function tellStory({ program, reference }: Prepared, name: StoryName, death?: Death): Promise<Told> {
  const world = new World(program, 7, death ? deathAt(death.number, death.moment) : troublesUntil(calm, 0));
  const start = world.clock.now();
  const outcomes: unknown[] = [];
  let span = { from: 0, to: 0 };
  let hasEnded = false;
  const telling = tellers[name](reference, world, outcomes)
    .then((found) => { span = found; })
    .catch((error: unknown) => world.break(error instanceof Error ? error.stack ?? error.message : String(error)))
    .finally(() => { hasEnded = true; });
  const how = await world.clock.run(() => hasEnded, start + 12 * hourMs);
  if (how === 'ended') await telling;
  else world.break(`it does not end: ${world.openOperations()}`);
  return { broken: world.broken, outcome: JSON.stringify(outcomes), ...span, points: death ? [] : world.effects.points, deaths: world.effects.deaths };
}

async function life(reference: Reference, world: World, outcomes: unknown[]): Promise<{ from: number; to: number }> {
  const tenant = new Tenant(world, await choose(world, await logIn(world, 'demo')), script, 'crash-0');
  await tenant.live();
  await tenant.untilRunning();
  await checkRunning(reference, world, tenant);
  outcomes.push(countsOf(world, tenant.id));
  await tenant.resize(2);
  await tenant.untilRunning();
  await checkRunning(reference, world, tenant);
  outcomes.push(countsOf(world, tenant.id));
  await tenant.delete();
  return gone(world, tenant, 1);
}

/** The create is held, since there is no room for its disks; then there is, and it is retried. */
async function retry(reference: Reference, world: World, outcomes: unknown[]): Promise<{ from: number; to: number }> {
  const tenant = new Tenant(world, await choose(world, await logIn(world, 'demo')), script, 'crash-0');
  world.cloud.faults.add('quota:cinder.volumes=0');
  await tenant.live();
  await tenant.untilHeld();
  const from = world.effects.points.length + 1;
  world.cloud.faults.clear();
  await tenant.untilRunning();
  const to = world.effects.points.length;
  await checkRunning(reference, world, tenant);
  outcomes.push(countsOf(world, tenant.id));
  await tenant.delete();
  return { ...await gone(world, tenant, from), to };
}

/** The authority of a running cluster is rotated: there is one new one, and every node is another. */
async function rotate(reference: Reference, world: World, outcomes: unknown[]): Promise<{ from: number; to: number }> {
  const tenant = new Tenant(world, await choose(world, await logIn(world, 'demo')), { ...script, groups: [2] }, 'crash-0');
  await tenant.live();
  await tenant.untilRunning();
  const seen = new Set([await tenant.authority()]);
  const before = workersOf(world, tenant);
  const from = world.effects.points.length + 1;
  await tenant.rotate();
  let runs = false;
  const looking = (async () => {
    while (!runs) {
      const shown = await tenant.authority();
      if (shown !== undefined) seen.add(shown);
      await world.clock.sleep(20_000);
    }
  })();
  await tenant.untilRunning();
  const to = world.effects.points.length;
  runs = true;
  await looking;
  await checkRunning(reference, world, tenant);
  if (seen.size !== 2) world.break(`${seen.size - 1} authorities have taken the place of the first`);
  const kept = workersOf(world, tenant).filter((id) => before.includes(id));
  if (before.length !== 2 || kept.length > 0) world.break(`${kept.length} of ${before.length} nodes have kept their place`);
  outcomes.push(countsOf(world, tenant.id), seen.size);
  await tenant.delete();
  return { ...await gone(world, tenant, from), to };
}

/** Ids of servers that are nodes of the user's cluster. */
const workersOf = (world: World, tenant: Tenant): string[] =>
  (thingsOf(world, tenant.id).get('servers') ?? []).filter(({ name }) => name.includes('-group-')).map(({ id }) => id);

const tellers: Record<StoryName, typeof life> = { 'create, resize, delete': life, retry, rotate };

async function gone(world: World, tenant: Tenant, from: number): Promise<{ from: number; to: number }> {
  const to = world.effects.points.length;
  await world.clock.sleep(0.2 * hourMs);
  checkGone(world, tenant);
  return { from, to };
}
