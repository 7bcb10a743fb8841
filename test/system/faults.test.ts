/** What goes wrong in a cloud: most of it is overcome, the rest is told with what to do about it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as neutron from '../../layers/openstack/neutron.ts';
import { leftBehind, type Thing } from '../../local/demo/inventory.ts';
import { clusterRequest, create, events, operation, read, remove, whenGone, whenStatus } from './clusters.ts';
import { changesSince, everything, startWorld, until, type World } from './world.ts';

let world: World;
let before: Thing[];

beforeAll(async () => { world = await startWorld(); }, 120_000);
beforeEach(async () => { before = await everything(world.admin); });

afterAll(() => world?.stop());

const expectNothingLeft = async (): Promise<void> => expect(await changesSince(before, world.admin)).toEqual({ added: [], gone: [] });

test('what comes up broken is made anew, and a service that is down is waited for', { timeout: 240_000 }, async () => {
  const { demo: { api }, embedded: { cloud: { faults } } } = world;
  for (const fault of ['server-error', 'load-balancer-error', 'volume-error']) faults.add(fault);
  const id = await create(api, clusterRequest(world));
  faults.add('nova-down:400');
  await whenStatus(api, id, 'RUNNING');
  const told = (await events(api, id)).filter(({ reason }) => reason === 'StepTriesAgain').map(({ message }) => message);
  for (const cause of [/Load balancer .* went to ERROR/, /Servers could not be booted/, /Volumes went to error/, /compute answered .* with 503/]) {
    expect(told).toContainEqual(expect.stringMatching(cause));
  }
  await remove(api, id);
  await whenGone(api, id);
  await expectNothingLeft();
});

test('lost replies make nothing twice', { timeout: 240_000 }, async () => {
  const { demo: { api }, embedded: { cloud: { faults } } } = world;
  faults.clear();
  faults.add('lost-replies:0.1');
  const id = await create(api, clusterRequest(world));
  await whenStatus(api, id, 'RUNNING');
  faults.clear();
  const all = leftBehind(before, await everything(world.admin));
  const { id: serviceProjectId } = all.find(({ kind }) => kind === 'project')!;
  // Octavia has ports and security groups of its own besides, in a project of its own.
  const made = all.filter(({ kind, projectId }) => kind === 'user' || [serviceProjectId, world.demo.user.projectId].includes(projectId));
  const counted = Map.groupBy(made, ({ kind }) => kind);
  const expected = {
    'server': 2, 'server group': 2, 'volume': 3, 'network': 1, 'subnet': 1, 'router': 1, 'security group': 3, 'trunk': 1, 'floating address': 1,
    'load balancer': 1, 'project': 1, 'user': 1,
  };
  expect(Object.fromEntries(Object.keys(expected).map((kind) => [kind, counted.get(kind)?.length ?? 0]))).toEqual(expected);
  const ports = counted.get('port')!.filter(({ name }) => /^(harbour|moorage)-/.test(name)).map(({ name }) => name).toSorted();
  expect(ports).toEqual(['harbour-berths-0', 'harbour-master-0', `moorage-${id}-berths-0`]);
  await remove(api, id);
  await whenGone(api, id);
  await expectNothingLeft();
});

test('a quota that was spent meanwhile is told of, and the cluster is retried or deleted', { timeout: 240_000 }, async () => {
  const { demo: { api, user: { projectId } }, admin } = world;
  const ids = await Promise.all(['retried', 'deleted'].map((name) => create(api, clusterRequest(world, { name }))));
  const [retried, deleted] = ids as [string, string];
  // It sufficed when both were admitted.
  const { port } = await neutron.getQuotaDetails(admin, projectId);
  await neutron.updateQuota(admin, projectId, { port: port!.used });
  for (const id of ids) {
    const { error } = await whenStatus(api, id, 'ERROR');
    expect(error).toMatchObject({ code: 'quota_exceeded', cause: expect.stringContaining('Quota exceeded') as string, action: expect.stringContaining('retry') as string });
    const held = await operation(api, id, 'createCluster');
    expect(held).toMatchObject({ status: 'held', id: error!.operation_id, error: { code: 'quota_exceeded' } });
    expect(await events(api, id)).toContainEqual(expect.objectContaining({ level: 'warning', reason: 'OperationHeld', operation_id: held.id }));
  }
  await remove(api, deleted);
  await whenGone(api, deleted);

  await neutron.updateQuota(admin, projectId, { port: 500 });
  const { id: operationId } = await operation(api, retried, 'createCluster');
  expect(await api.call('POST', `/v2/clusters/${retried}/operations/${operationId}:retry`)).toMatchObject({ id: operationId, status: 'going' });
  await until(async () => (await read(api, retried)).status !== 'ERROR');
  expect((await whenStatus(api, retried, 'RUNNING')).error).toBeUndefined();
  await remove(api, retried);
  await whenGone(api, retried);
  await neutron.updateQuota(admin, projectId, { port: 500 });
  await expectNothingLeft();
});
