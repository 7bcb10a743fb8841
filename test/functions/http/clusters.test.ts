import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clusterRequest, groupSpec, startHarness, type Harness, type Told } from './harness.ts';

let api: Harness;
let engine: typeof import('../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../layers/store/clusters.ts');
beforeAll(async () => {
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../layers/store/engine-store.ts'));
  clusters = await import('../../../layers/store/clusters.ts');
});
afterAll(() => api.stop());
beforeEach(() => void api.hints());

const create = (change: object = {}, headers: Record<string, string> = {}): Promise<Told> =>
  api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), ...change }, headers });
const finish = async (operationId: string) =>
  engine.end((await engine.getOperation(operationId))!, 'succeeded', Date.now());
const failure = { code: 'quota_exceeded', cause: 'no cores left', action: 'free some' };

describe('a new cluster', () => {
  test('can be read before the answer is sent, in its first state, and the engine is told', async () => {
    const uuid = crypto.randomUUID();
    const { status, json: { id } } = await create({ uuid,
      node_groups: [groupSpec(api.choice, { labels: { tier: 'x' }, taints: [{ key: 'a', effect: 'NoSchedule' }] })] });
    expect(status).toBe(200);
    const { json: cluster } = await api.call('GET', `/v2/clusters/${id}`);
    expect(cluster).toMatchObject({
      id, uuid, name: 'harbour', status: 'PROVISIONING', version: 'v1.34.2', project_id: api.users.demo.projectId,
        insecure_registries: [],
      deployment_type: { zonal_deployment: { zone: api.choice.zones[0] }, multi_zonal_deployment: null },
      master: { vm_engine: { nova_engine: { flavor_id: api.choice.flavorId } }, replicas: 1 },
      network_config: { plugin: { calico: { pods_ipv4_cidr: '10.100.0.0/16' }, cilium: null } },
      external_ip: '', api_address: '',
    });
    expect(cluster.node_groups).toMatchObject([{
      name: 'berths', status: 'PROVISIONING', scale_spec: { fixed_scale: { size: 2 }, auto_scale: null },
        labels: { tier: 'x' },
      taints: [{ key: 'a', value: '', effect: 'NoSchedule' }], parallel_upgrade_chunk: 20,
        nodes: [{ name: 'harbour-berths-0' }, { name: 'harbour-berths-1' }],
    }]);
    const stored = await clusters.requireCluster(id);
    expect(stored.createOperationId).toBe(Object.keys(stored.operations)[0]);
    expect(stored.slots).toEqual({ 0: stored.groups.berths, 1: stored.groups.berths });
    expect(stored.network.gatewayIp).toBeTruthy();
    expect(api.hints()).toEqual([stored.createOperationId]);
  });

  test('is the same one for the same uuid, and another one in another project', async () => {
    const uuid = crypto.randomUUID();
    const [first, second, third] = [await create({ uuid }), await create({ uuid }),
      await create({ uuid, name: 'other-name' })];
    expect(new Set([first.json.id, second.json.id, third.json.id]).size).toBe(1);
    expect(api.hints()).toHaveLength(1);
  });

  test('is made once of many requests at the same time', async () => {
    const uuid = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 5 }, () => create({ uuid })));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(api.hints()).toHaveLength(1);
  });

  test('is the same one for the same Idempotency-Key; another request under it is refused', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const [first, second, third] = [await create({}, headers), await create({}, headers),
      await create({ name: 'other-name' }, headers)];
    expect(second.json.id).toBe(first.json.id);
    expect(third).toMatchObject({ status: 422, json: { error: { code: 'idempotency_key_reused' } } });
    expect((await create()).json.id).not.toBe(first.json.id);
  });
});

