/** A cluster whose certificate authority is rotated: it goes on running, and in the end nothing of it knows the old one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openKube, type Kube } from '../../layers/kubernetes/client.ts';
import { isReady, listNodes } from '../../layers/kubernetes/nodes.ts';
import * as nova from '../../layers/openstack/nova.ts';
import type { Operation } from '../../schemas/generated/types.ts';
import { ApiError } from '../../local/demo/api.ts';
import { clusterRequest, create, operation, read, refusal, remove, whenGone, whenStatus } from './clusters.ts';
import { startWorld, until, type World } from './world.ts';

let world: World;
let id: string;
let uuid: string;
const opened: Kube[] = [];

beforeAll(async () => {
  world = await startWorld();
  const berths = { name: 'berths', scale_spec: { fixed_scale: { size: 2 } } };
  id = await create(world.demo.api, clusterRequest(world, { masters: 3, groups: [berths, { name: 'quay' }] }));
  ({ uuid } = await whenStatus(world.demo.api, id, 'RUNNING'));
}, 600_000);

afterAll(async () => {
  for (const kube of opened) kube.close();
  await world?.stop();
});

interface Access { server: string; caPem: string; certPem: string; keyPem: string }

async function fetchAccess(): Promise<Access> {
  const { clusters: [cluster], users: [user] } = parse(await world.demo.api.text('POST', `/v2/clusters/${id}/kube_config`)) as {
    clusters: { cluster: Record<string, string> }[]; users: { user: Record<string, string> }[];
  };
  const text = (base64: string | undefined) => Buffer.from(base64!, 'base64').toString();
  return {
    server: cluster!.cluster.server!, caPem: text(cluster!.cluster['certificate-authority-data']),
    certPem: text(user!.user['client-certificate-data']), keyPem: text(user!.user['client-key-data']),
  };
}

function openWith(access: Access): Kube {
  const kube = openKube({ ...access, timeoutMs: 20_000 });
  opened.push(kube);
  return kube;
}

const headers = { 'openstack-api-version': 'container-infra latest' };
const rotate = () => world.demo.api.call<{ uuid: string }>('PATCH', `/v1/certificates/${uuid}`, undefined, headers);
const shown = async (): Promise<string> => (await world.demo.api.call<{ pem: string }>('GET', `/v1/certificates/${uuid}`, undefined, headers)).pem;
const titleOf = async (asked: Promise<unknown>): Promise<[number, string]> => {
  const error = await asked.then(() => undefined, (failed: unknown) => failed);
  if (!(error instanceof ApiError)) throw new Error(`Not refused: ${String(error)}`);
  return [error.status, (JSON.parse(error.body) as { errors: { title: string }[] }).errors[0]!.title];
};
const workers = async (): Promise<string[]> =>
  (await nova.listServers(world.admin, { all_tenants: true })).filter(({ name }) => /-(berths|quay)-\d+$/.test(name)).map((server) => server.id);
const rotation = (): Promise<Operation> => operation(world.demo.api, id, 'rotateAuthority');
const note = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' }, data: { tide: 'low' } };

test('a running cluster gets another authority, and no change is taken meanwhile', { timeout: 900_000 }, async () => {
  const { demo: { api } } = world;
  const [before, old, machines] = [await shown(), await fetchAccess(), await workers()];
  const { node_groups: [group] } = await read(api, id);
  await openWith(old).apply(note);
  expect(machines).toHaveLength(3);

  expect(await rotate()).toEqual({ uuid });
  expect(await titleOf(rotate())).toEqual([400, expect.stringContaining('CLUSTER_CHANGING')]);
  expect(await refusal(api.call('PATCH', `/v2/node-groups/${group!.id}`, { scale_spec: { fixed_scale: { size: 3 } } })))
    .toMatchObject({ status: 409, error: { code: 'cluster_changing' } });
  const seen = new Set([before]);
  const percents: number[] = [];
  await until(async () => {
    const { status, percent, error } = await rotation();
    if (status === 'held') throw new Error(JSON.stringify(error));
    percents.push(percent);
    seen.add(await shown());
    // Whoever has an old kubeconfig is let in until the very end.
    if (percents.length % 5 === 0 && status === 'going' && (await rotation()).steps.find(({ name }) => name === 'nodeReplacement')?.status !== 'done') {
      expect(await openWith(old).get('/api/v1/namespaces/default/configmaps/kept')).toMatchObject({ data: note.data });
    }
    return status === 'succeeded';
  });
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  await whenStatus(api, id, 'RUNNING');

  const after = await shown();
  expect(seen).toEqual(new Set([before, after]));
  const now = await workers();
  expect(now).toHaveLength(3);
  expect(now.filter((server) => machines.includes(server))).toEqual([]);
  const fresh = await fetchAccess();
  expect(fresh.caPem.trim()).toBe(after);
  const kube = openWith(fresh);
  const nodes = await listNodes(kube);
  expect(nodes.map(isReady)).toEqual([true, true, true]);
  expect(await kube.get('/api/v1/namespaces/default/configmaps/kept')).toMatchObject({ data: note.data });
  expect(await kube.get('/api/v1/namespaces/default/configmaps/kube-root-ca.crt')).toMatchObject({ data: { 'ca.crt': fresh.caPem } });
  // Neither side knows the old one any more.
  await expect(openWith(old).get('/version')).rejects.toThrow(/unable to (get|verify)|self-signed|certificate/i);
  await expect(openWith({ ...old, caPem: fresh.caPem }).get('/version')).rejects.toMatchObject({ status: 401 });
});

test('a rotation that is held says why, and goes on when it is asked for again', { timeout: 900_000 }, async () => {
  const { demo: { api }, embedded: { cloud } } = world;
  const before = await shown();
  cloud.faults.add('quota:cinder.volumes=0');
  await rotate();
  const held = await whenStatus(api, id, 'ERROR');
  expect(held.error).toMatchObject({ code: 'quota_exceeded' });
  // What has been reached is kept: half of it runs with one authority, and half with the other.
  expect((await listNodes(openWith(await fetchAccess()))).filter(isReady)).toHaveLength(3);
  cloud.faults.clear();
  expect(await rotate()).toEqual({ uuid });
  await until(async () => (await rotation()).status === 'succeeded');
  await whenStatus(api, id, 'RUNNING');
  expect(await shown()).not.toBe(before);
  expect((await listNodes(openWith(await fetchAccess()))).filter(isReady)).toHaveLength(3);
});

test('a cluster is deleted in the middle of a rotation, and leaves nothing', { timeout: 600_000 }, async () => {
  const { demo: { api } } = world;
  await rotate();
  await until(async () => (await rotation()).parts.length > 0);
  await remove(api, id);
  await whenGone(api, id);
  expect(await workers()).toEqual([]);
});
