import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHarness, type Harness, type Told } from '../harness.ts';

let api: Harness;
let engine: typeof import('../../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../../layers/store/clusters.ts');
let groups: typeof import('../../../../layers/store/node-groups.ts');
beforeAll(async () => {
  // A cloud without a first generation.
  Object.assign(process.env, { CLUSTERS_PER_PROJECT: '1000', MAGNUM_SERVICE_TYPES: 'none' });
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../../layers/store/engine-store.ts'));
  clusters = await import('../../../../layers/store/clusters.ts');
  groups = await import('../../../../layers/store/node-groups.ts');
});
afterAll(() => api.stop());
beforeEach(() => void api.hints());

const template = 'kubernetes-v1.34.2-zonal-1';
const version = (minor: number | 'latest') => ({ 'openstack-api-version': `container-infra ${minor === 'latest' ? minor : `1.${minor}`}` });
const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = version('latest')): Promise<Told> =>
  api.call(method, path, { ...(body !== undefined && { body }), headers });
let made = 0;
const create = async (more: object = {}): Promise<string> => {
  const told = await call('POST', '/v1/clusters', { name: `harbour-${++made}`, cluster_template_id: template, fixed_network: 'demo-net', ...more });
  expect([told.status, told.text]).toEqual([202, expect.any(String)]);
  return told.json.uuid;
};
const stored = async (uuid: string) => (await clusters.getClusterByUuid(api.users.demo.projectId, uuid))!;
const finish = async (operationId: string, as: 'succeeded' | 'stopped' = 'succeeded') =>
  engine.end((await engine.getOperation(operationId))!, as, Date.now());
const show = async (uuid: string) => (await call('GET', `/v1/clusters/${uuid}`)).json;
const titleOf = ({ json }: Told): string => json.errors[0].title;
/** Created, with its groups and an address, as if the engine had done it. */
const ready = async (more: object = {}): Promise<string> => {
  const uuid = await create(more);
  const cluster = await stored(uuid);
  await clusters.changeCluster(cluster.id, () => ({ addresses: { external: '127.64.0.9' } }), Date.now());
  for (const id of Object.values(cluster.groups)) await groups.changeNodeGroup(id, ({ nodes }) => ({ phase: 'ready', nodes: nodes.map((node) => ({ ...node, serverId: `server-${node.slot}`, address: `10.0.0.${node.slot}` })) }), Date.now());
  await finish(cluster.createOperationId);
  api.hints();
  return uuid;
};

describe('what there is', () => {
  test('is told without a token, with and without the version in the path', async () => {
    expect(await api.call('GET', '/', { token: null })).toMatchObject({ status: 200,
      json: { versions: [{ id: 'v1', status: 'CURRENT', max_version: '1.14', min_version: '1.1' }] } });
    expect((await api.call('GET', '/v1/', { token: null })).json.id).toBe('v1');
    const { status, json, headers } = await api.call('GET', '/v1', { token: null });
    expect([status, json.id]).toEqual([200, 'v1']);
    expect(json.clusters[0]).toEqual({ href: 'http://undefined/v1/clusters/', rel: 'self' });
    expect(headers).toMatchObject({ 'OpenStack-API-Version': 'container-infra 1.1', 'OpenStack-API-Maximum-Version': 'container-infra 1.14', Vary: 'OpenStack-API-Version' });
    expect((await call('GET', '/clusters')).status).toBe(200);
  });

  test.each([
    ['container-infra 1.15', 'magnum.microversion-unsupported'], ['container-infra 2.0', 'magnum.microversion-unsupported'],
    ['container-infra x', 'client'], ['nova 1.4', 'client'], ['container-infra', 'client'], ['container-infra 1.4 x', 'client'],
  ])('the version %j is none', async (asked, code) => {
    const told = await api.call('GET', '/v1/clusters', { headers: { 'openstack-api-version': asked } });
    expect([told.status, told.json.errors[0].code]).toEqual([406, code]);
  });

  test('depends on the version', async () => {
    expect((await call('GET', '/v1/clusters/x/nodegroups', undefined, version(8))).status).toBe(406);
    expect((await call('GET', '/v1/clusters', undefined, {})).headers['OpenStack-API-Version']).toBe('container-infra 1.1');
    const told = await call('POST', '/v1/clusters', { cluster_template_id: template, node_count: 0 }, version(9));
    expect([told.status, titleOf(told)]).toEqual([400, 'Resizing a nodegroup to zero is not supported in the provided microversion']);
  });

  test.each([['PUT', '/v1/clusters', 405], ['GET', '/v1/nothing', 404], ['GET', '/v1/clusters?foo=1', 400], ['GET', '/v1/clusters?limit=0', 400],
    ['GET', '/v1/clusters?limit=x', 400], ['GET', '/v1/clusters?sort_key=nothing', 400], ['GET', '/v1/clusters?sort_dir=up', 400],
    ['GET', '/v1/clusters?marker=nothing', 404], ['GET', '/v1/clusters/nothing', 404], ['DELETE', '/v1/clusters/nothing', 404],
    ['GET', '/v1/clustertemplates/nothing', 404], ['GET', '/v1/certificates/nothing', 404], ['PATCH', '/v1/credentials/nothing', 404],
  ])('%s %s is answered %i, in Magnum\'s form', async (method, path, status) => {
    const told = await call(method, path);
    expect([told.status, told.json.errors[0].status]).toEqual([status, status]);
    expect(told.json.errors[0]).toMatchObject({ code: 'client', title: expect.stringMatching(/./), links: [] });
  });

  test('is for those who may: readers read, nobody without a token', async () => {
    const told = await api.call('GET', '/v1/clusters', { token: null });
    expect(told).toMatchObject({ status: 401, json: { error: { code: 401, title: 'Unauthorized' } } });
    expect(told.headers['www-authenticate']).toContain('Keystone uri=');
    expect((await api.as('viewer', 'GET', '/v1/clusters')).status).toBe(200);
    expect(await api.as('viewer', 'POST', '/v1/clusters', { cluster_template_id: template }))
      .toMatchObject({ status: 403, json: { errors: [{ status: 403 }] } });
  });
});