describe('what is wrong with a request', () => {
  test('is told for every field that has the wrong shape', async () => {
    const { status, json } = await create({ name: 'A', master_spec: { engine: {}, replicas: 2 }, colour: 'red',
      node_groups: [{ ...groupSpec(api.choice), taints: [{ key: 'a', effect: 'Never' }] }] });
    expect(status).toBe(400);
    expect(json.error.details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`).toSorted())
      .toEqual([
      '$.colour unknown_field', '$.master_spec.engine.nova_engine required', '$.master_spec.replicas not_allowed',
        '$.name invalid_format',
      '$.node_groups[0].taints[0].effect not_allowed',
    ]);
  });

  test('is told all at once: what contradicts itself, what does not exist for this user, what there is no room for',
    async () => {
    api.cloud.faults.add('quota:neutron.port=3');
    const missing = crypto.randomUUID();
    const { status, json } = await create({
      version: 'v1.99.0',
      master_spec: { engine: { nova_engine: { flavor_id: missing } }, replicas: 1 },
      deployment_type: { zonal_deployment: null, multi_zonal_deployment: { zones: ['atlantis'] } },
      network_config: { plugin: { cilium: { pods_ipv4_cidr: '100.96.0.0/16' } },
        engine: { sprut_engine: { network_id: missing, subnet_id: api.choice.subnetId, external_network_id: '' } } },
      node_groups: [
        groupSpec(api.choice, { scale_spec: { auto_scale: { min_size: 3, max_size: 5, size: 2 } },
          zones: ['elsewhere'] }),
        groupSpec(api.choice, { scale_spec: { fixed_scale: { size: 9 } },
          disk_type: { cinder_volume_type: { type: 'granite', size: 1 } } }),
        groupSpec(api.choice, { name: 'master', labels: { 'kubernetes.io/role': 'x', '-bad': 'y' } }),
      ],
    });
    api.cloud.faults.clear();
    expect(status).toBe(400);
    expect(json.error.details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`).toSorted())
      .toEqual([
      '$ quota_exceeded',
      '$.deployment_type.multi_zonal_deployment.zones zone_count',
      '$.deployment_type.multi_zonal_deployment.zones zone_unknown',
      '$.master_spec.engine.nova_engine.flavor_id flavor_unknown',
      '$.master_spec.replicas not_allowed',
      '$.network_config.engine.sprut_engine.external_network_id required',
      '$.network_config.engine.sprut_engine.network_id network_unknown',
      '$.network_config.engine.sprut_engine.subnet_id subnet_elsewhere',
      '$.network_config.plugin.cilium.pods_ipv4_cidr addresses_overlap',
      '$.node_groups[0].scale_spec size_below_limit',
      '$.node_groups[0].zones zone_not_in_cluster',
      '$.node_groups[1].disk_type.cinder_volume_type.type volume_type_unknown',
      '$.node_groups[1].name name_taken',
      '$.node_groups[2].labels[\'-bad\'] invalid_label_key',
      '$.node_groups[2].labels[\'kubernetes.io/role\'] reserved_label',
      '$.node_groups[2].name name_reserved',
      '$.version version_unknown',
    ]);
    expect(json.error.details.find(({ code }: { code: string }) => code === 'quota_exceeded').message)
      .toMatch(/needs 13 ports .* quota of 3 leaves \d/);
    expect(api.hints()).toEqual([]);
  });

  test('is told of somebody else\'s network as of none', async () => {
    const { json } = await api.as('other', 'POST', '/v2/clusters', clusterRequest(api.choice));
    expect(json.error.details.map(({ code }: { code: string }) => code)).toEqual(['network_unknown', 'subnet_unknown']);
  });

  test('is told of a body that is no JSON, or too large', async () => {
    expect(await api.call('POST', '/v2/clusters', { raw: '{"name":' }))
      .toMatchObject({ status: 400, json: { error: { code: 'invalid_json' } } });
    expect(await api.call('POST', '/v2/clusters', { raw: JSON.stringify({ name: 'x'.repeat(300_000) }) }))
      .toMatchObject({ status: 413 });
  });
});

describe('a list', () => {
  test('comes in pages, each of which says where the next one is', async () => {
    const made = await Promise.all(['a-one', 'b-two', 'c-three'].map((name) => create({ name })));
    const seen: string[] = [];
    for (let next: string | undefined = '/v2/clusters?limit=2'; next;) {
      const page: Told = await api.call('GET', next);
      expect(page.json.clusters.length).toBeLessThanOrEqual(2);
      seen.push(...page.json.clusters.map(({ id }: { id: string }) => id));
      next = page.json.next as string | undefined;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made.map(({ json }) => json.id)));
    expect((await api.as('other', 'GET', '/v2/clusters')).json).toEqual({ clusters: [] });
  });

  test.each(['limit=0', 'limit=many', 'marker=nothing'])('refuses %s', async (query) => {
    expect((await api.call('GET', `/v2/clusters?${query}`)).status).toBe(400);
  });
});

