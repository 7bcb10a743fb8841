/** One cluster, from its first node to its end: read top to bottom, since what is tried last takes it away. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { belongingsTests } from './belongings.ts';
import { conformanceTests } from './conformance-tests.ts';
import { limitsTests } from './limits.ts';
import { mastersTests } from './masters.ts';
import { nodesTests } from './nodes.ts';
import { podNetworkTests } from './pod-network.ts';
import { rotationTests } from './rotation.ts';
import { tunnelTests } from './tunnel.ts';
import { openWorld, type World } from './world.ts';

let opened: World | undefined;
const world = (): World => {
  if (!opened) throw new Error('there is no cluster');
  return opened;
};
beforeAll(async () => { opened = await openWorld(); });
afterAll(async () => { await opened?.stop(); });

describe('nodes', () => nodesTests(world));
describe('the pods\' network', () => podNetworkTests(world));
describe('the tunnel', () => tunnelTests(world));
describe('what the cluster makes', () => belongingsTests(world));
describe('what its user cannot do', () => limitsTests(world));
describe('masters', () => mastersTests(world));
describe('conformance', () => conformanceTests(world));
describe('its authority', () => rotationTests(world));

test('deleted, it leaves nothing in anybody\'s project: its load balancers, addresses and volumes neither', async () => {
  expect((await world().added()).length).toBeGreaterThan(0);
  await world().remove();
  expect(await world().added()).toEqual([]);
});
