/** What goes wrong in a real cloud: each ends in success once it is over, or in a held operation that says why; never in a leak. */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { path } from '../../layers/openstack/path.ts';
import type { Failure } from '../../schemas/generated/types.ts';
import { inventory } from '../../local/demo/inventory.ts';
import { clusterRequest, create, events, operation, remove, whenGone, whenStatus } from '../system/clusters.ts';
import { until } from '../system/world.ts';
import { everythingOf, leftSince, loginInLab, startLabWorld, type LabWorld } from './world.ts';

const labDir = process.env.LAB_DIR ?? '/tmp/moorage-lab';
const service = (action: 'stop' | 'start', ...names: string[]) => promisify(execFile)(resolve(import.meta.dirname, '../openstack-lab/service'), [action, ...names]);

let world: LabWorld;
let before: Set<string>;

beforeAll(async () => {
  world = await startLabWorld();
}, 600_000);
beforeEach(async () => { before = await everythingOf(world.admin); }, 600_000);
afterAll(() => world?.stop(), 600_000);

const build = () => create(world.demo.api, clusterRequest(world));

/** Resolves once the step is done. */
const whenDone = (id: string, step: string): Promise<unknown> => until(async () => {
  const { steps, parts } = await operation(world.demo.api, id, 'createCluster');
  return [...steps, ...parts.flatMap((part) => part.steps)].some(({ name, status }) => name === step && status === 'done');
}, 500);

/** The causes for which steps were tried again. */
const setbacks = async (id: string): Promise<string[]> =>
  (await events(world.demo.api, id)).filter(({ reason }) => reason === 'StepTriesAgain').map(({ message }) => message);

const whenSetBack = (id: string, cause: RegExp): Promise<unknown> => until(async () => (await setbacks(id)).some((message) => cause.test(message)), 500);

/** Exactly what one cluster with a master and a node has; nothing twice. */
async function expectNothingTwice(id: string): Promise<void> {
  const counted = Map.groupBy((await inventory(world.admin, [], id)).filter(({ kind }) => kind !== 'subnet'), ({ kind }) => kind);
  const once = { 'project': 1, 'user': 1, 'network': 1, 'router': 1, 'security group': 3, 'floating address': 1, 'load balancer': 1, 'trunk': 1 };
  expect(Object.fromEntries(Object.keys(once).map((kind) => [kind, new Set((counted.get(kind) ?? []).filter(({ name }) => !name.startsWith('lb-')).map((thing) => thing.id)).size]))).toEqual(once);
}

async function expectGoneWithoutTrace(id: string): Promise<void> {
  await remove(world.demo.api, id);
  await whenGone(world.demo.api, id);
  expect(await leftSince(before, world.admin)).toEqual([]);
}

test('tokens that end in mid-operation are renewed, a service that is down is waited for, and nothing is made twice', { timeout: 1_800_000 }, async () => {
  const id = await build();
  await whenDone(id, 'quotas');
  await endTokensOf('moorage');
  await service('stop', 'nova-api');
  try {
    await whenSetBack(id, /compute (answered|at).*(503|nothing|cannot be reached)/);
  } finally {
    await service('start', 'nova-api');
  }
  for (const step of ['masterPorts', 'masterServers', 'apiLoadBalancer']) {
    await whenDone(id, step);
    await endTokensOf('moorage');
  }
  await whenStatus(world.demo.api, id, 'RUNNING');
  await expectNothingTwice(id);
  await endTokensOf('moorage');
  await expectGoneWithoutTrace(id);
});

/** All that Keystone has issued to that user until now; and nobody remembers that they were good. */
async function endTokensOf(name: string): Promise<void> {
  const { username, password, userDomainName } = loginInLab(name);
  const domain = (await world.admin.request<{ domains: { id: string }[] }>({ service: 'identity', method: 'GET', path: path`/domains`, query: { name: userDomainName } })).domains[0]!;
  const user = (await keystone.listUsers(world.admin, { name: username })).find(({ domain_id }) => domain_id === domain.id)!;
  // Setting the password, to what it is as well, revokes every token.
  await world.admin.request({ service: 'identity', method: 'PATCH', path: path`/users/${user.id}`, body: { user: { password } } });
  const socket = connect(Number(process.env.MC_PORT ?? 11_311), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('flush_all\r\n');
  await once(socket, 'data');
  socket.destroy();
}

test('a quota of the user that was spent between check and use is told of, and the operation is retried', { timeout: 900_000 }, async () => {
  const { demo: { api, user: { projectId } }, admin } = world;
  const quota = await neutron.getQuotaDetails(admin, projectId);
  const id = await build();
  await neutron.updateQuota(admin, projectId, { port: quota.port!.used });
  try {
    const { error } = await whenStatus(api, id, 'ERROR');
    expect(error).toMatchObject({ code: 'quota_exceeded', cause: expect.stringMatching(/Quota exceeded/) as string, action: expect.stringContaining('retry') as string });
    const held = await operation(api, id, 'createCluster');
    expect(held).toMatchObject({ status: 'held', error: { code: 'quota_exceeded' } });
    await neutron.updateQuota(admin, projectId, { port: quota.port!.limit });
    await api.call('POST', `/v2/clusters/${id}/operations/${held.id}:retry`);
    await until(async () => (await operation(api, id, 'createCluster')).status !== 'held', 500);
  } finally {
    await neutron.updateQuota(admin, projectId, { port: quota.port!.limit });
  }
  await whenStatus(api, id, 'RUNNING');
  await expectGoneWithoutTrace(id);
});

test('servers and a load balancer that go to ERROR are made anew; what always does is held with its cause, until it is retried', { timeout: 900_000 }, async () => {
  const broken = join(labDir, 'faults/load-balancer');
  writeFileSync(broken, '');
  // Without Placement the scheduler finds no host. (One that is disabled takes its zone along: that is refused, not tried.)
  await service('stop', 'placement');
  const causes = [/Load balancer .* went to ERROR/, /Servers could not be booted.*No valid host/];
  try {
    const id = await build();
    const held = await retryUntil(id, async (told) => told.length > 0 && (await setbacks(id).then((all) => causes.every((cause) => all.some((message) => cause.test(message))))));
    for (const { code, cause, action } of held) {
      expect({ code, action }).toEqual({ code: 'cloud_resource_failed', action: expect.stringContaining('Retry') as string });
      expect(causes.some((expected) => expected.test(cause)), cause).toBe(true);
    }
    rmSync(broken);
    await service('start', 'placement');
    await retryUntil(id, async () => (await operation(world.demo.api, id, 'createCluster')).status === 'succeeded');
    await whenStatus(world.demo.api, id, 'RUNNING');
    await expectNothingTwice(id);
    await expectGoneWithoutTrace(id);
  } finally {
    rmSync(broken, { force: true });
    await service('start', 'placement');
  }
});

/** As a patient user: retries the creation whenever it is held, until `holds`. Answers why it was. */
async function retryUntil(id: string, holds: (held: Failure[]) => Promise<boolean>): Promise<Failure[]> {
  const held: Failure[] = [];
  await until(async () => {
    const { status, error, id: operationId } = await operation(world.demo.api, id, 'createCluster');
    if (status === 'held') {
      held.push(error!);
      await world.demo.api.call('POST', `/v2/clusters/${id}/operations/${operationId}:retry`);
    }
    return holds(held);
  }, 500);
  return held;
}
