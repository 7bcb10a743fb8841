import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHarness, type Harness, type Told } from '../harness.ts';

let api: Harness;
let template: string;
beforeAll(async () => {
  api = await startHarness();
  const { status, json } = await call('POST', '/v1/clustertemplates', { name: 'own', coe: 'kubernetes', image_id: 'debian-13', external_network_id: 'public',
    flavor_id: 'lab.small', master_flavor_id: 'lab.small' });
  expect(status).toBe(201);
  template = json.uuid;
  for (const name of ['old-one', 'old-two']) expect((await first(name)).status).toBe(202);
  for (const name of ['new-one', 'new-two', 'new-three']) expect((await second(name)).status).toBe(202);
});
afterAll(() => api.stop());

const latest = { 'openstack-api-version': 'container-infra latest' };
const call = (method: string, path: string, body?: unknown): Promise<Told> =>
  api.call(method, path, { ...(body !== undefined && { body }), headers: { ...latest, host: 'moorage.example', 'x-forwarded-proto': 'https' } });
const first = (name: string) => call('POST', '/v1/clusters', { name, cluster_template_id: 'own', node_count: 1 });
const second = (name: string) => call('POST', '/v1/clusters', { name, cluster_template_id: 'kubernetes-v1.34.2-zonal-1', fixed_network: 'demo-net' });
const namesOf = ({ json }: Told): string[] => json.clusters.map(({ name }: { name: string }) => name);

describe('a list', () => {
  test('has both generations, and every cluster once over all of its pages', async () => {
    expect(namesOf(await call('GET', '/v1/clusters'))).toEqual(['new-one', 'new-two', 'new-three', 'old-one', 'old-two']);
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const seen: string[] = [];
      for (let next: string | undefined = `/v1/clusters?limit=${limit}`; next;) {
        const told = await call('GET', next.replace('https://moorage.example', ''));
        seen.push(...namesOf(told));
        next = told.json.next;
      }
      expect(seen, `pages of ${limit}`).toEqual(['new-one', 'new-two', 'new-three', 'old-one', 'old-two']);
    }
  });

  test('stays the same where one is deleted and one comes between two pages', async () => {
    const { json: page } = await call('GET', '/v1/clusters?limit=2');
    const { json: { uuid } } = await second('new-four');
    const rest = namesOf(await call('GET', page.next.replace('https://moorage.example', '').replace('limit=2', 'limit=100')));
    expect(rest).toEqual(['new-three', 'new-four', 'old-one', 'old-two']);
    await call('DELETE', `/v1/clusters/${uuid}`);
  });

  test('of templates has the operator\'s and one\'s own; a label tells them apart', async () => {
    const { clustertemplates } = (await call('GET', '/v1/clustertemplates')).json;
    expect(clustertemplates.map(({ name, labels }: { name: string; labels: Record<string, string> }) => [name, labels.moorage_generation])).toEqual([
      ...['v1.34.2', 'v1.33.5'].flatMap((version) => ['zonal-1', 'zonal-3', 'regional-3'].map((topology) => [`kubernetes-${version}-${topology}`, '2'])), ['own', undefined],
    ]);
    const [{ uuid, name }] = clustertemplates;
    expect((await call('GET', `/v1/clustertemplates/${uuid}`)).json).toMatchObject({ uuid, name, coe: 'kubernetes', public: true, tls_disabled: false });
    expect((await call('GET', '/v1/clustertemplates/own')).json.uuid).toBe(template);
    expect((await call('GET', '/v1/clustertemplates/detail?limit=1')).json.next).toContain('https://moorage.example/v1/clustertemplates/detail?');
  });
});