describe('a new cluster', () => {
  test('is there, in its first state, before the answer; the second generation\'s own API shows the same', async () => {
    const uuid = await create({ name: 'My_Cluster.1', node_count: 2, keypair: 'k', labels: { team: 'sea', deep: true, depth: 3 }, merge_labels: true, flavor_id: 'lab.small' });
    const cluster = await show(uuid);
    expect(cluster).toMatchObject({
      uuid, name: 'My_Cluster.1', status: 'CREATE_IN_PROGRESS', status_reason: null, node_count: 2, master_count: 1, keypair: 'k', health_status: null,
      flavor_id: 'lab.small', fixed_network: 'demo-net', floating_ip_enabled: true, api_address: null, coe_version: null, create_timeout: 60,
      labels: { moorage_generation: '2', kube_tag: 'v1.34.2', team: 'sea', deep: 'True', depth: '3' }, labels_added: { team: 'sea', deep: 'True', depth: '3' },
      labels_overridden: {}, labels_skipped: {}, cluster_id: uuid, node_addresses: [], updated_at: null, project_id: api.users.demo.projectId,
    });
    expect(cluster).not.toHaveProperty('stack_id');
    expect((await call('GET', `/v1/clusters/${uuid}`, undefined, version(12))).json).toMatchObject({ stack_id: uuid });
    const { id, name, createOperationId } = await stored(uuid);
    expect(name).toMatch(/^my-cluster-1$/);
    expect(api.hints()).toEqual([createOperationId]);
    expect((await api.call('GET', `/v2/clusters/${id}`)).json).toMatchObject({ uuid, name: 'My_Cluster.1', status: 'PROVISIONING',
      node_groups: [{ name: 'default-worker', scale_spec: { fixed_scale: { size: 2 } } }] });
    expect((await call('GET', '/v1/clusters/My_Cluster.1')).json.uuid).toBe(uuid);
    expect((await call('POST', '/v1/clusters', { cluster_template_id: cluster.cluster_template_id, fixed_network: 'demo-net' })).status).toBe(202);
  });

  test('has labels of its own in place of the template\'s, unless they are merged', async () => {
    const cluster = await show(await create({ labels: { topology: 'odd' } }));
    expect(cluster).toMatchObject({ labels: { topology: 'odd' }, labels_overridden: { topology: 'zonal' }, labels_added: {},
      labels_skipped: { kube_tag: 'v1.34.2', moorage_generation: '2' } });
  });

  test('has as many masters as its template at least, and limits and zones that labels say', async () => {
    const uuid = await create({ cluster_template_id: 'kubernetes-v1.33.5-zonal-3', master_count: 1,
      labels: { auto_scaling_enabled: 'true', min_node_count: '1', max_node_count: 4, availability_zone: api.choice.zones.at(-1) } });
    expect(await show(uuid)).toMatchObject({ master_count: 3 });
    expect(await stored(uuid)).toMatchObject({ zones: [api.choice.zones.at(-1)], version: 'v1.33.5' });
    expect((await call('GET', `/v1/clusters/${uuid}/nodegroups/default-worker`)).json).toMatchObject({ min_node_count: 1, max_node_count: 4 });
  });

  test.each([
    [{}, 'cluster_template_id'], [{ cluster_template_id: template, colour: 'red' }, 'colour'], [{ cluster_template_id: template, name: '1 x' }, 'name'],
    [{ cluster_template_id: template, node_count: -1 }, 'node_count'], [{ cluster_template_id: template, flavor_id: 'granite' }, 'flavor_id'],
    [{ cluster_template_id: template, fixed_network: 'nothing' }, 'fixed_network'], [{ cluster_template_id: template, fixed_subnet: 'nothing' }, 'fixed_subnet'],
    [{ cluster_template_id: template, master_count: 2 }, 'master_count'], [{ cluster_template_id: 'nothing' }, 'ClusterTemplate'],
    [{ cluster_template_id: template, labels: { calico_ipv4pool: 'x' } }, 'labels.calico_ipv4pool'],
    [{ cluster_template_id: template, labels: { master_lb_allowed_cidrs: '10.0.0.1/8' } }, 'master_lb_allowed_cidrs'],
    [{ cluster_template_id: template, labels: { availability_zone: 'atlantis' } }, 'availability_zone'],
  ])('is refused when %j', async (body, field) => {
    const told = await call('POST', '/v1/clusters', body);
    expect([told.status, titleOf(told)]).toEqual([400, expect.stringContaining(field)]);
    expect(api.hints()).toEqual([]);
  });

  test('is refused with every problem of it', async () => {
    const told = await call('POST', '/v1/clusters', { cluster_template_id: template, fixed_network: 'demo-net', flavor_id: crypto.randomUUID(), master_count: 4 });
    expect(told.json.errors[0].detail).toMatch(/flavor_id: .*master_count: |master_count: .*flavor_id: /);
  });

  test('is not one too many', async () => {
    const { requireSettings } = await import('../../../../layers/platform/settings.ts');
    const settings = requireSettings();
    settings.clustersPerProject = 1;
    const told = await call('POST', '/v1/clusters', { cluster_template_id: template, fixed_network: 'demo-net' });
    settings.clustersPerProject = 1000;
    expect([told.status, told.json.errors[0].detail]).toEqual([403, expect.stringContaining('maximum clusters per project')]);
  });
});

