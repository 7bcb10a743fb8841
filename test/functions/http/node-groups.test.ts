import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clusterRequest, groupSpec, startHarness, type Harness, type Told } from './harness.ts';

let api: Harness;
let engine: typeof import('../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../layers/store/clusters.ts');
let groups: typeof import('../../../layers/store/node-groups.ts');
beforeAll(async () => {
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../layers/store/engine-store.ts'));
  clusters = await import('../../../layers/store/clusters.ts');
  groups = await import('../../../layers/store/node-groups.ts');
});
afterAll(() => api.stop());

let clusterId: string;
beforeEach(async () => {
  clusterId = (await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) })).json.id;
  await finish((await clusters.requireCluster(clusterId)).createOperationId);
  api.hints();
});

const finish = async (operationId: string) =>
  engine.end((await engine.getOperation(operationId))!, 'succeeded', Date.now());
const hold = async (operationId: string) =>
  engine.hold((await engine.getOperation(operationId))!, { code: 'quota_exceeded', cause: 'no', action: 'free some' });
const create = (more: object = {}, headers: Record<string, string> = {}): Promise<Told> =>
  api.call('POST', '/v2/node-groups',
    { body: { cluster_id: clusterId, node_group_spec: groupSpec(api.choice, more) }, headers });
const read = async (id: string) => (await api.call('GET', `/v2/node-groups/${id}`)).json.node_group;
const status = async () => (await api.call('GET', `/v2/clusters/${clusterId}`)).json.status;
const edit = (id: string, body: object): Promise<Told> => api.call('PATCH', `/v2/node-groups/${id}`, { body });
const ready = async (more: object = {}): Promise<string> => {
  const { json: { node_group_id: id } } = await create(more);
  await finish(api.hints()[0]!);
  return id;
};

