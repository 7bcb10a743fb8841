import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster, NodeGroup } from '../../../layers/cluster/cluster.ts';
import type { Operation, StepRecord } from '../../../layers/engine/ports.ts';
import { startLocalTables } from './local-tables.ts';

let stop: () => Promise<void>;
let store: typeof import('../../../layers/store/engine-store.ts')['engineStore'];
let start: typeof import('../../../layers/store/start-operation.ts');
let clusters: typeof import('../../../layers/store/clusters.ts');
let groups: typeof import('../../../layers/store/node-groups.ts');
let startChild: typeof import('../../../layers/store/start-child.ts')['startChild'];
let turn: typeof import('../../../layers/store/turn.ts')['turn'];
let retry: typeof import('../../../layers/store/retry.ts')['retry'];

beforeAll(async () => {
  stop = await startLocalTables();
  ({ engineStore: store } = await import('../../../layers/store/engine-store.ts'));
  start = await import('../../../layers/store/start-operation.ts');
  clusters = await import('../../../layers/store/clusters.ts');
  groups = await import('../../../layers/store/node-groups.ts');
  ({ startChild } = await import('../../../layers/store/start-child.ts'));
  ({ turn } = await import('../../../layers/store/turn.ts'));
  ({ retry } = await import('../../../layers/store/retry.ts'));
});
afterAll(() => stop());

const policy = { timeoutMs: 1, attempts: 1, backoffMs: 1, weight: 1 };
const record = (operationId: string, key: string, more: Partial<StepRecord> = {}): StepRecord => ({
  operationId, key, step: key, phase: 'run', title: key, position: 0, needs: [], policy, status: 'pending', fence: 0, attempt: 0,
  notBefore: 0, leaseUntil: 0, deadline: 0, ...more,
});
const cluster = (id: string, more: Partial<Cluster> = {}): Cluster => ({
  id, uuid: id, projectId: 'p', createdBy: 'u', name: 'c', description: '', version: 'v1.34.2', imageId: 'i', labels: {}, insecureRegistries: [],
  masters: { flavorId: 'f', count: 1 }, zones: ['z'], regional: false, volumeType: '', phase: 'creating', operations: {}, createOperationId: `${id}-create`,
  network: { plugin: 'calico', podsCidr: '10.100.0.0/16', networkId: 'n', subnetId: 's', subnetCidr: '10.10.0.0/24', dnsServers: [] },
  api: { public: true, allowedCidrs: [] }, groups: {}, workers: {}, slots: {}, addresses: {}, revision: 0, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', ...more,
});
const group = (id: string, clusterId: string, more: Partial<NodeGroup> = {}): NodeGroup => ({
  id, uuid: id, clusterId, projectId: 'p', name: 'g', flavorId: 'f', imageId: 'i', zones: ['z'], size: 1, labels: {}, taints: [], disk: { type: '', size: 10 },
  parallelUpgradeChunk: 20, nodes: [], phase: 'creating', revision: 0, createdAt: '', updatedAt: '', ...more,
});

let serial = 0;
let id: string;
beforeEach(() => { id = `c${++serial}`; });
const created = async (more: Partial<Cluster> = {}, of: NodeGroup[] = []): Promise<Operation> => {
  await start.startCluster(cluster(id, more), of, { id: `${id}-create`, flow: 'createCluster', clusterId: id, requestedBy: 'u' }, 1);
  return (await store.getOperation(`${id}-create`))!;
};
const laidOut = async (...records: StepRecord[]): Promise<Operation> => {
  const operation = await created();
  expect(await store.layOut(operation, records)).toBe(true);
  return operation;
};