describe('a cluster', () => {
  test('of another project does not exist', async () => {
    const uuid = await create();
    for (const [method, path] of [['GET', ''], ['DELETE', ''], ['GET', '/nodegroups']] as const) {
      const token = await api.users.other.token();
      expect((await api.call(method, `/v1/clusters/${uuid}${path}`, { token, headers: version('latest') })).status, method).toBe(404);
    }
    expect((await api.as('other', 'GET', '/v1/clusters')).json.clusters).toEqual([]);
  });

  test('of an ambiguous name is asked for by its uuid', async () => {
    const [one] = [await create({ name: 'twice' }), await create({ name: 'twice' })];
    expect((await call('GET', '/v1/clusters/twice')).status).toBe(409);
    expect((await call('GET', `/v1/clusters/${one}`)).status).toBe(200);
  });

  test('of the second generation\'s own API is shown as well, by the uuid it has there', async () => {
    const { clusterRequest, groupSpec } = await import('../harness.ts');
    const { json: { id } } = await api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), node_groups: [groupSpec(api.choice)] } });
    const { uuid } = (await api.call('GET', `/v2/clusters/${id}`)).json;
    expect(await show(uuid)).toMatchObject({ uuid, name: 'harbour', node_count: 2, flavor_id: api.choice.flavorId, cluster_template_id: expect.any(String) });
    const { nodegroups } = (await call('GET', `/v1/clusters/${uuid}/nodegroups`)).json;
    expect(nodegroups.map(({ name, is_default, role }: Record<string, unknown>) => [name, is_default, role]))
      .toEqual([['default-master', true, 'master'], ['berths', true, 'worker']]);
    expect((await api.call('PATCH', `/v2/clusters/${id}`, { body: { name: 'renamed' } })).status).toBe(200);
    expect((await call('GET', '/v1/clusters/renamed')).json.uuid).toBe(uuid);
  });

  test('that failed says why, with its code', async () => {
    const uuid = await create();
    const { createOperationId } = await stored(uuid);
    await engine.hold((await engine.getOperation(createOperationId))!, { code: 'quota_exceeded', cause: 'no cores left.', action: 'Free some.' });
    expect(await show(uuid)).toMatchObject({ status: 'CREATE_FAILED', status_reason: '[QUOTA_EXCEEDED] no cores left. Free some.',
      faults: { cluster: '[QUOTA_EXCEEDED] no cores left. Free some.' } });
  });

  test('is deleted at any time, and then gone', async () => {
    const uuid = await create();
    expect((await call('DELETE', `/v1/clusters/${uuid}`)).status).toBe(204);
    expect(await show(uuid)).toMatchObject({ status: 'DELETE_IN_PROGRESS' });
    expect((await call('DELETE', `/v1/clusters/${uuid}`)).status).toBe(204);
    const operationId = Object.entries((await stored(uuid)).operations).find(([, { flow }]) => flow === 'deleteCluster')![0];
    await finish(operationId);
    expect((await call('GET', `/v1/clusters/${uuid}`)).status).toBe(404);
    expect((await call('DELETE', `/v1/clusters/${uuid}`)).status).toBe(404);
  });

  test('that the watch has looked at has a health', async () => {
    const uuid = await ready();
    const { id } = await stored(uuid);
    await clusters.changeCluster(id, () => ({ health: { status: 'unhealthy', reasons: ['a port is gone'] } }), Date.now());
    expect(await show(uuid)).toMatchObject({ health_status: 'UNHEALTHY', health_status_reason: { 'finding.0': 'a port is gone' } });
  });
});

