import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGate, type Bookings, type ServiceLimit } from '../../../layers/lifecycle/cloud-gate.ts';
import type { OpenStackError } from '../../../layers/openstack/error.ts';
import { path } from '../../../layers/openstack/path.ts';
import type { Gate } from '../../../layers/openstack/transport.ts';

beforeEach(() => { vi.useFakeTimers({ now: 1_000_000 }); });
afterEach(() => { vi.useRealTimers(); });

/** The table that all functions share, in memory: what test/layers/store/services.test.ts holds the real one to. */
function sharedTable(): Bookings & { rows: Map<string, { bookedUntil?: number; callMs?: number; slowMs?: number; slowedAt?: number }> } {
  const rows: ReturnType<typeof sharedTable>['rows'] = new Map();
  const of = (name: string) => {
    const row = rows.get(name) ?? {};
    rows.set(name, row);
    return row;
  };
  return {
    rows,
    async book(name, { lengthMs, now, latest, callMs }) {
      const row = of(name);
      const from = Math.max(now, row.bookedUntil ?? 0);
      if (from > latest) return { ...row, busyUntil: from };
      Object.assign(row, { bookedUntil: from + lengthMs }, callMs !== undefined && { callMs });
      return { ...row, from };
    },
    read: async (name) => ({ bookedUntil: 0, ...rows.get(name) }),
    async leaveAlone(name, until) { of(name).bookedUntil = Math.max(of(name).bookedUntil ?? 0, until); },
    async slow(name, slowMs, now, onceInMs) { if ((of(name).slowedAt ?? -Infinity) < now - onceInMs) Object.assign(of(name), { slowMs, slowedAt: now }); },
  };
}

const quiet = { bookings: sharedTable(), speaksForAll: true, warn: () => {}, random: () => 0 };
/** One function's process; all of a test share the table. */
const gateOf = (bookings: Bookings, limit: Partial<ServiceLimit>, more: Partial<typeof quiet> = {}): Gate =>
  createGate({ ...quiet, bookings, limitOf: () => ({ atOnce: 0, perSecond: 0, ...limit }), ...more });
const request = (projectId?: string) => ({ service: 'compute' as const, method: 'GET' as const, path: path`/servers`, headers: { 'x-openstack-request-id': 'req-1' }, projectId });

/** Asks again, as a step does, until it is let in; when that was. */
async function untilIn(gate: Gate, projectId?: string): Promise<number> {
  for (;;) {
    try {
      await gate.enter(request(projectId));
      return Date.now();
    } catch (error) {
      await new Promise((resolve) => { setTimeout(resolve, (error as OpenStackError).retryAfterMs); });
    }
  }
}

/** One who is let in, or sent away, within some milliseconds. */
async function enter(gate: Gate, projectId?: string): Promise<void> {
  const entering = gate.enter(request(projectId));
  entering.catch(() => {});
  await vi.advanceTimersByTimeAsync(20);
  return entering;
}

const mostWithin = (times: readonly number[], ms: number): number => Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));

test('who looks first comes to a second call, however slow the service is', async () => {
  const table = sharedTable();
  table.rows.set('compute', { callMs: 5_000 });
  const gate = gateOf(table, { atOnce: 2 });
  const run = async (): Promise<string> => {
    for (let call = 0; call < 2; call++) {
      await gate.enter(request('project'));
      await gate.left(request('project'), { ms: 5_000, status: 200, retryAfterMs: undefined });
    }
    return 'done';
  };
  const running = run();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await running).toBe('done');
});

test('what calls take is learnt, although not every booking is taken', async () => {
  const table = sharedTable();
  table.rows.set('compute', { callMs: 60_000 });
  const gate = gateOf(table, { atOnce: 1 });
  await enter(gate);
  await gate.left(request(), { ms: 30, status: 200, retryAfterMs: undefined });
  await expect(enter(gate)).rejects.toThrow('waits its turn');
  await vi.advanceTimersByTimeAsync(60_000);
  await enter(gate);
  expect(table.rows.get('compute')!.callMs).toBeLessThan(60_000);
});

describe('so many calls a second', () => {
  test('hold for all functions together', async () => {
    const table = sharedTable();
    const gates = Array.from({ length: 5 }, () => gateOf(table, { perSecond: 10 }));
    const entering = Promise.all(gates.flatMap((gate) => Array.from({ length: 20 }, () => untilIn(gate))));
    await vi.advanceTimersByTimeAsync(120_000);
    const times = await entering;
    expect(times).toHaveLength(100);
    expect(mostWithin(times, 1_000)).toBeLessThanOrEqual(11);
  });

  test('send away who would wait long, saying until when', async () => {
    const gate = gateOf(sharedTable(), { perSecond: 1 });
    const outcomes = Promise.allSettled(Array.from({ length: 5 }, (_, index) => new Promise((resolve) => { setTimeout(resolve, index); }).then(() => gate.enter(request()))));
    await vi.advanceTimersByTimeAsync(60_000);
    const refused = (await outcomes).flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as OpenStackError] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ status: 429, type: 'Paced', retryAfterMs: expect.any(Number) });
    expect(Math.min(...refused.map(({ retryAfterMs }) => retryAfterMs!))).toBeGreaterThan(500);
  });

  test('one write for all that wait at one moment', async () => {
    const table = sharedTable();
    const book = vi.spyOn(table, 'book');
    const gate = gateOf(table, { perSecond: 100 });
    const entering = Promise.all(Array.from({ length: 20 }, () => gate.enter(request())));
    await vi.advanceTimersByTimeAsync(1_000);
    await entering;
    expect(book).toHaveBeenCalledTimes(1);
  });
});

