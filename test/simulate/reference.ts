/** How many things of each kind a cluster consists of: counted where nothing goes wrong. */
import type { Script } from './users.ts';
import { choose, logIn, Tenant } from './users.ts';
import { World } from './world.ts';
import type { Program } from './realm.ts';
import { calm, troublesUntil } from './troubles.ts';

/** By kind. */
export type Counts = Record<string, number>;
export interface Shape { masters: 1 | 3; ownApi: boolean; groups: number; workers: number }

/** Of each cluster that was counted, by what it was asked for as. */
export type Reference = Record<string, Counts>;

const keyOf = (masters: number, ownApi: boolean, sizes: readonly number[]): string => `${masters} ${ownApi} ${sizes.join()}`;

/** What a cluster of this shape consists of. Every group, and every worker, adds the same. */
export function expected(reference: Reference, { masters, ownApi, groups, workers }: Shape): Counts {
  const [base = {}, plain = {}, empty = {}, one = {}] = [
    reference[keyOf(masters, ownApi, [])], reference[keyOf(1, false, [])], reference[keyOf(1, false, [0])], reference[keyOf(1, false, [1])],
  ];
  const kinds = new Set([base, one].flatMap(Object.keys));
  const of = (counts: Counts, kind: string): number => counts[kind] ?? 0;
  return Object.fromEntries([...kinds].map((kind) => [kind,
    of(base, kind) + groups * (of(empty, kind) - of(plain, kind)) + workers * (of(one, kind) - of(empty, kind))]));
}

/** Counts every kind of cluster that users of a world ask for, in worlds of their own, by the code as it is. */
export async function countReference(program: Program): Promise<Reference> {
  const shapes = [...[1, 3].flatMap((masters) => [false, true].map((ownApi) => [masters, ownApi, []] as const)), [1, false, [0]], [1, false, [1]]] as [1 | 3, boolean, number[]][];
  const reference: Reference = {};
  for (const [masters, ownApi, sizes] of shapes) reference[keyOf(masters, ownApi, sizes)] = await build(program, masters, ownApi, sizes);
  return reference;
}

async function build(program: Program, masters: 1 | 3, ownApi: boolean, groups: number[]): Promise<Counts> {
  const world = new World(program, 1, troublesUntil(calm, 0));
  const script: Script = { masters, ownApi, groups, startAfterMs: 0, changes: [], deleteAfterMs: undefined, exposes: false };
  let counts: Counts | undefined;
  const making = async (): Promise<void> => {
    const tenant = new Tenant(world, await choose(world, await logIn(world, 'demo')), script, 'reference-0');
    await tenant.live();
    await tenant.untilRunning();
    counts = countsOf(world, tenant.id);
  };
  const failed = making().catch((error: unknown) => { world.break(String(error)); counts = {}; });
  await world.clock.run(() => counts !== undefined, world.clock.now() + 4 * 3_600_000);
  await failed;
  if (world.broken.length > 0 || !counts) throw new Error(`Where nothing goes wrong this does: ${world.broken.join('; ') || 'it does not end'}`);
  return counts;
}

interface Thing { id: string; name: string; projectId: string }

/** Everything of a cluster, by kind: what is in its service project, and what carries its mark. */
export function thingsOf(world: World, clusterId: string): Map<string, Thing[]> {
  const marked = world.cloud.leftovers({ mark: clusterId });
  const projects = (marked.keystone?.projects ?? []).map(({ id }) => id);
  const things = new Map<string, Map<string, Thing>>();
  for (const found of [marked, world.cloud.leftovers({ projectIds: projects })]) {
    for (const [kind, list] of Object.values(found).flatMap((kinds) => Object.entries(kinds))) {
      const of = things.get(kind) ?? new Map<string, Thing>();
      things.set(kind, of);
      for (const thing of list) of.set(thing.id, thing);
    }
  }
  return new Map([...things].map(([kind, of]) => [kind, [...of.values()]]));
}

/** All of them, and those that carry the mark by themselves. */
export function countsOf(world: World, clusterId: string): Counts {
  const marked = Object.values(world.cloud.leftovers({ mark: clusterId })).flatMap((kinds) => Object.entries(kinds));
  return Object.fromEntries([
    ...[...thingsOf(world, clusterId)].map(([kind, things]) => [kind, things.length] as const),
    ...marked.map(([kind, things]) => [`${kind} with the mark`, things.length] as const),
  ]);
}