describe('a cluster of the first generation', () => {
  test('is shown with links that lead here, and changed and deleted in Magnum', async () => {
    await settled();
    const { status, json } = await call('GET', '/v1/clusters/old-one');
    expect([status, json.cluster_template_id]).toEqual([200, template]);
    expect(json.links[0].href).toBe(`https://moorage.example/v1/clusters/${json.uuid}`);
    expect((await call('GET', '/v1/clusters/old-one/nodegroups')).json.nodegroups).toHaveLength(2);
    expect((await call('GET', `/v1/certificates/${json.uuid}`)).json.pem).toContain('BEGIN CERTIFICATE');
    expect((await call('DELETE', `/v1/clusters/${json.uuid}`)).status).toBe(204);
    expect((await call('GET', `/v1/clusters/${json.uuid}`)).json.status).not.toBe('CREATE_COMPLETE');
  });

  test('that is stopped is shown so', async () => {
    const { json: { uuid } } = await call('GET', '/v1/clusters/old-two');
    expect(await call('POST', '/v1/clusters/old-two/actions/stop')).toMatchObject({ status: 202, json: { uuid } });
    expect((await call('GET', `/v1/clusters/${uuid}`)).json).toMatchObject({ status: 'UPDATE_IN_PROGRESS', status_reason: 'The cluster is stopping.' });
    const listed = (await call('GET', '/v1/clusters')).json.clusters.find((each: { uuid: string }) => each.uuid === uuid);
    expect(listed.status).toBe('UPDATE_IN_PROGRESS');
    const managed = await call('POST', '/v1/clusters/new-two/actions/stop');
    expect([managed.status, managed.json.errors[0].title]).toEqual([400, expect.stringContaining('managed cluster cannot be stopped')]);
  });

  test('does not take the name of one of the second for itself', async () => {
    await first('new-one');
    expect((await call('GET', '/v1/clusters/new-one')).status).toBe(409);
  });
});

test('a patch that Magnum would fail over is refused before it', async () => {
  const told = await call('PATCH', '/v1/clustertemplates/nothing', [{ op: 'replace', path: '/name', value: 'x' }, 3]);
  expect([told.status, told.json.errors[0].detail]).toEqual([400, expect.stringContaining('Part 1 of it is no object')]);
});

test('templates of the second generation are the operator\'s', async () => {
  const body = { name: 'mine', coe: 'kubernetes', image_id: 'debian-13', labels: { moorage_generation: '2' } };
  expect((await call('POST', '/v1/clustertemplates', body)).status).toBe(400);
  expect((await call('DELETE', '/v1/clustertemplates/kubernetes-v1.34.2-zonal-1')).status).toBe(403);
  expect((await call('PATCH', '/v1/clustertemplates/kubernetes-v1.34.2-zonal-1', [{ op: 'replace', path: '/name', value: 'x' }])).status).toBe(403);
});

test('statistics and quotas are those of both', async () => {
  const { json } = await call('GET', '/v1/stats');
  expect(json.clusters).toBe((await call('GET', '/v1/clusters')).json.clusters.length);
  expect((await call('GET', `/v1/quotas/${api.users.demo.projectId}/Cluster`)).json).toMatchObject({ hard_limit: 20 });
});

// The last one: a Magnum that was away is left alone for a while.
test('without Magnum a list has what is ours, and says so', async () => {
  api.cloud.faults.add({ service: 'magnum', status: 503 });
  const told = await call('GET', '/v1/clusters');
  expect(told.status).toBe(200);
  expect(namesOf(told)).toEqual(expect.arrayContaining(['new-one', 'new-two', 'new-three']));
  expect(namesOf(told)).not.toContain('old-one');
  expect(told.headers).toMatchObject({ 'Moorage-Missing': 'first-generation', 'Warning': expect.stringContaining('Magnum') });
  expect((await call('GET', '/v1/clusters/new-one')).status).toBe(200);
  expect((await call('GET', '/v1/stats')).headers).toMatchObject({ 'Moorage-Missing': 'first-generation' });
  const one = await call('GET', '/v1/clusters/old-one');
  const away = (named: string) => [503, `[MAGNUM_UNAVAILABLE] ${named} is none of the second generation, and the Magnum of the first, which may know it, does not answer`];
  expect([one.status, one.json.errors[0].title]).toEqual(away('Cluster old-one'));
  const created = await call('POST', '/v1/clusters', { name: 'x', cluster_template_id: 'kubernetes-v0.1-zonal-1' });
  expect([created.status, created.json.errors[0].title]).toEqual(away('ClusterTemplate kubernetes-v0.1-zonal-1'));
  const read = await call('GET', '/v1/clustertemplates/nothing');
  expect([read.status, read.json.errors[0].title]).toEqual(away('ClusterTemplate nothing'));
  // Clients of Magnum do not take the header.
  expect(one.headers['retry-after']).toBeUndefined();
  expect(one.json.errors[0].detail).toMatch(/Wait \d+ s before that\.$/);
  api.cloud.faults.clear();
});

/** Until Magnum has made what it was asked for. */
async function settled(): Promise<void> {
  for (;;) {
    const { json } = await call('GET', '/v1/clusters');
    if (json.clusters.every(({ name, status }: Record<string, string>) => !name!.startsWith('old') || status !== 'CREATE_IN_PROGRESS')) return;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
