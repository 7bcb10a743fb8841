import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Operation, StepRecord } from '../../../layers/engine/ports.ts';
import { clusterRequest, groupSpec, startHarness, type Harness } from './harness.ts';

let api: Harness;
let engine: typeof import('../../../layers/store/engine-store.ts')['engineStore'];
let clusters: typeof import('../../../layers/store/clusters.ts');
let groups: typeof import('../../../layers/store/node-groups.ts');
let startChild: typeof import('../../../layers/store/start-child.ts')['startChild'];
let putEvent: typeof import('../../../layers/store/events.ts')['putEvent'];
beforeAll(async () => {
  api = await startHarness();
  ({ engineStore: engine } = await import('../../../layers/store/engine-store.ts'));
  clusters = await import('../../../layers/store/clusters.ts');
  groups = await import('../../../layers/store/node-groups.ts');
  ({ startChild } = await import('../../../layers/store/start-child.ts'));
  ({ putEvent } = await import('../../../layers/store/events.ts'));
});
afterAll(() => api.stop());

const failure = { code: 'quota_exceeded', cause: 'no cores left', action: 'free some', step: 'second' };
let id: string;
let operation: Operation;
beforeEach(async () => {
  id = (await api.call('POST', '/v2/clusters',
    { body: { ...clusterRequest(api.choice),
      node_groups: [groupSpec(api.choice), groupSpec(api.choice, { name: 'piers' })] } })).json.id;
  operation = (await engine.getOperation((await clusters.requireCluster(id)).createOperationId))!;
  api.hints();
});

const record = (of: Operation, key: string, weight: number, more: Partial<StepRecord> = {}): StepRecord => ({
  operationId: of.id, key, step: key, phase: 'run', title: `The ${key}`, position: 0, needs: [],
    policy: { timeoutMs: 1, attempts: 1, backoffMs: 1, weight },
  status: 'pending', fence: 0, attempt: 0, notBefore: 0, leaseUntil: 0, deadline: 0, ...more,
});
const url = (rest = '') => `/v2/clusters/${id}/operations/${operation.id}${rest}`;
const percent = async (): Promise<number> => (await api.call('GET', url())).json.percent;
const settle = async (of: Operation, key: string, change: Partial<StepRecord>) => {
  const claimed = (await engine.claim({ operationId: of.id, key }, 1_000, 2_000))!;
  await engine.settle(claimed, { status: 'done', ...change } as never);
};
const ready = async (of: Operation, key: string) => engine.makeReady(record(of, key, 1), 0, 10_000);

/** As the engine's step "nodeGroups" starts them. */
const child = async (name: string): Promise<Operation> => {
  const group = await groups.requireNodeGroup((await clusters.requireCluster(id)).groups[name]!);
  const started = (await startChild({
    id: `${id.slice(0, 20)}${name.padEnd(7, 'x').slice(0, 7)}`, flow: 'createNodeGroup', clusterId: id,
      groupId: group.id, given: operation.id, requestedBy: 'u',
    parent: { operationId: operation.id, key: 'nodeGroups' },
  }, [], group, {}, Date.now()))!;
  await engine.layOut(started, [record(started, 'only', 1)]);
  return started;
};

describe('progress', () => {
  test('is known before anything is laid out, and never goes backwards while parts come and go', async () => {
    const seen = [await percent()];
    await engine.layOut(operation,
      [record(operation, 'first', 60), record(operation, 'nodeGroups', 40, { position: 1 })]);
    seen.push(await percent());
    const one = await child('berths');
    await ready(one, 'only');
    await settle(one, 'only', {});
    seen.push(await percent());
    const two = await child('piers');
    seen.push(await percent());
    await ready(operation, 'first');
    await settle(operation, 'first', {});
    seen.push(await percent());
    await ready(two, 'only');
    await settle(two, 'only', {});
    seen.push(await percent());
    expect(seen).toEqual([0, 0, 20, 20, 80, 99]);
    await engine.end(operation, 'succeeded', Date.now());
    expect(await percent()).toBe(100);
    expect((await api.call('GET', `/v2/clusters/${id}/operations`)).json.operations)
      .toMatchObject([{ id: operation.id, flow: 'createCluster', percent: 100, status: 'succeeded' }]);
  });

  test('tells of every step: what it waits for, how often it failed, why', async () => {
    await engine.layOut(operation, [record(operation, 'first', 1), record(operation, 'second', 1, { position: 1 })]);
    await ready(operation, 'first');
    await settle(operation, 'first',
      { status: 'waiting', reason: 'the load balancer is PENDING_CREATE', waitingSince: 5, notBefore: 9 });
    await ready(operation, 'second');
    await settle(operation, 'second', { status: 'failed', attempt: 3, failure });
    expect((await api.call('GET', url())).json.steps).toMatchObject([
      { name: 'first', title: 'The first', does: 'make', status: 'waiting',
        waits_for: 'the load balancer is PENDING_CREATE', attempts: 0 },
      { name: 'second', status: 'failed', attempts: 3, error: { code: 'quota_exceeded', cause: 'no cores left' } },
    ]);
  });
});

