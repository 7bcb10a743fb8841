/**
 * `npm run bench:lab`: one cluster of Magnum and one of Moorage, one after the other on the same idle lab, each with a load
 * balancer, a master and two workers. Counts the API requests that all services together served meanwhile, whoever made them,
 * and the time from the request until the cluster is complete. What stands in for machines is quick in both, and not counted.
 *
 *     npm run bench:lab [-- --paths 20] [--only magnum|moorage]
 *
 * The last line is `magnum N calls T s, moorage N calls T s, ratio calls R time R`; exits 1 when
 * the calls are over one half. Of the time that is only said: it depends on what else the machine has to do.
 */
import { parseArgs } from 'node:util';
import type { Operation } from '../../schemas/generated/types.ts';
import { newestOperation } from '../../local/demo/follow.ts';
import { startLabWorld, type LabWorld } from '../lab/world.ts';
import { callLines, logEnds, pathLines, servedSince } from '../openstack-lab/calls.ts';
import { clusterRequest, create, remove, whenGone } from '../system/clusters.ts';
import { until } from '../system/world.ts';
import { prepareMagnum, runMagnum } from './magnum.ts';

const { values: { paths, only } } = parseArgs({ options: { paths: { type: 'string', default: '0' }, only: { type: 'string' } } });
const workers = 2;
const most = 0.5;

interface Result { calls: number; seconds: number }

const world = await startLabWorld();
try {
  const magnum = only === 'moorage' ? undefined : await measure('magnum', () => createByMagnum(world));
  const moorage = only === 'magnum' ? undefined : await measure('moorage', () => createByMoorage(world));
  if (magnum && moorage) process.exitCode = compare(magnum, moorage);
} finally {
  await world.stop();
}

async function measure(name: string, run: () => Promise<Result>): Promise<Result> {
  const result = await run();
  console.log(`${name}: ${result.calls} calls, ${result.seconds.toFixed(1)} s\n`);
  return result;
}

async function createByMagnum({ demo: { user } }: LabWorld): Promise<Result> {
  const template = await prepareMagnum(user);
  const counted = await countFrom();
  const { seconds, remove: removeCluster } = await runMagnum(user, template, workers);
  const calls = await counted();
  await removeCluster();
  return { calls, seconds };
}

async function createByMoorage(world: LabWorld): Promise<Result> {
  const { api } = world.demo;
  const counted = await countFrom();
  const started = Date.now();
  const id = await create(api, clusterRequest(world, { groups: [{ name: 'berths', scale_spec: { fixed_scale: { size: workers } } }] }));
  const operationId = await newestOperation(api, id, 'createCluster');
  const operation = await until(async () => {
    const now = await api.call<Operation>('GET', `/v2/clusters/${id}/operations/${operationId}`);
    if (now.status === 'held') throw new Error(`${now.error?.code}: ${now.error?.cause}`);
    return now.status === 'succeeded' && now;
  }, 1_000);
  const calls = await counted();
  for (const { name, done_at } of [...operation.steps, ...operation.parts.flatMap((part) => part.steps)].toSorted((a, b) => (a.done_at ?? '').localeCompare(b.done_at ?? ''))) {
    console.log(`  ${((Date.parse(done_at!) - started) / 1_000).toFixed(1).padStart(6)} s  ${name}`);
  }
  await remove(api, id);
  await whenGone(api, id);
  return { calls, seconds: (Date.parse(operation.ended_at!) - started) / 1_000 };
}

/** Answers, when asked, how many requests have been served since now; shows which. */
async function countFrom(): Promise<() => Promise<number>> {
  const ends = await logEnds();
  return async () => {
    const calls = await servedSince(ends);
    for (const line of [...callLines(calls), ...pathLines(calls, Number(paths))]) console.log(`  ${line}`);
    return calls.length;
  };
}

function compare(magnum: Result, moorage: Result): number {
  const [calls, time] = [moorage.calls / magnum.calls, moorage.seconds / magnum.seconds];
  for (const [what, ratio] of [['calls', calls], ['time', time]] as const) if (ratio > most) console.log(`${what}: over one half`);
  console.log(`magnum ${magnum.calls} calls ${magnum.seconds.toFixed(1)} s, moorage ${moorage.calls} calls ${moorage.seconds.toFixed(1)} s, ratio calls ${calls.toFixed(2)} time ${time.toFixed(2)}`);
  return calls > most ? 1 : 0;
}
