import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueCertificates } from '../../../../layers/pki/certificates.ts';
import { startHarness, type Harness, type Told } from '../harness.ts';

let api: Harness;
let engine: typeof import('../../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../../layers/store/clusters.ts');
let groups: typeof import('../../../../layers/store/node-groups.ts');
let secrets: typeof import('../../../../layers/store/secrets.ts');
beforeAll(async () => {
  Object.assign(process.env, { CLUSTERS_PER_PROJECT: '1000', MAGNUM_SERVICE_TYPES: 'none' });
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../../layers/store/engine-store.ts'));
  clusters = await import('../../../../layers/store/clusters.ts');
  groups = await import('../../../../layers/store/node-groups.ts');
  secrets = await import('../../../../layers/store/secrets.ts');
});
afterAll(() => api.stop());

let uuid: string;
let id: string;
beforeEach(async () => {
  uuid = (await call('POST', '/v1/clusters', { cluster_template_id: 'kubernetes-v1.34.2-zonal-1', fixed_network: 'demo-net', name: 'pier' })).json.uuid;
  const cluster = (await clusters.getClusterByUuid(api.users.demo.projectId, uuid))!;
  ({ id } = cluster);
  await clusters.changeCluster(id, () => ({ addresses: { external: '127.64.0.9' } }), Date.now());
  for (const groupId of Object.values(cluster.groups)) await groups.changeNodeGroup(groupId, () => ({ phase: 'ready' }), Date.now());
  await finish(cluster.createOperationId);
  api.hints();
});

const call = (method: string, path: string, body?: unknown, minor: number | 'latest' = 'latest'): Promise<Told> =>
  api.call(method, path, { ...(body !== undefined && { body }), headers: { 'openstack-api-version': `container-infra ${minor === 'latest' ? minor : `1.${minor}`}` } });
const finish = async (operationId: string) => engine.end((await engine.getOperation(operationId))!, 'succeeded', Date.now());
const create = (body: object, minor?: number): Promise<Told> => call('POST', `/v1/clusters/${uuid}/nodegroups`, body, minor);
const show = async (name: string) => (await call('GET', `/v1/clusters/${uuid}/nodegroups/${name}`)).json;
const patch = (name: string, ...changes: object[]): Promise<Told> => call('PATCH', `/v1/clusters/${uuid}/nodegroups/${name}`, changes);
const statusOf = async () => (await call('GET', `/v1/clusters/${uuid}`)).json.status;
const titleOf = ({ json }: Told): string => json.errors[0].title;