describe('a retry', () => {
  test('of a held operation takes what it started with it, which goes first', async () => {
    await engine.layOut(operation, [record(operation, 'nodeGroups', 1)]);
    const part = await child('berths');
    await engine.hold(part, failure);
    await engine.hold((await engine.getOperation(operation.id))!, failure);
    expect((await api.call('GET', `/v2/clusters/${id}`)).json)
      .toMatchObject({ status: 'ERROR', error: { code: 'quota_exceeded', operation_id: operation.id } });
    expect((await api.call('GET', url())).json)
      .toMatchObject({ status: 'held', error: failure, parts: [{ id: part.id, status: 'held' }] });

    expect((await api.call('POST', url(':retry'))).json)
      .toMatchObject({ status: 'going', parts: [{ status: 'going' }] });
    expect(api.hints()).toEqual([part.id, operation.id]);
    expect((await api.call('GET', `/v2/clusters/${id}`)).json.status).toBe('PROVISIONING');
    expect((await api.call('POST', url(':retry'))).status).toBe(200);
    expect(api.hints()).toEqual([]);
  });

  test('of a part goes on with the whole', async () => {
    await engine.layOut(operation, [record(operation, 'nodeGroups', 1)]);
    const part = await child('berths');
    await engine.hold(part, failure);
    await engine.hold((await engine.getOperation(operation.id))!, failure);
    await api.call('POST', `/v2/clusters/${id}/operations/${part.id}:retry`);
    expect(api.hints()).toEqual([part.id, operation.id]);
  });

  test('is refused where there is nothing to retry', async () => {
    await engine.end(operation, 'succeeded', Date.now());
    expect(await api.call('POST', url(':retry')))
      .toMatchObject({ status: 409, json: { error: { code: 'operation_not_held' } } });
    expect((await api.call('POST', url(':forget'))).status).toBe(404);
    expect((await api.call('POST', url())).status).toBe(405);
    expect((await api.as('viewer', 'POST', url(':retry'))).status).toBe(403);
    expect((await api.as('other', 'GET', url())).status).toBe(404);
    expect((await api.call('GET', `/v2/clusters/${id}/operations/${'0'.repeat(27)}`)).status).toBe(404);
  });
});

test('operations come in pages, without the parts', async () => {
  await child('berths');
  await engine.end((await engine.getOperation(operation.id))!, 'succeeded', Date.now());
  await api.call('DELETE', `/v2/clusters/${id}`);
  const first = (await api.call('GET', `/v2/clusters/${id}/operations?limit=1`)).json;
  expect(first.operations.map(({ flow }: { flow: string }) => flow)).toEqual(['deleteCluster']);
  const second = (await api.call('GET', first.next)).json;
  expect(second.operations.map(({ flow }: { flow: string }) => flow)).toEqual(['createCluster']);
  expect(second).not.toHaveProperty('next');
  expect((await api.call('GET', `/v2/clusters/${id}/operations?marker=${'0'.repeat(27)}`)).status).toBe(400);
});

test('events come in pages, the newest first', async () => {
  for (const n of [1, 2, 3]) await putEvent({ clusterId: id, level: 'normal', reason: 'StepDone',
    message: `event ${n}`, operationId: operation.id }, 1_000 * n);
  const first = (await api.call('GET', `/v2/clusters/${id}/events?limit=2`)).json;
  expect(first.events.map(({ message }: { message: string }) => message)).toEqual(['event 3', 'event 2']);
  const second = (await api.call('GET', first.next)).json;
  expect(second.events.map(({ message }: { message: string }) => message)).toEqual(['event 1']);
  expect((await api.as('other', 'GET', `/v2/clusters/${id}/events`)).status).toBe(404);
});
