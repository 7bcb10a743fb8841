/** The engine's store port in memory, with the same conditions as the tables; synchronous inside, so that a simulation can time it. */
import { skewMs, type Operation, type RecordChange, type Store, type StepRecord } from '../../../layers/engine/ports.ts';

export interface Tables { operations: Map<string, Operation>; records: Map<string, Map<string, StepRecord>> }

type Sync<T> = { [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never };

export const newTables = (): Tables => ({ operations: new Map(), records: new Map() });

export const newOperation = (id: string, flow: string, more: Partial<Operation> = {}): Operation => ({
  id, flow, clusterId: 'cluster', children: {}, status: 'going', laidOut: false, requestedBy: 'test', createdAt: 0, deadline: Infinity, ...more,
});

/** Protections that a test may switch off, to see that it notices. */
export interface Mutation { noLease?: boolean; noFence?: boolean; noRetriesCounted?: boolean }

export function syncStore({ operations, records }: Tables, mutation: Mutation = {}): Sync<Store> & { retry(id: string, now: number): boolean } {
  const recordOf = (operationId: string, key: string) => records.get(operationId)?.get(key);
  const change = (record: StepRecord, to: RecordChange) => {
    for (const [name, value] of Object.entries(to)) {
      if (value === undefined) delete (record as unknown as Record<string, unknown>)[name];
      else Object.assign(record, { [name]: structuredClone(value) });
    }
  };
  return {
    getOperation: (id) => structuredClone(operations.get(id)),
    listRecords: (id) => structuredClone([...records.get(id)?.values() ?? []]),
    layOut: ({ id }, laid) => {
      const operation = operations.get(id)!;
      if (operation.laidOut || operation.status !== 'going') return false;
      operation.laidOut = true;
      records.set(id, new Map(laid.map((record) => [record.key, structuredClone(record)])));
      return true;
    },
    makeReady: ({ operationId, key }, at, deadline) => {
      const record = recordOf(operationId, key)!;
      if (record.status !== 'pending') return false;
      Object.assign(record, { status: 'ready', notBefore: at, deadline });
      return true;
    },
    claim: ({ operationId, key, wake }, now, leaseUntil) => {
      const record = recordOf(operationId, key);
      if (!record) return undefined;
      const due = (record.status === 'ready' || record.status === 'waiting') && (wake || record.notBefore <= now + skewMs);
      const orphan = record.status === 'running' && (mutation.noLease || record.leaseUntil < now - skewMs);
      if (!due && !orphan) return undefined;
      Object.assign(record, { status: 'running', leaseUntil, startedAt: now, fence: record.fence + 1 });
      return structuredClone(record);
    },
    settle: ({ operationId, key, fence }, to) => {
      const record = recordOf(operationId, key)!;
      if (!mutation.noFence && (record.fence !== fence || record.status !== 'running')) return false;
      change(record, to);
      return true;
    },
    hold: ({ id, retries }, failure) => {
      const operation = operations.get(id)!;
      if (operation.status !== 'going' || (!mutation.noRetriesCounted && operation.retries !== retries)) return false;
      Object.assign(operation, { status: 'held', failure });
      return true;
    },
    retry: (id, now) => {
      const operation = operations.get(id)!;
      if (operation.status !== 'held') return false;
      delete operation.failure;
      Object.assign(operation, { status: 'going', retries: (operation.retries ?? 0) + 1 });
      for (const record of records.get(id)!.values()) {
        if (record.status === 'failed') change(record, { status: 'pending', attempt: 0, failure: undefined, reason: undefined, waitingSince: undefined });
        else if (record.status === 'ready' || record.status === 'waiting') record.deadline = now + record.policy.timeoutMs;
      }
      return true;
    },
    end: ({ id }, status, now) => {
      const operation = operations.get(id)!;
      if (operation.status !== (status === 'succeeded' ? 'going' : 'turning')) return false;
      Object.assign(operation, { status, endedAt: now });
      return true;
    },
    turn: (id) => {
      const operation = operations.get(id)!;
      if (operation.status === 'succeeded' || operation.status === 'stopped') return false;
      operation.status = 'turning';
      return true;
    },
    listOverdue: (before, limit) => ({
      operationIds: [...operations.values()].filter(({ status }) => status === 'going' || status === 'turning').map(({ id }) => id).slice(0, limit),
      records: [...records.values()].flatMap((of) => [...of.values()])
        .filter(({ status, notBefore, leaseUntil }) => (status === 'running' ? leaseUntil < before : (status === 'ready' || status === 'waiting') && notBefore < before))
        .map(({ operationId, key }) => ({ operationId, key })).slice(0, limit),
    }),
  };
}

/** The port itself: every call takes effect at once. */
export const asStore = (sync: Sync<Store>): Store =>
  Object.fromEntries(Object.entries(sync).map(([name, call]) => [name, async (...args: unknown[]) => (call as (...a: unknown[]) => unknown)(...args)])) as unknown as Store;
