/** First-generation clusters: stopped and started by their user, on the embedded cloud's Magnum. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer, listServers, startServer, stopServer, type Server } from '../../layers/openstack/nova.ts';
import { listImages } from '../../layers/openstack/glance.ts';
import type { Call } from '../../layers/openstack/call.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { readTables } from './tables.ts';
import { refusal } from './clusters.ts';
import { startWorld, until, type Someone, type World } from './world.ts';

let world: World;
let session: Session;
let templateId: string;

beforeAll(async () => {
  world = await startWorld();
  ({ session } = world.demo.user);
  const [image] = await listImages(session);
  const { uuid } = await magnum<{ uuid: string }>('POST', '/clustertemplates', { name: 'first', coe: 'kubernetes', image_id: image!.id });
  templateId = uuid;
});
afterAll(() => world.stop());

const magnum = <T = unknown>(method: Call['method'], text: string, body?: unknown): Promise<T> => session.request<T>({
  service: 'container-infra', method, path: { text, template: text }, microversion: '1.10', ...(body !== undefined && { body }),
});

async function created(name: string, masters: number, workers: number): Promise<string> {
  const { uuid } = await magnum<{ uuid: string }>('POST', '/clusters', {
    name, cluster_template_id: templateId, master_count: masters, node_count: workers,
  });
  await settled(uuid);
  return uuid;
}

const settled = (uuid: string): Promise<unknown> =>
  until(async () => (await magnum<{ status: string }>('GET', `/clusters/${uuid}`)).status.endsWith('_COMPLETE'));

const serversOf = async (name: string): Promise<Server[]> => (await listServers(session)).filter((server) => server.name.startsWith(`${name}-`));
const statuses = async (name: string): Promise<Record<string, string>> =>
  Object.fromEntries((await serversOf(name)).map((server) => [server.name.slice(name.length + 1), server.status]));

const ask = ({ api }: Someone, uuid: string, verb: 'stop' | 'start') =>
  api.call<{ id: string; status: string; operation_id: string }>('POST', `/v2/clusters/${uuid}:${verb}`);

/** The state in which Moorage has it: undefined where there is nothing to say about it. */
const power = async (uuid: string): Promise<string | undefined> => {
  const { powers } = await readTables(world);
  return powers!.find(({ clusterId }) => clusterId === uuid)?.state as string | undefined;
};
const when = (uuid: string, state: string): Promise<true> => until(async () => await power(uuid) === state && true);

/** In which order servers have come to `status`: each is seen for the first time. */
async function orderOf(name: string, status: string, count: number): Promise<string[]> {
  const seen = new Set<string>();
  await until(async () => {
    for (const [server, now] of Object.entries(await statuses(name))) if (now === status) seen.add(server);
    return seen.size === count;
  });
  return [...seen].map((server) => server.split('-')[0]!);
}

test('stops workers first, of all node groups, and starts masters first', async () => {
  const uuid = await created('quay', 1, 2);
  await magnum('POST', `/clusters/${uuid}/nodegroups`, { name: 'extra', node_count: 1 });
  await settled(uuid);

  expect(await ask(world.demo, uuid, 'stop')).toMatchObject({ id: uuid, status: 'RECONCILING' });
  const stopping = await orderOf('quay', 'SHUTOFF', 4);
  expect(stopping.at(-1)).toBe('master');
  await when(uuid, 'stopped');

  await ask(world.demo, uuid, 'start');
  const starting = await orderOf('quay', 'ACTIVE', 4);
  expect(starting[0]).toBe('master');
  await when(uuid, 'running');
});

test('leaves other servers of the project alone', async () => {
  const image = (await listImages(session))[0]!;
  await createServer(session, {
    name: 'quite-another', flavorRef: world.choice.flavorId, imageRef: image.id, networks: 'none',
  });
  await until(async () => (await statuses('quite'))['another'] === 'ACTIVE');
  const uuid = await created('alone', 1, 1);
  await ask(world.demo, uuid, 'stop');
  await when(uuid, 'stopped');
  expect(await statuses('quite')).toEqual({ another: 'ACTIVE' });
});

test('asked again, it goes on with the same; the other way is refused until then', async () => {
  const uuid = await created('again', 1, 1);
  const first = await ask(world.demo, uuid, 'stop');
  expect((await ask(world.demo, uuid, 'stop')).operation_id).toBe(first.operation_id);
  expect(await refusal(ask(world.demo, uuid, 'start'))).toMatchObject({ status: 409, error: { code: 'cluster_changing' } });
  await when(uuid, 'stopped');
  // What somebody has started behind our back is stopped again.
  const [server] = await serversOf('again');
  await startServer(session, server!.id);
  await until(async () => Object.values(await statuses('again')).includes('ACTIVE'));
  await ask(world.demo, uuid, 'stop');
  await until(async () => Object.values(await statuses('again')).every((status) => status === 'SHUTOFF'));
  await when(uuid, 'stopped');
});

test('stops what is stopped already, in part', async () => {
  const uuid = await created('half', 1, 2);
  const worker = (await serversOf('half')).find(({ name }) => name.includes('worker'))!;
  await stopServer(session, worker.id);
  await ask(world.demo, uuid, 'stop');
  await when(uuid, 'stopped');
  expect(new Set(Object.values(await statuses('half')))).toEqual(new Set(['SHUTOFF']));
});

test('a cluster in the middle of a change of Magnum\'s is not touched', async () => {
  const { uuid } = await magnum<{ uuid: string }>('POST', '/clusters', { name: 'young', cluster_template_id: templateId });
  expect(await refusal(ask(world.demo, uuid, 'stop'))).toMatchObject({ status: 409, error: { code: 'cluster_changing' } });
  expect(await power(uuid)).toBeUndefined();
});

test('is of its project only, and not for readers', async () => {
  const uuid = await created('mine', 1, 1);
  expect(await refusal(ask(await world.as('other'), uuid, 'stop'))).toMatchObject({ status: 404 });
  expect(await refusal(ask(await world.as('viewer'), uuid, 'stop'))).toMatchObject({ status: 403, error: { code: 'role_missing' } });
  expect(new Set(Object.values(await statuses('mine')))).toEqual(new Set(['ACTIVE']));
});

test('a broken server holds the start, and says which it is; a new start goes on', async () => {
  const uuid = await created('broken', 1, 1);
  await ask(world.demo, uuid, 'stop');
  await when(uuid, 'stopped');
  const worker = (await serversOf('broken')).find(({ name }) => name.includes('worker'))!;
  const setState = (state: string) => world.admin.request({
    service: 'compute', method: 'POST', path: { text: `/servers/${worker.id}/action`, template: '' }, body: { 'os-resetState': { state } },
  });
  await setState('error');
  const { operation_id: id } = await ask(world.demo, uuid, 'start');
  const held = await until(async () => (await readTables(world)).operations!.find((row) => row.id === id && row.status === 'held'));
  expect(held.failure).toMatchObject({ code: 'server_broken', cause: expect.stringContaining(worker.name) as string });
  await setState('active');
  expect((await ask(world.demo, uuid, 'start')).operation_id).toBe(id);
  await when(uuid, 'running');
});

test('the token that was lent is in no table and no log in clear text', async () => {
  const token = await world.demo.user.token();
  const uuid = await created('secret', 1, 1);
  await ask(world.demo, uuid, 'stop');
  await when(uuid, 'stopped');
  expect(JSON.stringify(await readTables(world))).not.toContain(token);
  expect(readFileSync(world.logFile, 'utf8')).not.toContain(token);
});