describe('a delete', () => {
  test('goes at any moment, once, and is repeated for nothing', async () => {
    const { json: { id } } = await create();
    api.hints();
    expect(await api.call('DELETE', `/v2/clusters/${id}`)).toMatchObject({ status: 200, json: {} });
    expect((await api.call('GET', `/v2/clusters/${id}`)).json.status).toBe('DELETING');
    expect((await api.call('DELETE', `/v2/clusters/${id}`)).status).toBe(200);
    const [operationId] = api.hints();
    expect((await engine.getOperation(operationId!))?.flow).toBe('deleteCluster');

    await finish(operationId!);
    expect((await api.call('GET', `/v2/clusters/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', `/v2/clusters/${id}`)).status).toBe(200);
    expect((await api.call('GET', '/v2/clusters?limit=1000'))
      .json.clusters.map((cluster: { id: string }) => cluster.id)).not.toContain(id);
  });

  test('that is held shows as ERROR and is retried by another one', async () => {
    const { json: { id } } = await create();
    await api.call('DELETE', `/v2/clusters/${id}`);
    const operationId = api.hints().at(-1)!;
    await engine.hold((await engine.getOperation(operationId))!, failure);
    expect((await api.call('GET', `/v2/clusters/${id}`)).json)
      .toMatchObject({ status: 'ERROR', error: { ...failure, operation_id: operationId } });
    expect((await api.call('DELETE', `/v2/clusters/${id}`)).status).toBe(200);
    expect((await api.call('GET', `/v2/clusters/${id}`)).json.status).toBe('DELETING');
    expect(api.hints()).toEqual([operationId]);
  });

  test('of a uuid says so when the uuid is asked for again', async () => {
    const uuid = crypto.randomUUID();
    const { json: { id } } = await create({ uuid });
    await api.call('DELETE', `/v2/clusters/${id}`);
    await finish(api.hints().at(-1)!);
    expect(await create({ uuid })).toMatchObject({ status: 409, json: { error: { code: 'cluster_deleted' } } });
  });
});

describe('an edit', () => {
  const running = async (change: object = {}): Promise<string> => {
    const { json: { id } } = await create(change);
    await finish((await clusters.requireCluster(id)).createOperationId);
    api.hints();
    return id;
  };

  test('changes name, description and labels in place; machines keep their names', async () => {
    const id = await running({ node_groups: [groupSpec(api.choice)] });
    const { status, json } = await api.call('PATCH', `/v2/clusters/${id}`,
      { body: { name: 'marina', description: '', labels: { a: 'b' } } });
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: 'marina', description: '', labels: { a: 'b' }, status: 'RUNNING' });
    expect(json.node_groups[0].nodes[0].name).toBe('harbour-berths-0');
    expect(api.hints()).toEqual([]);
  });

  test('of the allow-list begins an operation; a second one waits, a held one is taken on', async () => {
    const id = await running();
    const put = (allowed_cidrs: string[]) =>
      api.call('PATCH', `/v2/clusters/${id}`,
        { body: { load_balancer_config: { octavia_engine: { allowed_cidrs } } } });
    expect((await put(['192.0.2.0/24'])).json)
      .toMatchObject({ status: 'RECONCILING',
        load_balancer_config: { octavia_engine: { allowed_cidrs: ['192.0.2.0/24'] } } });
    const [operationId] = api.hints();
    expect(await engine.getOperation(operationId!))
      .toMatchObject({ flow: 'updateCluster', given: (await clusters.requireCluster(id)).createOperationId });
    expect(await put(['198.51.100.0/24']))
      .toMatchObject({ status: 409, json: { error: { code: 'cluster_changing', operation_id: operationId } } });
    expect((await put(['192.0.2.0/24'])).status).toBe(200);

    await engine.hold((await engine.getOperation(operationId!))!, failure);
    expect((await put(['198.51.100.0/24'])).json)
      .toMatchObject({ status: 'RECONCILING',
        load_balancer_config: { octavia_engine: { allowed_cidrs: ['198.51.100.0/24'] } } });
    expect(api.hints()).toEqual([operationId]);
    expect((await put(['198.51.100.7/24'])).json.error.details[0])
      .toMatchObject({ path: '$.load_balancer_config.octavia_engine.allowed_cidrs[0]' });
  });

  test('is refused while it could not be done', async () => {
    const { json: { id } } = await create();
    const body = { load_balancer_config: { octavia_engine: { allowed_cidrs: ['192.0.2.0/24'] } } };
    expect(await api.call('PATCH', `/v2/clusters/${id}`, { body }))
      .toMatchObject({ status: 409, json: { error: { code: 'cluster_not_ready' } } });
    await api.call('DELETE', `/v2/clusters/${id}`);
    expect(await api.call('PATCH', `/v2/clusters/${id}`, { body: { name: 'marina' } }))
      .toMatchObject({ status: 409, json: { error: { code: 'cluster_deleting' } } });
    expect((await api.call('PATCH', `/v2/clusters/${id}`, { body: {} })).status).toBe(400);
  });

  test.each([
    ['POST', ':start', undefined, 'not_for_managed_clusters'],
    ['POST', ':stop', undefined, 'not_for_managed_clusters'],
    ['PATCH', ':upgrade', { target_version: 'v1.34.3' }, 'not_offered_yet'],
    ['POST', ':scaleControlPlane', { master_spec: { engine: { nova_engine: { flavor_id: 'f' } }, replicas: 3 } },
      'not_offered_yet'],
  ])('%s %s is refused with a code', async (method, verb, body, code) => {
    const { json: { id } } = await create();
    expect(await api.call(method, `/v2/clusters/${id}${verb}`, { body }))
      .toMatchObject({ status: 409, json: { error: { code } } });
    expect((await api.as('other', method, `/v2/clusters/${id}${verb}`, body)).status).toBe(404);
  });

  test('an upgrade to what the cluster could never become is a wrong request', async () => {
    const { json: { id } } = await create();
    const upgrade = (target_version: string) => api.call('PATCH', `/v2/clusters/${id}:upgrade`, { body: { target_version } });
    for (const [version, code] of [['v1.33.5', 'version_not_newer'], ['v1.36.1', 'version_skips_minor']]) {
      const { status, json } = await upgrade(version!);
      expect(status).toBe(400);
      expect(json.error.details).toContainEqual(expect.objectContaining({ path: '$.target_version', code }));
    }
  });
});
