/** Who may do what, what is refused with which words, and what happens to a request that comes twice. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as neutron from '../../layers/openstack/neutron.ts';
import { openApi, type Api } from '../../local/demo/api.ts';
import { leftBehind } from '../../local/demo/inventory.ts';
import { addGroup, clusterRequest, create, groupSpec, operation, read, refusal, remove, whenGone, whenGroupRuns, whenStatus } from './clusters.ts';
import { everything, startWorld, type Someone, type World } from './world.ts';

let world: World;
let other: Someone;
let viewer: Someone;
let id: string;
let groupId: string;
let operationId: string;

const request = () => clusterRequest(world, { groups: [{ name: 'berths' }] });

beforeAll(async () => {
  world = await startWorld();
  [other, viewer] = await Promise.all([world.as('other'), world.as('viewer')]);
  const { api } = world.demo;
  id = await create(api, request());
  operationId = (await operation(api, id, 'createCluster')).id;
  const { node_groups: [group] } = await whenStatus(api, id, 'RUNNING');
  groupId = group!.id;
}, 240_000);

afterAll(() => world?.stop());

const refusedAs = (answer: Promise<unknown>) => refusal(answer).then(({ status, error: { code } }) => `${status} ${code}`);

const reads = (): [string, string][] => [
  ['GET', `/v2/clusters/${id}`], ['GET', `/v2/clusters/${id}/operations`], ['GET', `/v2/clusters/${id}/operations/${operationId}`],
  ['GET', `/v2/clusters/${id}/events`], ['GET', `/v2/node-groups?cluster_id=${id}`], ['GET', `/v2/node-groups/${groupId}`],
];
const changes = (): [string, string, unknown?][] => [
  ['PATCH', `/v2/clusters/${id}`, { name: 'stolen' }], ['DELETE', `/v2/clusters/${id}`], ['POST', `/v2/clusters/${id}/kube_config`],
  ['POST', `/v2/clusters/${id}:stop`], ['POST', `/v2/clusters/${id}/operations/${operationId}:retry`],
  ['POST', '/v2/node-groups', { cluster_id: id, node_group_spec: groupSpec(world, { name: 'theirs' }) }],
  ['PATCH', `/v2/node-groups/${groupId}`, { labels: { stolen: 'yes' } }], ['DELETE', `/v2/node-groups/${groupId}`],
];

describe('who may', () => {
  test('somebody of another project finds nothing', async () => {
    for (const [method, path, body] of [...reads(), ...changes()]) {
      const { status, error: { code } } = await refusal(other.api.call(method, path, body));
      expect([method, path, status]).toEqual([method, path, 404]);
      expect(code).toMatch(/^(cluster|node_group)_not_found$/);
    }
    expect(await other.api.call('GET', '/v2/clusters')).toEqual({ clusters: [] });
  });

  test('a reader reads, and changes nothing', async () => {
    for (const [method, path] of reads()) await viewer.api.call(method, path);
    expect((await viewer.api.call<{ clusters: { id: string }[] }>('GET', '/v2/clusters')).clusters.map((cluster) => cluster.id)).toEqual([id]);
    for (const [method, path, body] of [...changes(), ['POST', '/v2/clusters', request()] as const]) {
      expect([method, path, await refusedAs(viewer.api.call(method, path, body))]).toEqual([method, path, '403 role_missing']);
    }
    expect((await read(world.demo.api, id)).name).toBe('harbour');
  });

  test('nobody comes in without a token that Keystone knows', async () => {
    const token = await world.demo.user.token();
    const forged = `${token.slice(0, -6)}${token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA'}`;
    const nobodies: Api[] = ['', 'no-token-at-all', forged].map((one) => openApi(world.embedded.url, async () => one));
    for (const nobody of nobodies) {
      for (const [method, path, body] of [...reads(), ...changes(), ['POST', '/v2/clusters', request()] as const]) {
        expect([method, path, await refusedAs(nobody.call(method, path, body))]).toEqual([method, path, '401 unauthorized']);
      }
    }
  });
});

describe('what is refused', () => {
  test('start and stop', async () => {
    for (const verb of ['start', 'stop']) {
      expect(await refusedAs(world.demo.api.call('POST', `/v2/clusters/${id}:${verb}`))).toBe('409 not_for_managed_clusters');
    }
  });

  test('everything that is wrong with a request is told at once, with its place, and nothing is made', async () => {
    const { demo: { api }, admin } = world;
    const before = await everything(admin);
    const body = request();
    const [group] = body.node_groups;
    const wrong = {
      ...body, version: 'v1.2.3',
      deployment_type: { multi_zonal_deployment: { zones: world.choice.zones.slice(0, 2) } },
      node_groups: [{ ...group, name: 'master', scale_spec: { auto_scale: { min_size: 3, max_size: 1 } }, labels: { 'kubernetes.io/own': 'x' } }],
    };
    const { status, error } = await refusal(create(api, wrong));
    expect([status, error.code]).toEqual([400, 'invalid_request']);
    const places = error.details!.map(({ path }) => path);
    for (const place of [
      '$.version', '$.deployment_type.multi_zonal_deployment.zones', '$.node_groups[0].name', '$.node_groups[0].scale_spec.auto_scale.min_size',
      '$.node_groups[0].labels[\'kubernetes.io/own\']',
    ]) expect(places).toContain(place);
    const shapeless = await refusal(api.call('POST', '/v2/clusters', { name: 'X', version: 7 }));
    expect(shapeless.error.details!.map(({ path }) => path)).toEqual(expect.arrayContaining(['$.name', '$.version', '$.master_spec', '$.network_config']));
    expect((await api.call<{ clusters: unknown[] }>('GET', '/v2/clusters')).clusters).toHaveLength(1);
    expect(leftBehind(before, await everything(admin))).toEqual([]);
  });

  test('flavors that there are not, networks of somebody else', async () => {
    const { demo: { api }, admin } = world;
    const theirs = await neutron.createNetwork(other.user.session, { name: 'theirs' });
    const subnet = await neutron.createSubnet(other.user.session, { name: 'theirs', network_id: theirs.id, ip_version: 4, cidr: '10.77.0.0/24' });
    const body = request();
    body.network_config.engine.sprut_engine = { ...body.network_config.engine.sprut_engine, network_id: theirs.id, subnet_id: subnet.id };
    body.master_spec.engine.nova_engine.flavor_id = randomUUID();
    const { status, error } = await refusal(create(api, body));
    expect(status).toBe(400);
    expect(error.details!.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual([
      '$.master_spec.engine.nova_engine.flavor_id flavor_unknown',
      '$.network_config.engine.sprut_engine.network_id network_unknown',
      '$.network_config.engine.sprut_engine.subnet_id subnet_unknown',
    ]);
    await neutron.deleteNetwork(admin, theirs.id);
  });
});

describe('what comes twice is done once', () => {
  test('a cluster, by its uuid', async () => {
    const { demo: { api } } = world;
    const body = clusterRequest(world, { name: 'twice', groups: [] });
    const [first, second] = await Promise.all([create(api, body), create(api, body)]);
    expect(second).toBe(first);
    expect(await create(api, body)).toBe(first);
    expect((await api.call<{ clusters: { name: string }[] }>('GET', '/v2/clusters')).clusters.filter(({ name }) => name === 'twice')).toHaveLength(1);
    // The same uuid in another project is another cluster's, or nobody's.
    expect(await refusedAs(read(other.api, first))).toBe('404 cluster_not_found');
    await remove(api, first);
    await whenGone(api, first);
    expect(await refusedAs(create(api, body))).toBe('409 cluster_deleted');
  }, 120_000);

  test('a node group, by its Idempotency-Key', async () => {
    const { demo: { api } } = world;
    const key = { 'idempotency-key': randomUUID() };
    const spec = groupSpec(world, { name: 'once' });
    const [first, second] = await Promise.all([addGroup(api, id, spec, key), addGroup(api, id, spec, key)]);
    expect(second).toBe(first);
    expect(await addGroup(api, id, spec, key)).toBe(first);
    expect((await read(api, id)).node_groups.map(({ name }) => name)).toEqual(['berths', 'once']);
    expect(await refusedAs(addGroup(api, id, groupSpec(world, { name: 'else' }), key))).toBe('422 idempotency_key_reused');
    await whenGroupRuns(api, first);
    expect((await api.call<{ node_groups: unknown[] }>('GET', `/v2/node-groups?cluster_id=${id}`)).node_groups).toHaveLength(2);
  }, 120_000);
});
