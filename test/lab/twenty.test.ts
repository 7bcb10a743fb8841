/**
 * Twenty clusters at once: all come up, all go, nothing is left; and none costs the cloud much more than one alone. CLUSTERS makes it
 * another number: a lab on two cores takes its time for twenty.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterRequest, create, remove, whenGone, whenStatus } from '../system/clusters.ts';
import { callLines, logEnds, servedSince, type ServedCall } from '../openstack-lab/calls.ts';
import { everythingOf, leftSince, startLabWorld, type LabWorld } from './world.ts';

const clusters = Number(process.env.CLUSTERS ?? 20);
const most = 1.2;

let world: LabWorld;
let before: Set<string>;

beforeAll(async () => {
  // As an operator sets it for a cloud with two processes for each service: asked by twenty at once, it would take minutes for a call.
  world = await startLabWorld({ CLOUD_CALLS_AT_ONCE: '4' });
  before = await everythingOf(world.admin);
}, 600_000);
afterAll(() => world?.stop(), 600_000);

/**
 * Whenever a server comes to a host or leaves it, its nova-compute asks Placement for the allocation of every server there, one by one
 * (nova/compute/resource_tracker.py, _update_to_placement, in Zed). That grows with what a host already holds: on three hosts twenty clusters
 * cost each fifty, whoever makes them. It is told, and not counted.
 */
const isSurvey = ({ service, method, path }: ServedCall): boolean => service === 'placement' && method === 'GET' && path.startsWith('/allocations/');

interface Cost { creating: number; deleting: number }

/** That many at once, made and deleted: what all services together have served for it. */
async function comeAndGo(count: number): Promise<Cost> {
  const { api } = world.demo;
  const counted = async (what: string, run: () => Promise<unknown>): Promise<number> => {
    const ends = await logEnds();
    const started = performance.now();
    await run();
    const all = await servedSince(ends);
    const calls = all.filter((call) => !isSurvey(call));
    process.stdout.write(`${what} ${count}: ${calls.length} calls, ${(calls.length / count).toFixed(0)} each, ${((performance.now() - started) / 1_000).toFixed(0)} s; `
      + `${all.length - calls.length} more of hypervisors about their other servers\n${callLines(calls).map((line) => `  ${line}\n`).join('')}`);
    return calls.length / count;
  };
  const ids: string[] = [];
  const creating = await counted('create', async () => {
    ids.push(...await Promise.all(Array.from({ length: count }, (_, index) => create(api, clusterRequest(world, { name: `berth-${count}-${index}` })))));
    // One after the other: a project that asked after all of them at each moment would be told to ask less often.
    for (const id of ids) await whenStatus(api, id, 'RUNNING');
  });
  const deleting = await counted('delete', async () => {
    await Promise.all(ids.map((id) => remove(api, id)));
    for (const id of ids) await whenGone(api, id);
  });
  return { creating, deleting };
}

test(`${clusters} clusters come and go at once`, { timeout: 2_400_000 }, async () => {
  const one = await comeAndGo(1);
  expect(await leftSince(before, world.admin)).toEqual([]);
  const many = await comeAndGo(clusters);
  expect(await leftSince(before, world.admin)).toEqual([]);
  process.stdout.write(`calls per cluster, of ${clusters} over one: ${(many.creating / one.creating).toFixed(2)} to create, ${(many.deleting / one.deleting).toFixed(2)} to delete\n`);
  expect(many.creating / one.creating).toBeLessThanOrEqual(most);
  expect(many.deleting / one.deleting).toBeLessThanOrEqual(most);
});