describe('a change of the size', () => {
  const patch = (uuid: string, value: unknown) => call('PATCH', `/v1/clusters/${uuid}`, value);

  test('is begun before the answer, ends as UPDATE_COMPLETE, and is that of the default group', async () => {
    const uuid = await ready({ node_count: 2 });
    expect(await show(uuid)).toMatchObject({ status: 'CREATE_COMPLETE', node_addresses: ['10.0.0.0', '10.0.0.1'], api_address: 'https://127.64.0.9:6443',
      master_addresses: ['127.64.0.9'], coe_version: 'v1.34.2' });
    expect(await patch(uuid, [{ op: 'replace', path: '/node_count', value: '3' }])).toMatchObject({ status: 202, json: { uuid } });
    expect(await show(uuid)).toMatchObject({ status: 'UPDATE_IN_PROGRESS', node_count: 3 });
    const [operation] = api.hints();
    const refused = await patch(uuid, [{ op: 'replace', path: '/node_count', value: 4 }]);
    expect([refused.status, titleOf(refused)]).toEqual([400, 'Updating a cluster when status is "UPDATE_IN_PROGRESS" is not supported']);
    await finish(operation!);
    expect(await show(uuid)).toMatchObject({ status: 'UPDATE_COMPLETE', node_count: 3 });
    expect((await patch(uuid, [])).status).toBe(202);
  });

  test.each([
    [[{ op: 'replace', path: '/name', value: 'x' }], 'cannot change cluster property(ies) name'],
    [[{ op: 'replace', path: '/stack_id', value: 'x' }], "'/stack_id' is an internal attribute and can not be updated"],
    [[{ op: 'replace', path: '/nothing', value: 'x' }], "Couldn't apply patch"], [[{ op: 'dance', path: '/node_count' }], 'op'], [{}, 'patch'],
    [[{ op: 'add', path: '/node_count', value: 2 }], "The attribute /node_count has existed"], [[{ op: 'replace', path: '/node_count', value: -1 }], 'node_count'],
    [[{ op: 'replace', path: '/health_status', value: 'HEALTHY' }], 'cannot change cluster property(ies) health_status'],
  ])('is refused when %j', async (body, title) => {
    const uuid = await ready();
    const told = await patch(uuid, body);
    expect(told.status).toBe(400);
    if (title !== 'patch') expect(titleOf(told)).toContain(title);
  });

  test('says which nodes go', async () => {
    const uuid = await ready({ node_count: 3 });
    const resize = (body: object) => call('POST', `/v1/clusters/${uuid}/actions/resize`, body);
    const unknown = await resize({ node_count: 2, nodes_to_remove: ['server-9'] });
    expect([unknown.status, titleOf(unknown)]).toEqual([400, expect.stringContaining('nodes_to_remove')]);
    expect((await resize({ node_count: 2, nodes_to_remove: ['server-0'] })).status).toBe(202);
    const { groups: { 'default-worker': id } } = await stored(uuid);
    expect((await groups.requireNodeGroup(id!)).nodes.map(({ slot, leaving }) => [slot, leaving])).toEqual([[0, true], [1, false], [2, false]]);
    expect(await show(uuid)).toMatchObject({ node_count: 2, node_addresses: ['10.0.0.1', '10.0.0.2'] });
    const busy = await resize({ node_count: 1 });
    expect([busy.status, titleOf(busy)]).toEqual([400, '[NODE_GROUP_CHANGING] The node group is being changed already']);
    await finish(api.hints()[0]!);
    expect((await resize({ node_count: 2, nodes_to_remove: ['server-1'] })).status).toBe(202);
    expect((await groups.requireNodeGroup(id!)).nodes.filter(({ leaving }) => !leaving)).toHaveLength(2);
  });

  test.each([[{ nodegroup: 'nothing', node_count: 1 }, 404, 'Nodegroup nothing could not be found'],
    [{ nodegroup: 'default-master', node_count: 3 }, 400, 'Resizing a master nodegroup is not supported'], [{}, 400, 'Invalid input for field/attribute node_count: is missing']])(
    '%j is answered %i', async (body, status, title) => {
      const told = await call('POST', `/v1/clusters/${await ready()}/actions/resize`, body);
      expect([told.status, titleOf(told)]).toEqual([status, title]);
    });

  test('is not possible while the cluster is being created; versions stay as they are', async () => {
    const uuid = await create();
    expect((await call('POST', `/v1/clusters/${uuid}/actions/resize`, { node_count: 2 })).status).toBe(400);
    expect((await call('POST', `/v1/clusters/${uuid}/actions/upgrade`, { cluster_template: template })).status).toBe(400);
    expect((await call('POST', `/v1/clusters/${uuid}/actions/upgrade`, { cluster_template: 'nothing' })).status).toBe(404);
  });
});