describe('a claim', () => {
  test('is for one of those who try at once', async () => {
    await laidOut(record(`${id}-create`, 'a', { status: 'ready', notBefore: 100 }));
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim({ operationId: `${id}-create`, key: 'a' }, 1_000, 5_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(claims.find(Boolean)).toMatchObject({ status: 'running', fence: 1, leaseUntil: 5_000 });
  });

  test('waits for the time, unless woken; and for the end of another\'s lease', async () => {
    await laidOut(record(`${id}-create`, 'a', { status: 'waiting', notBefore: 60_000 }));
    const hint = { operationId: `${id}-create`, key: 'a' };
    expect(await store.claim(hint, 1_000, 2_000)).toBeUndefined();
    expect(await store.claim({ ...hint, wake: true }, 1_000, 9_000)).toMatchObject({ fence: 1 });
    expect(await store.claim({ ...hint, wake: true }, 9_500, 20_000)).toBeUndefined();
    expect(await store.claim(hint, 10_001, 20_000)).toMatchObject({ fence: 2 });
  });

  test('that was lost to another cannot settle', async () => {
    await laidOut(record(`${id}-create`, 'a', { status: 'ready' }));
    const hint = { operationId: `${id}-create`, key: 'a' };
    const slow = (await store.claim(hint, 1_000, 2_000))!;
    const quick = (await store.claim(hint, 5_000, 9_000))!;
    expect(await store.settle(slow, { status: 'done', output: { id: 'slow' } })).toBe(false);
    expect(await store.settle(quick, { status: 'done', output: { id: 'quick', list: [{ nested: true }] } })).toBe(true);
    expect((await store.listRecords(`${id}-create`))[0]).toMatchObject({ status: 'done', output: { id: 'quick', list: [{ nested: true }] } });
  });
});

describe('an operation', () => {
  test('starts with its cluster or not at all', async () => {
    await created();
    expect(await start.startCluster(cluster(id), [], { id: `${id}-other`, flow: 'createCluster', clusterId: id, requestedBy: 'u' }, 1)).toBe(false);
    expect(await store.getOperation(`${id}-other`)).toBeUndefined();
    expect((await clusters.getCluster(id))?.operations).toEqual({ [`${id}-create`]: { flow: 'createCluster', state: 'going' } });
  });

  test('is laid out once', async () => {
    const operation = await laidOut(record(`${id}-create`, 'a'));
    expect(await store.layOut(operation, [record(`${id}-create`, 'b')])).toBe(false);
    expect((await store.listRecords(`${id}-create`)).map(({ key }) => key)).toEqual(['a']);
  });

  test('makes its cluster ready when it succeeds', async () => {
    const operation = await created();
    expect(await store.end(operation, 'succeeded', 5)).toBe(true);
    expect(await store.end(operation, 'succeeded', 6)).toBe(false);
    expect(await clusters.getCluster(id)).toMatchObject({ phase: 'ready', operations: {} });
  });

  test('is held with its cause, and goes on when retried, from where it stopped', async () => {
    const operation = await laidOut(record(`${id}-create`, 'a', { status: 'done' }), record(`${id}-create`, 'b', { status: 'failed', attempt: 9, failure: { code: 'x', cause: 'y', action: 'z' } }));
    expect(await store.hold(operation, { code: 'x', cause: 'y', action: 'z' })).toBe(true);
    expect((await clusters.getCluster(id))?.operations[operation.id]).toMatchObject({ state: 'held', failure: { code: 'x' } });
    expect(await retry(operation.id, 10)).toBe(true);
    expect(await retry(operation.id, 10)).toBe(false);
    // Who read it before the retry comes too late to hold it.
    expect(await store.hold(operation, { code: 'x', cause: 'y', action: 'z' })).toBe(false);
    expect(await store.getOperation(operation.id)).toMatchObject({ status: 'going', retries: 1 });
    expect((await store.listRecords(operation.id)).map(({ key, status, attempt }) => [key, status, attempt])).toEqual([['a', 'done', 0], ['b', 'pending', 0]]);
    expect((await clusters.getCluster(id))?.operations[operation.id]).toEqual({ flow: 'createCluster', state: 'going' });
  });

  test('retried long after gives what still waits its time again', async () => {
    const waits = { status: 'waiting' as const, deadline: 100, policy: { ...policy, timeoutMs: 3_000 } };
    const operation = await laidOut(record(`${id}-create`, 'a', waits), record(`${id}-create`, 'b', { status: 'failed' }), record(`${id}-create`, 'c', { status: 'done', deadline: 100 }));
    await store.hold(operation, { code: 'x', cause: 'y', action: 'z' });
    expect(await retry(operation.id, 86_400_000)).toBe(true);
    expect((await store.listRecords(operation.id)).map(({ key, status, deadline }) => [key, status, deadline]))
      .toEqual([['a', 'waiting', 86_403_000], ['b', 'pending', 0], ['c', 'done', 100]]);
  });

  test('turned round ends as stopped, and lets the cluster\'s phase be', async () => {
    const operation = await created();
    expect(await turn(operation.id, 3)).toBe(true);
    expect(await store.end(operation, 'succeeded', 5)).toBe(false);
    expect(await store.end(operation, 'stopped', 5)).toBe(true);
    expect(await turn(operation.id, 6)).toBe(false);
    expect(await clusters.getCluster(id)).toMatchObject({ phase: 'creating', operations: {} });
  });

  test('of a node group gives back what left with it', async () => {
    const nodes = [{ slot: 0, zone: 'z', leaving: false }, { slot: 1, zone: 'z', leaving: true }];
    const create = await created({ groups: { g: `${id}-g` }, slots: { 0: `${id}-g`, 1: `${id}-g`, 2: 'other' } }, [group(`${id}-g`, id, { nodes, phase: 'ready' })]);
    await store.end(create, 'succeeded', 2);
    const begin = async (flow: string) => {
      const [now, of] = [await clusters.requireCluster(id), await groups.requireNodeGroup(`${id}-g`)];
      expect(await start.startOperation({ id: `${id}-${flow}`, flow, clusterId: id, groupId: of.id, requestedBy: 'u' }, { cluster: now, group: of }, 3)).toBe(true);
      return (await store.getOperation(`${id}-${flow}`))!;
    };
    await store.end(await begin('resizeNodeGroup'), 'succeeded', 4);
    expect((await clusters.getCluster(id))?.slots).toEqual({ 0: `${id}-g`, 2: 'other' });
    expect((await groups.getNodeGroup(`${id}-g`))).toMatchObject({ phase: 'ready', nodes: [{ slot: 0 }] });
    await store.end(await begin('deleteNodeGroup'), 'succeeded', 5);
    expect(await clusters.getCluster(id)).toMatchObject({ slots: { 2: 'other' }, groups: {}, operations: {} });
    expect((await groups.getNodeGroup(`${id}-g`))?.phase).toBe('deleted');
  });

  test('keeps what later operations build on as long as the cluster, and everything else for ninety days', async () => {
    const now = 1_000_000_000_000;
    const [month, quarter] = [30, 90].map((days) => now / 1_000 + days * 86_400);
    const ended = async (flow: string, status: 'succeeded' | 'stopped' = 'succeeded') => {
      const operationId = `${id}-${flow}`;
      await start.startOperation({ id: operationId, flow, clusterId: id, requestedBy: 'u' }, { cluster: await clusters.requireCluster(id) }, now);
      const operation = (await store.getOperation(operationId))!;
      await store.layOut(operation, [record(operationId, 'a'), record(operationId, 'b', { position: 1 })]);
      if (status === 'stopped') await turn(operationId, now);
      expect(await store.end(operation, status, now)).toBe(true);
    };
    const expiryOf = async (flow: string) => {
      const rows = [await store.getOperation(`${id}-${flow}`), ...await store.listRecords(`${id}-${flow}`)] as { expiresAt?: number }[];
      expect(rows).toHaveLength(3);
      return [...new Set(rows.map(({ expiresAt }) => expiresAt))];
    };
    const create = await created();
    await store.layOut(create, [record(create.id, 'a'), record(create.id, 'b', { position: 1 })]);
    await store.end(create, 'succeeded', now);
    await ended('updateCluster');
    await ended('resizeNodeGroup', 'stopped');
    expect([await expiryOf('create'), await expiryOf('updateCluster'), await expiryOf('resizeNodeGroup')]).toEqual([[undefined], [quarter], [quarter]]);
    await ended('repairCluster');
    expect([await expiryOf('create'), await expiryOf('repairCluster')]).toEqual([[quarter], [undefined]]);
    await ended('deleteCluster');
    expect([await expiryOf('repairCluster'), await expiryOf('deleteCluster')]).toEqual([[quarter], [quarter]]);
    expect(await clusters.getCluster(id)).toMatchObject({ phase: 'deleted', expiresAt: month });
  });

  test('starts only on what it has read', async () => {
    await created();
    const stale = await clusters.requireCluster(id);
    await clusters.changeCluster(id, () => ({ description: 'changed' }), 2);
    expect(await start.startOperation({ id: `${id}-d`, flow: 'deleteCluster', clusterId: id, requestedBy: 'u' }, { cluster: stale, change: { phase: 'deleting' } }, 3)).toBe(false);
    expect(await clusters.getCluster(id)).toMatchObject({ phase: 'creating', description: 'changed' });
  });

  test('starts each child once, and none after it was turned round', async () => {
    const parent = await created({ groups: { g: `${id}-g` } }, [group(`${id}-g`, id)]);
    const child = { id: `${id}-child`, flow: 'createNodeGroup', clusterId: id, groupId: `${id}-g`, given: parent.id, requestedBy: 'u', parent: { operationId: parent.id, key: 'nodeGroups' } };
    const of = async () => groups.requireNodeGroup(`${id}-g`);
    expect(await startChild(child, ['serviceNetwork'], await of(), {}, 2)).toMatchObject({ status: 'going' });
    expect(await startChild(child, ['serviceNetwork'], await of(), {}, 3)).toMatchObject({ createdAt: 2 });
    expect((await store.getOperation(parent.id))?.children).toEqual({ [`${id}-child`]: ['serviceNetwork'] });
    await turn(parent.id, 4);
    expect(await startChild({ ...child, id: `${id}-late` }, [], await of(), {}, 5)).toBeUndefined();
  });
});

test('the sweeper finds what is under way and overdue, and nothing that is not', async () => {
  const operation = await laidOut(record(`${id}-create`, 'late'), record(`${id}-create`, 'soon', { position: 1 }), record(`${id}-create`, 'done', { position: 2 }));
  const [late, soon, finished] = await store.listRecords(operation.id) as [StepRecord, StepRecord, StepRecord];
  await store.makeReady(late, 1_000, 9e9);
  await store.makeReady(soon, 9_000_000, 9e9);
  await store.makeReady(finished, 1_000, 9e9);
  await store.settle((await store.claim({ operationId: operation.id, key: 'done' }, 2_000, 3_000))!, { status: 'done' });
  const found = await store.listOverdue(60_000, 100);
  expect(found.operationIds).toContain(operation.id);
  expect(found.records.filter(({ operationId }) => operationId === operation.id).map(({ key }) => key)).toEqual(['late']);
  await store.end(operation, 'succeeded', 1);
  expect((await store.listOverdue(60_000, 100)).operationIds).not.toContain(operation.id);
});

test('lists a project\'s clusters page after page, without those that are deleted', async () => {
  const of = `project-${id}`;
  for (const [index, phase] of (['ready', 'deleted', 'ready', 'creating'] as const).entries()) {
    await start.startCluster(cluster(`${id}-${index}`, { projectId: of, phase, createdAt: `2026-01-0${index + 1}T00:00:00.000Z` }), [], { id: `${id}-${index}-op`, flow: 'createCluster', clusterId: `${id}-${index}`, requestedBy: 'u' }, 1);
  }
  const first = await clusters.listClusters(of, 2);
  expect(first).toMatchObject({ more: true, clusters: [{ id: `${id}-0` }, { id: `${id}-2` }] });
  expect(await clusters.listClusters(of, 2, first.clusters[1])).toMatchObject({ more: false, clusters: [{ id: `${id}-3` }] });
});
