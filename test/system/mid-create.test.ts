/** Deletes that come while a cluster is being created: at any moment, and nothing is left. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Thing } from '../../local/demo/inventory.ts';
import type { Operation } from '../../schemas/generated/types.ts';
import { clusterRequest, create, operation, read, refusal, remove, whenGone } from './clusters.ts';
import { readTables } from './tables.ts';
import { changesSince, everything, startWorld, until, type World } from './world.ts';

let world: World;
let before: Thing[];

beforeAll(async () => {
  world = await startWorld();
  before = await everything(world.admin);
}, 120_000);

afterAll(() => world?.stop());

const stepsOf = ({ steps, parts }: Operation) => [...steps, ...parts.flatMap((part) => part.steps)];
/** The step has begun and is not through. */
const isUnderWay = (operationNow: Operation, name: string): boolean =>
  stepsOf(operationNow).some((step) => step.name === name && ['running', 'waiting'].includes(step.status));

const moments: [string, (now: Operation) => boolean][] = [
  ['right after it was asked for', () => true],
  ['while its load balancer is built', (now) => isUnderWay(now, 'apiLoadBalancer')],
  ['while its machines boot', (now) => isUnderWay(now, 'masterServers')],
  ['while its nodes join', (now) => stepsOf(now).some(({ name, status }) => name === 'clusterObjects' && status === 'done')],
];

test.for(moments)('a cluster that is deleted %s ends, and is gone', { timeout: 180_000 }, async ([moment, hasCome]) => {
  const { demo: { api } } = world;
  const id = await create(api, clusterRequest(world));
  await until(async () => {
    const now = await operation(api, id, 'createCluster');
    if (now.status === 'succeeded') throw new Error(`The cluster was there before the moment came: ${moment}`);
    return hasCome(now);
  });
  expect((await read(api, id)).status).toBe('PROVISIONING');

  expect(await remove(api, id)).toEqual({});
  expect((await read(api, id)).status).toBe('DELETING');
  expect(await remove(api, id)).toEqual({});
  await whenGone(api, id);
  expect(await refusal(read(api, id))).toMatchObject({ status: 404, error: { code: 'cluster_not_found' } });
  expect(await remove(api, id)).toEqual({});
  expect((await api.call<{ clusters: unknown[] }>('GET', '/v2/clusters')).clusters).toEqual([]);

  expect(await changesSince(before, world.admin)).toEqual({ added: [], gone: [] });
  const { secrets, operations } = await readTables(world);
  expect(secrets!.filter(({ clusterId }) => clusterId === id)).toEqual([]);
  const statuses = operations!.filter(({ clusterId }) => clusterId === id).map(({ flow, status }) => `${String(flow)} ${String(status)}`);
  expect(statuses.filter((status) => !/ (succeeded|stopped)$/.test(status))).toEqual([]);
  expect(statuses).toContain('createCluster stopped');
  expect(statuses).toContain('deleteCluster succeeded');
});
