/** The command, on the stand-in and tables that are not of the same time. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { localCloud, type CloudAccess } from '../../../local/clouds.ts';
import { sessionOf } from '../../../local/doctor/visit.ts';
import { clusterRequest, startHarness, type Harness } from '../../functions/http/harness.ts';

let api: Harness;
let cloud: CloudAccess;
let clusters: typeof import('../../../layers/store/clusters.ts');
let operations: typeof import('../../../layers/store/operations.ts');
let recovery: typeof import('../../../local/recover/recover.ts');
let scan: typeof import('../../../local/recover/tables.ts')['scanClusters'];
let tagsOf: typeof import('../../../layers/recovery/found-cluster.ts')['tagsOf'];
let janitor: typeof import('../../../functions/engine/janitor.ts')['handler'];
let said: string[];
const say = (line: string) => void said.push(line);

beforeAll(async () => {
  Object.assign(process.env, { REQUESTS_PER_MINUTE: '0', CLUSTERS_PER_PROJECT: '100' });
  api = await startHarness();
  cloud = localCloud(api.cloud);
  clusters = await import('../../../layers/store/clusters.ts');
  operations = await import('../../../layers/store/operations.ts');
  recovery = await import('../../../local/recover/recover.ts');
  ({ scanClusters: scan } = await import('../../../local/recover/tables.ts'));
  ({ tagsOf } = await import('../../../layers/recovery/found-cluster.ts'));
  ({ handler: janitor } = await import('../../../functions/engine/janitor.ts'));
});
afterAll(() => api.stop());
beforeEach(() => { said = []; });

const platform = () => sessionOf(cloud, cloud.platform);
const newRow = async (more: object) => {
  const { json: { id } } = await api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), uuid: crypto.randomUUID() } });
  return clusters.changeCluster(id, () => ({ operations: {}, phase: 'ready', ...more }), Date.now());
};
const newProject = async (of: Parameters<typeof tagsOf>[0]) => (await keystone.createProject(platform(), { name: `moorage-${of.id}`, enabled: true, tags: tagsOf(of) })).id;
const run = async (apply: boolean) => recovery.recover(cloud, (await scan())!, { apply, now: Date.now() }, say);

test('a dry run names what differs and changes nothing; applied, only what was deleted is deleted', async () => {
  const kept = await newRow({});
  await clusters.changeCluster(kept.id, () => ({ serviceProjectId: 'there' }), Date.now());
  await newProject(kept);
  const vanished = await newRow({ serviceProjectId: 'gone' });
  const left = await newRow({ phase: 'deleted', serviceProjectId: 'there' });
  await newProject(left);
  const since = { id: 'B'.repeat(27), name: 'since', projectId: 'owner', uuid: 'u' };
  await newProject(since);

  const before = await scan();
  const dry = await run(false);
  expect(await scan()).toEqual(before);
  expect(Object.fromEntries(dry.differences.map(({ clusterId, kind }) => [clusterId, kind]))).toEqual({ [vanished.id]: 'vanished', [left.id]: 'left-behind', [since.id]: 'unknown' });
  expect(dry.begun).toBe(0);
  expect(said.join('\n')).toContain(`cluster since (${since.id}) of project owner is in the cloud`);
  expect(said.join('\n')).toContain('machines that are gone: harbour-master-0');

  expect((await run(true)).begun).toBe(2);
  for (const { id } of [vanished, left]) {
    const { phase, operations: open } = (await clusters.getCluster(id))!;
    expect(phase).toBe('deleting');
    expect((await operations.getOperation(Object.keys(open)[0]!))!).toMatchObject({ flow: 'deleteCluster', status: 'going', dueAt: expect.any(Number) });
  }
  expect((await clusters.getCluster(kept.id))!.phase).toBe('ready');
  expect(await keystone.listProjects(platform(), { name: `moorage-${since.id}` })).toHaveLength(1);
  // What is under way is not begun twice.
  expect((await run(true)).begun).toBe(0);
});

test('without a table the clusters are found by their marks, and read only', async () => {
  const projects = await keystone.listProjects(platform(), { tags: 'moorage' });
  expect(await recovery.tellFound(cloud, say)).toBe(projects.length);
  expect(said.join('\n')).toContain('cluster since (BBBBBBBBBBBBBBBBBBBBBBBBBBB) of project owner, UUID u');
  expect(await scan('there-is-no-')).toBeUndefined();
});

test('tables of another cloud are left alone', async () => {
  const strangers = [await newRow({ serviceProjectId: 'x' }), await newRow({ serviceProjectId: 'y' })];
  await expect(recovery.recover(cloud, strangers, { apply: true, now: Date.now() }, say)).rejects.toThrow(/another cloud or domain/);
  for (const { id } of strangers) expect((await clusters.getCluster(id))!.phase).toBe('ready');
});

test('the janitor reports what is unknown and what vanished, and touches neither', async () => {
  const { due } = await import('../../../layers/store/due.ts');
  const vanished = await newRow({ serviceProjectId: 'gone' });
  await clusters.clusters.update({ id: vanished.id }, due(vanished.id, Date.now()), (await import('../../../layers/store/table.ts')).where('id').eq(vanished.id));
  const { logger } = await import('../../../layers/platform/logger.ts');
  const { vi } = await import('vitest');
  const errors = vi.spyOn(logger, 'error').mockReturnValue(undefined);
  await janitor();
  const told = JSON.stringify(errors.mock.calls);
  errors.mockRestore();
  expect(told).toContain('B'.repeat(27));
  expect(told).toContain(vanished.id);
  expect((await clusters.getCluster(vanished.id))!.phase).toBe('ready');
  expect(await keystone.listProjects(platform(), { name: `moorage-${'B'.repeat(27)}` })).toHaveLength(1);
});