describe('a new group', () => {
  test('is answered whole, with its limits, labels and taints, and makes the cluster UPDATE_IN_PROGRESS', async () => {
    const told = await create({ name: 'berths', node_count: 2, min_node_count: 1, max_node_count: 3, role: 'worker', labels: { a: 1 }, merge_labels: true,
      node_labels: { tier: 'sea' }, node_taints: [{ key: 'salt', effect: 'NoSchedule' }] });
    expect(told).toMatchObject({ status: 202, json: { name: 'berths', node_count: 2, min_node_count: 1, max_node_count: 3, is_default: false, status: 'CREATE_IN_PROGRESS', role: 'worker',
      cluster_id: uuid, stack_id: uuid, labels_added: { a: '1' }, labels_overridden: {}, labels_skipped: {}, node_labels: { tier: 'sea' }, node_taints: [{ key: 'salt', value: '', effect: 'NoSchedule' }] } });
    expect(await statusOf()).toBe('UPDATE_IN_PROGRESS');
    const group = (await groups.listNodeGroups(await clusters.requireCluster(id))).find(({ name }) => name === 'berths')!;
    expect(group).toMatchObject({ labels: { tier: 'sea' }, taints: [{ key: 'salt' }], limits: { min: 1, max: 3 }, size: 2 });
    expect((await call('GET', `/v1/clusters/${uuid}/nodegroups/berths`, undefined, 13)).json).not.toHaveProperty('node_labels');
    await finish(api.hints()[0]!);
    expect(await show(told.json.uuid)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect((await call('GET', `/v1/clusters/${uuid}`)).json).toMatchObject({ status: 'UPDATE_COMPLETE', node_count: 3 });
  });

  test.each([
    [{ name: 'default-worker' }, 409, 'already exists'], [{ name: 'default-master' }, 409, 'already exists'], [{ name: 'x-x', min_node_count: 3, max_node_count: 2 }, 409, 'max_node_count for x-x is invalid'],
    [{ name: 'x-x', node_count: 3, max_node_count: 2 }, 409, 'node_count (3)'], [{ name: 'x-x', min_node_count: 2 }, 409, 'min_node_count for x-x is invalid'],
    [{ name: 'x-x', role: 'master' }, 400, 'Creating master nodegroups'], [{}, 400, 'name'], [{ name: 'A b' }, 400, 'name'], [{ name: 'x-x', colour: 1 }, 400, 'colour'],
    [{ name: 'x-x', flavor_id: 'granite' }, 400, 'flavor'], [{ name: 'x-x', node_labels: { 'kubernetes.io/role': 'x' } }, 400, 'node_labels'.slice(5)],
  ])('%j is answered %i', async (body, status, title) => {
    const told = await create(body);
    expect([told.status, titleOf(told)]).toEqual([status, expect.stringContaining(title)]);
    expect(api.hints()).toEqual([]);
  });

  test('needs the words of its version, and a cluster that has an address', async () => {
    expect((await create({ name: 'x-x', node_labels: { a: 'b' } }, 13)).status).toBe(400);
    expect((await create({ name: 'x-x', node_count: 0 }, 9)).status).toBe(400);
    await clusters.changeCluster(id, () => ({ addresses: {} }), Date.now());
    expect(await create({ name: 'x-x' })).toMatchObject({ status: 409 });
  });
});

describe('a change', () => {
  test('of limits, labels and taints reaches the nodes by an operation; the size stays', async () => {
    const told = await patch('default-worker', { op: 'add', path: '/max_node_count', value: 4 }, { op: 'add', path: '/node_labels/tier', value: 'sea' },
      { op: 'replace', path: '/node_taints', value: "[{'key': 'salt', 'value': 'much', 'effect': 'NoSchedule'}]" });
    expect(told).toMatchObject({ status: 202, json: { max_node_count: 4, min_node_count: 0, node_count: 1, node_labels: { tier: 'sea' }, node_taints: [{ key: 'salt', value: 'much', effect: 'NoSchedule' }] } });
    const [operation] = api.hints();
    expect(await engine.getOperation(operation!)).toMatchObject({ flow: 'resizeNodeGroup' });
    const busy = await patch('default-worker', { op: 'remove', path: '/max_node_count' });
    expect(busy.status).toBe(400);
    await finish(operation!);
    expect((await patch('default-worker', { op: 'remove', path: '/max_node_count' }, { op: 'remove', path: '/node_labels/tier' })).json).toMatchObject({ max_node_count: null, node_labels: {} });
  });

  test('of a label whose name has a slash takes its pointer apart as RFC 6901 says, and its value as it stands', async () => {
    const told = await patch('default-worker', { op: 'add', path: '/node_labels/example.com~1berth', value: '007' });
    expect(told).toMatchObject({ status: 202, json: { node_labels: { 'example.com/berth': '007' } } });
    await finish(api.hints()[0]!);
    expect((await patch('default-worker', { op: 'remove', path: '/node_labels/example.com~1berth' })).json).toMatchObject({ node_labels: {} });
    await finish(api.hints()[0]!);
    expect((await patch('default-worker', { op: 'add', path: '/node_labels/a~01b', value: 'x' })).json.errors[0].detail).toContain('a~1b');
  });

  test('of the least size alone holds for sizes to come', async () => {
    expect((await patch('default-worker', { op: 'replace', path: '/min_node_count', value: 1 })).json).toMatchObject({ min_node_count: 1, max_node_count: null });
    const told = await call('POST', `/v1/clusters/${uuid}/actions/resize`, { node_count: 0 });
    expect([told.status, titleOf(told)]).toEqual([400, expect.stringContaining('outside the allowed range')]);
  });

  test.each([
    ['default-worker', { op: 'replace', path: '/name', value: 'x' }, 400, "'/name' is an internal attribute"], ['default-worker', { op: 'replace', path: '/min_node_count', value: 9 }, 409, 'min_node_count'],
    ['default-worker', { op: 'replace', path: '/max_node_count', value: 'many' }, 400, 'max_node_count'], ['default-worker', { op: 'replace', path: '/nothing', value: 1 }, 400, "Couldn't apply patch"],
    ['default-worker', { op: 'replace', path: '/node_taints', value: [{ key: 'a' }] }, 400, 'node_taints'], ['default-worker', { op: 'replace', path: '/node_labels', value: '{broken' }, 400, 'node_labels'],
    ['default-master', { op: 'replace', path: '/max_node_count', value: 3 }, 400, 'masters'], ['nothing', { op: 'replace', path: '/max_node_count', value: 3 }, 404, 'Nodegroup nothing'],
  ])('of %s by %j is answered %i', async (name, change, status, title) => {
    const told = await patch(name, change);
    expect([told.status, titleOf(told)]).toEqual([status, expect.stringContaining(title)]);
  });
});

test('groups are listed by role and in pages, and deleted but for the default ones', async () => {
  await create({ name: 'berths' });
  await finish(api.hints()[0]!);
  const list = async (query: string) => (await call('GET', `/v1/clusters/${uuid}/nodegroups/${query}`)).json;
  expect((await list('')).nodegroups.map(({ name }: { name: string }) => name)).toEqual(['default-master', 'default-worker', 'berths']);
  expect((await list('?role=worker')).nodegroups).toHaveLength(2);
  const page = await list('?limit=2');
  expect(page.next).toContain('marker=');
  expect((await call('GET', page.next.replace('http://undefined', ''))).json.nodegroups).toMatchObject([{ name: 'berths', min_node_count: 0, max_node_count: null }]);
  expect((await call('DELETE', `/v1/clusters/${uuid}/nodegroups/default-worker`)).status).toBe(400);
  expect((await call('DELETE', `/v1/clusters/${uuid}/nodegroups/default-master`)).status).toBe(400);
  expect((await call('DELETE', `/v1/clusters/${uuid}/nodegroups/berths`)).status).toBe(204);
  expect(await show('berths')).toMatchObject({ status: 'DELETE_IN_PROGRESS' });
  expect((await call('GET', `/v1/clusters/${uuid}`)).json).toMatchObject({ node_count: 1 });
  await finish(api.hints()[0]!);
  expect((await call('GET', `/v1/clusters/${uuid}/nodegroups/berths`)).status).toBe(404);
});

describe('certificates', () => {
  const csr = execFileSync('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-subj', '/O=system:masters/CN=admin'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const sign = (body: object): Promise<Told> => call('POST', '/v1/certificates', { cluster_uuid: uuid, ...body });

  test('are there once they are made: the authorities, and one for an administrator, of which there is an event', async () => {
    expect((await call('GET', `/v1/certificates/${uuid}`)).status).toBe(400);
    const made = await issueCertificates({ clusterId: id, masters: [], apiAddresses: [], apiNames: [], serviceCidr: '10.254.0.0/16', systemServiceCidr: '100.112.0.0/16', now: new Date() });
    await secrets.replaceSecret(id, 'certificates', made);
    const pemOf = async (query: string) => (await call('GET', `/v1/certificates/${uuid}${query}`)).json.pem;
    expect([await pemOf(''), await pemOf('?ca_cert_type=etcd'), await pemOf('?ca_cert_type=front-proxy'), await pemOf('?ca_cert_type=nothing')])
      .toEqual([made.user.ca, made.user.etcdCa, made.user.frontProxyCa, made.user.ca].map(({ certPem }) => certPem.trimEnd()));
    const signed = await sign({ csr });
    expect(signed).toMatchObject({ status: 201, json: { cluster_uuid: uuid, csr, pem: expect.stringContaining('BEGIN CERTIFICATE') } });
    expect((await api.call('GET', `/v2/clusters/${id}/events`)).json.events).toMatchObject([{ reason: 'CertificateSigned', message: expect.stringContaining('demo') }]);
    expect((await sign({ csr, ca_cert_type: 'etcd' })).status).toBe(400);
    const nonsense = await sign({ csr: 'nonsense' });
    expect([nonsense.status, titleOf(nonsense)]).toEqual([400, expect.stringMatching(/^Received invalid csr \(.*not a certificate signing request/)]);
  });

  test('are rotated by an operation, beside which nothing else changes the cluster', async () => {
    expect((await api.as('viewer', 'PATCH', `/v1/certificates/${uuid}`)).status).toBe(403);
    const rotate = () => call('PATCH', `/v1/certificates/${uuid}`);
    await create({ name: 'berths' });
    const [other] = api.hints();
    expect([(await rotate()).status, titleOf(await rotate())]).toEqual([400, expect.stringContaining('CLUSTER_CHANGING')]);
    await finish(other!);

    expect(await rotate()).toMatchObject({ status: 202, json: { uuid } });
    const [operationId] = api.hints();
    const operation = (await engine.getOperation(operationId!))!;
    // A round for each node of a group of one: its deadline is as long again for each.
    expect(operation).toMatchObject({ flow: 'rotateAuthority', subject: { rounds: '2' }, deadline: operation.createdAt + 3 * 3_600_000 });
    expect(await statusOf()).toBe('UPDATE_IN_PROGRESS');
    expect([(await rotate()).status, titleOf(await rotate())]).toEqual([400, expect.stringContaining('CLUSTER_CHANGING')]);
    for (const refusedNow of [
      await create({ name: 'quays' }), await call('POST', `/v1/clusters/${uuid}/actions/resize`, { node_count: 2 }),
      await call('DELETE', `/v1/clusters/${uuid}/nodegroups/berths`),
    ]) expect([refusedNow.status, titleOf(refusedNow)]).toEqual([400, expect.stringContaining('CLUSTER_CHANGING')]);
    expect(api.hints()).toEqual([]);

    await engine.hold(operation, { code: 'timed_out', cause: 'It took too long.', action: 'Retry the operation.' });
    expect(await statusOf()).toBe('UPDATE_FAILED');
    expect(await rotate()).toMatchObject({ status: 202, json: { uuid } });
    expect(await engine.getOperation(operationId!)).toMatchObject({ status: 'going', retries: 1 });
    expect(api.hints()).toEqual([operationId]);
    await finish(operationId!);
    expect(await statusOf()).toBe('UPDATE_COMPLETE');
  });

  test('are not signed for those who only read, or for nobody\'s cluster', async () => {
    expect((await api.as('viewer', 'POST', '/v1/certificates', { cluster_uuid: uuid, csr })).status).toBe(403);
    expect(await sign({ cluster_uuid: 'nothing', csr })).toMatchObject({ status: 400 });
  });
});
