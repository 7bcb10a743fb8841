/** One cluster that runs: what its user can do to what is the platform's, and what happens when somebody does what they can. */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { clusterRequest, create, remove, whenGone, whenStatus } from '../system/clusters.ts';
import { isolation } from './isolation.ts';
import { tampering } from './tampering.ts';
import { everythingOf, leftSince, startLabWorld, type RunningCluster } from './world.ts';

let running: RunningCluster;
let before: Set<string>;

beforeAll(async () => {
  const world = await startLabWorld();
  before = await everythingOf(world.admin);
  const id = await create(world.demo.api, clusterRequest(world));
  running = { world, id };
  await whenStatus(world.demo.api, id, 'RUNNING');
}, 900_000);

afterAll(async () => {
  const { world, id } = running;
  await remove(world.demo.api, id);
  await whenGone(world.demo.api, id);
  const left = await leftSince(before, world.admin);
  await world.stop();
  expect(left).toEqual([]);
}, 900_000);

describe('isolation', () => isolation(() => running));
describe('tampering', () => tampering(() => running));