describe('a new group', () => {
  test('begins an operation of its own, which the cluster\'s status tells of', async () => {
    const { status: code, json } = await create({ scale_spec: { auto_scale: { min_size: 1, max_size: 3, size: 2 } } });
    expect(code).toBe(200);
    expect(await read(json.node_group_id)).toMatchObject({
      cluster_id: clusterId, status: 'PROVISIONING',
        scale_spec: { fixed_scale: null, auto_scale: { min_size: 1, max_size: 3, size: 2 } },
          nodes: [{ leaving: false }, {}],
    });
    const [operationId] = api.hints();
    const cluster = await clusters.requireCluster(clusterId);
    expect(await engine.getOperation(operationId!))
      .toMatchObject({ flow: 'createNodeGroup', groupId: json.node_group_id, given: cluster.createOperationId });
    expect(await status()).toBe('RECONCILING');
    await finish(operationId!);
    expect(await status()).toBe('RUNNING');
    expect((await api.call('GET', `/v2/node-groups?cluster_id=${clusterId}`)).json.node_groups)
      .toMatchObject([{ id: json.node_group_id, status: 'RUNNING' }]);
  });

  test('may come with others at the same time: every node has a slot of its own', async () => {
    const made = await Promise.all(['one', 'two', 'three', 'four'].map((name) => create({ name })));
    expect(made.map((told) => told.status)).toEqual([200, 200, 200, 200]);
    const { slots } = await clusters.requireCluster(clusterId);
    expect(Object.keys(slots)).toHaveLength(8);
    const nodes = await Promise.all(made.map(async ({ json }) => (await groups.requireNodeGroup(json.node_group_id))
      .nodes.map(({ slot }) => slot)));
    expect(nodes.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(api.hints()).toHaveLength(4);
  });

  test('has a name of its own, also among those who ask at once', async () => {
    const made = await Promise.all([create(), create(), create()]);
    expect(made.map((told) => told.status).toSorted()).toEqual([200, 400, 400]);
    expect(made.find((told) => told.status === 400)!.json.error.details)
      .toMatchObject([{ path: '$.node_group_spec.name', code: 'name_taken' }]);
  });

  test('is the same one for the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [first, second] = await Promise.all([create({}, headers), create({}, headers)]);
    expect(second.json.node_group_id).toBe(first.json.node_group_id);
    expect(await create({ name: 'other' }, headers)).toMatchObject({ status: 422 });
    expect(api.hints()).toHaveLength(1);
  });

  test('needs a cluster that is there and stays', async () => {
    const { json: { id } } = await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) });
    const ask = () => api.call('POST', '/v2/node-groups',
      { body: { cluster_id: id, node_group_spec: groupSpec(api.choice) } });
    expect(await ask()).toMatchObject({ status: 409, json: { error: { code: 'cluster_not_ready' } } });
    await api.call('DELETE', `/v2/clusters/${id}`);
    expect(await ask()).toMatchObject({ status: 409, json: { error: { code: 'cluster_deleting' } } });
    expect((await api.as('other', 'POST', '/v2/node-groups',
      { cluster_id: clusterId, node_group_spec: groupSpec(api.choice) })).status).toBe(404);
  });

  test('is refused with all of its problems', async () => {
    api.cloud.faults.add('quota:neutron.port=3');
    const told = await create({
      name: 'master', zones: ['elsewhere'], scale_spec: { auto_scale: { min_size: 9, max_size: 5 } },
        vm_engine: { nova_engine: { flavor_id: crypto.randomUUID() } },
      taints: [{ key: 'a/b/c', value: '!', effect: 'NoExecute' }],
    });
    api.cloud.faults.clear();
    expect(told.json.error.details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`)
      .toSorted()).toEqual([
      '$.node_group_spec.name name_reserved', '$.node_group_spec.scale_spec quota_exceeded',
        '$.node_group_spec.scale_spec.auto_scale.min_size limits_crossed',
      '$.node_group_spec.taints[0].key invalid_taint_key', '$.node_group_spec.taints[0].value invalid_taint_value',
      '$.node_group_spec.vm_engine.nova_engine.flavor_id flavor_unknown', '$.node_group_spec.zones zone_not_in_cluster',
    ]);
  });
});

describe('a change', () => {
  test('of the size gives new nodes slots and marks those that leave, in one operation', async () => {
    const id = await ready();
    expect((await edit(id, { scale_spec: { fixed_scale: { size: 4 } } })).json.node_group)
      .toMatchObject({ status: 'RECONCILING', nodes: [{}, {}, {}, {}] });
    const [grow] = api.hints();
    expect(await engine.getOperation(grow!)).toMatchObject({ flow: 'resizeNodeGroup', groupId: id });
    await finish(grow!);
    await edit(id, { scale_spec: { fixed_scale: { size: 1 } } });
    expect((await groups.requireNodeGroup(id)).nodes.map(({ slot, leaving }) => [slot, leaving]))
      .toEqual([[0, false], [1, true], [2, true], [3, true]]);
    await finish(api.hints()[0]!);
    expect((await clusters.requireCluster(clusterId)).slots).toEqual({ 0: id });
    expect(await read(id)).toMatchObject({ status: 'RUNNING', scale_spec: { fixed_scale: { size: 1 } },
      nodes: [{ leaving: false }] });
  });

  test('of limits keeps the size as far as they allow; fixed again, they go', async () => {
    const id = await ready();
    expect((await edit(id, { scale_spec: { auto_scale: { min_size: 3, max_size: 5 } } }))
      .json.node_group.scale_spec.auto_scale).toEqual({ min_size: 3, max_size: 5, size: 3 });
    await finish(api.hints()[0]!);
    expect((await edit(id, { scale_spec: { fixed_scale: { size: 3 } } })).json.node_group.scale_spec)
      .toEqual({ fixed_scale: { size: 3 }, auto_scale: null });
    expect(await groups.requireNodeGroup(id)).not.toHaveProperty('limits');
  });

  test('of labels and taints is an operation; of nothing, or of the chunk, is none', async () => {
    const id = await ready({ labels: { a: '1', b: '2' } });
    expect((await edit(id, { labels: { b: '2', a: '1' }, scale_spec: { fixed_scale: { size: 2 } },
      vm_engine: { nova_engine: { flavor_id: api.choice.flavorId } } })).status).toBe(200);
    expect((await edit(id, { parallel_upgrade_chunk: 50 })).json.node_group)
      .toMatchObject({ parallel_upgrade_chunk: 50, status: 'RUNNING' });
    expect(api.hints()).toEqual([]);
    expect((await edit(id, { labels: { a: '1' }, taints: [{ key: 'x', effect: 'NoExecute' }] })).json.node_group)
      .toMatchObject({ labels: { a: '1' }, taints: [{ key: 'x', value: '' }], status: 'RECONCILING' });
    expect(api.hints()).toHaveLength(1);
  });

  test('waits for the one before; takes the place of one that is held', async () => {
    const id = await ready();
    await edit(id, { scale_spec: { fixed_scale: { size: 4 } } });
    const [first] = api.hints();
    expect(await edit(id, { scale_spec: { fixed_scale: { size: 3 } } }))
      .toMatchObject({ status: 409, json: { error: { code: 'node_group_changing', operation_id: first } } });
    await hold(first!);
    expect(await read(id)).toMatchObject({ status: 'ERROR', error: { code: 'quota_exceeded', operation_id: first } });
    expect((await edit(id, { scale_spec: { fixed_scale: { size: 3 } } })).json.node_group.status).toBe('RECONCILING');
    expect((await engine.getOperation(first!))!.status).toBe('stopped');
    expect((await groups.requireNodeGroup(id)).nodes.filter(({ leaving }) => !leaving)).toHaveLength(3);
    expect(Object.keys((await clusters.requireCluster(clusterId)).operations)).toEqual(api.hints());
  });

  test('is refused with words', async () => {
    const id = await ready();
    expect(await edit(id, { vm_engine: { nova_engine: { flavor_id: 'another' } } }))
      .toMatchObject({ status: 409, json: { error: { code: 'not_offered_yet' } } });
    expect((await edit(id, { scale_spec: { auto_scale: { min_size: 2, max_size: 4, size: 5 } },
      labels: { 'k8s.io/x': '' } })).json.error.details).toMatchObject([
      { path: '$.scale_spec', code: 'size_above_limit' }, { path: '$.labels[\'k8s.io/x\']', code: 'reserved_label' },
    ]);
    expect((await edit(id, { scale_spec: { fixed_scale: { size: 4000 } } }))
      .json.error.details.map(({ code }: { code: string }) => code)).toContain('too_many_nodes');
    expect((await api.as('viewer', 'PATCH', `/v2/node-groups/${id}`, { parallel_upgrade_chunk: 1 })).status).toBe(403);
    expect((await api.as('other', 'PATCH', `/v2/node-groups/${id}`, { parallel_upgrade_chunk: 1 })).status).toBe(404);
  });
});

describe('a delete', () => {
  test('goes while something else is being done to the group, and is repeated for nothing', async () => {
    const { json: { node_group_id: id } } = await create();
    api.hints();
    expect((await api.call('DELETE', `/v2/node-groups/${id}`)).status).toBe(200);
    const [operationId] = api.hints();
    expect(await engine.getOperation(operationId!)).toMatchObject({ flow: 'deleteNodeGroup', groupId: id });
    expect((await read(id))).toMatchObject({ status: 'DELETING', nodes: [{ leaving: true }, { leaving: true }] });
    expect((await api.call('DELETE', `/v2/node-groups/${id}`)).status).toBe(200);
    expect(api.hints()).toEqual([]);
    await hold(operationId!);
    await api.call('DELETE', `/v2/node-groups/${id}`);
    expect(api.hints()).toEqual([operationId]);
    await finish(operationId!);
    expect((await api.call('GET', `/v2/node-groups/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', `/v2/node-groups/${id}`)).status).toBe(200);
    expect((await clusters.requireCluster(clusterId)).slots).toEqual({});
  });

  test('of a group that comes with its cluster waits for the cluster; one that goes with it is done', async () => {
    const { json: { id } } = await api.call('POST', '/v2/clusters',
      { body: { ...clusterRequest(api.choice), node_groups: [groupSpec(api.choice)] } });
    const [groupId] = Object.values((await clusters.requireCluster(id)).groups);
    expect(await api.call('DELETE', `/v2/node-groups/${groupId}`))
      .toMatchObject({ status: 409, json: { error: { code: 'cluster_not_ready' } } });
    await api.call('DELETE', `/v2/clusters/${id}`);
    expect((await api.call('DELETE', `/v2/node-groups/${groupId}`)).status).toBe(200);
  });
});