describe('lists', () => {
  test('come in pages with absolute links, in the order asked for, with everything or in short', async () => {
    const before = (await call('GET', '/v1/clusters')).json.clusters.length;
    expect(before).toBeGreaterThan(3);
    for (const [query, order] of [['', undefined], ['&sort_key=name', 'asc'], ['&sort_key=name&sort_dir=desc', 'desc']] as const) {
      const seen: string[] = [];
      for (let next: string | undefined = `/v1/clusters?limit=3${query}`; next;) {
        const { json } = await call('GET', next.replace('http://undefined', ''));
        seen.push(...json.clusters.map(({ uuid, name }: { uuid: string; name: string }) => (order ? name : uuid)));
        expect(json.next === undefined || json.next.startsWith('http://undefined/v1/clusters?sort_key=')).toBe(true);
        next = json.next;
      }
      expect(seen).toHaveLength(before);
      if (order) expect(seen).toEqual(order === 'asc' ? seen.toSorted() : seen.toSorted().toReversed());
      else expect(new Set(seen).size).toBe(before);
    }
    const detailed = (await call('GET', '/v1/clusters/detail?limit=2')).json;
    expect(detailed.clusters[0]).toHaveProperty('status_reason');
    expect(detailed.next).toContain('/v1/clusters/detail?');
    expect((await call('GET', '/v1/clusters')).json.clusters[0]).not.toHaveProperty('status_reason');
  });

  test('are counted', async () => {
    const { clusters: all } = (await call('GET', '/v1/clusters/detail')).json;
    const nodes = all.reduce((sum: number, { node_count, master_count }: Record<string, number>) => sum + node_count! + master_count!, 0);
    expect((await call('GET', '/v1/stats')).json).toEqual({ clusters: all.length, nodes });
    expect((await call('GET', '/v1/stats?project_id=abc')).status).toBe(403);
    expect((await call('GET', '/v1/stats?type=x')).status).toBe(400);
  });
});