test('so many calls at once, on average, however slow the service becomes', async () => {
  const gate = gateOf(sharedTable(), { atOnce: 5 });
  let underWay = 0;
  let sum = 0;
  let looks = 0;
  const call = async (): Promise<void> => {
    await untilIn(gate);
    underWay++;
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    underWay--;
    await gate.left(request(), { ms: 2_000, status: 200, retryAfterMs: undefined });
  };
  const calls = Promise.all(Array.from({ length: 400 }, (_, index) => new Promise((resolve) => { setTimeout(resolve, index * 10); }).then(call)));
  await vi.advanceTimersByTimeAsync(30_000); // It has been learnt how long a call takes.
  const counting = setInterval(() => { sum += underWay; looks++; }, 100);
  await vi.advanceTimersByTimeAsync(60_000);
  clearInterval(counting);
  expect(sum / looks).toBeLessThanOrEqual(6);
  expect(sum / looks).toBeGreaterThan(3);
  await vi.advanceTimersByTimeAsync(400_000);
  await calls;
});

describe('a service that asks to be left alone', () => {
  const told = { ms: 5, status: 429, retryAfterMs: 30_000 };

  test.each([{ atOnce: 0 }, { atOnce: 100 }])('is, by all functions: %j', async (limit) => {
    const table = sharedTable();
    const [one, other] = [gateOf(table, limit), gateOf(table, limit)];
    await one.left(request(), told);
    const error = await enter(other).catch((refused: unknown) => refused) as OpenStackError;
    expect(error.type).toBe('Paced');
    expect(Math.round(error.retryAfterMs! / 1_000)).toBe(30);
    await vi.advanceTimersByTimeAsync(31_000);
    await expect(enter(other)).resolves.toBeUndefined();
  });

  test('is not when it said so to a user, which may be about that user', async () => {
    const table = sharedTable();
    await gateOf(table, {}, { speaksForAll: false }).left(request(), told);
    await expect(enter(gateOf(table, {}))).resolves.toBeUndefined();
  });

  test('is asked again after five minutes, whatever it said', async () => {
    const table = sharedTable();
    await gateOf(table, {}).left(request(), { ...told, retryAfterMs: 86_400_000 });
    await expect(enter(gateOf(table, {}))).rejects.toMatchObject({ retryAfterMs: 300_000 });
  });

  test('is asked more slowly afterwards, and at the old pace again some minutes later', async () => {
    const table = sharedTable();
    const gate = gateOf(table, { perSecond: 100 });
    const firstOf = async (): Promise<number> => {
      const entering = Promise.all(Array.from({ length: 10 }, () => gate.enter(request())));
      const began = Date.now();
      await vi.advanceTimersByTimeAsync(20_000);
      return entering.then(() => Math.max(0, table.rows.get('compute')!.bookedUntil! - began));
    };
    const before = await firstOf();
    for (let times = 0; times < 3; times++) {
      await gate.left(request(), { ms: 5, status: 429, retryAfterMs: 1_000 });
      await vi.advanceTimersByTimeAsync(1_500);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await firstOf()).toBeGreaterThan(1.5 * before);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(await firstOf()).toBe(before);
  });
});

test('a project that asks little of a busy service goes before one that asks much', async () => {
  const table = sharedTable();
  let drawn = 7;
  const random = (): number => (drawn = (drawn * 16_807) % 2_147_483_647) / 2_147_483_647;
  const noisy = Array.from({ length: 10 }, () => gateOf(table, { perSecond: 10 }, { random }));
  const asking = Promise.all(noisy.flatMap((gate) => Array.from({ length: 60 }, () => untilIn(gate, 'noisy'))));
  await vi.advanceTimersByTimeAsync(5_000);
  const began = Date.now();
  const one = (async () => {
    const gate = gateOf(table, { perSecond: 10 }, { random });
    for (let calls = 0; calls < 5; calls++) await untilIn(gate, 'quiet');
    return Date.now() - began;
  })();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await one).toBeLessThan(10_000);
  const times = await asking;
  expect(Math.max(...times) - began).toBeGreaterThan(40_000);
});

test('a table that does not answer keeps nobody from the cloud', async () => {
  const broken = () => Promise.reject(new Error('The table is away.'));
  const bookings: Bookings = { book: broken, read: broken, leaveAlone: broken, slow: broken };
  const warn = vi.fn();
  for (const atOnce of [0, 10]) await expect(enter(gateOf(bookings, { atOnce }, { warn }), 'p')).resolves.toBeUndefined();
  await gateOf(bookings, {}, { warn }).left(request(), { ms: 1, status: 503, retryAfterMs: 1_000 });
  expect(warn).toHaveBeenCalled();
});
