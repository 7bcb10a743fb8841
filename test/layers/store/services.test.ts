import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLocalTables } from './local-tables.ts';

let stop: () => Promise<void>;
let services: typeof import('../../../layers/store/services.ts');
beforeAll(async () => {
  stop = await startLocalTables();
  services = await import('../../../layers/store/services.ts');
});
afterAll(() => stop());

let serial = 0;
let name: string;
beforeEach(() => { name = `service-${++serial}`; });

const now = 1_000_000;
const book = (at: number, latestMs = 2_000, lengthMs = 100, callMs?: number) => services.bookService(name, { lengthMs, now: at, latest: at + latestMs, callMs });

test('who books first has it from now on, the next behind', async () => {
  expect(await book(now)).toEqual({ from: now });
  expect(await book(now)).toEqual({ from: now + 100 });
  expect(await book(now + 10)).toEqual({ from: now + 200 });
  expect(await services.readService(name)).toEqual({ bookedUntil: now + 300 });
});

test('time that nobody has booked is not saved up', async () => {
  await book(now);
  expect(await book(now + 60_000)).toEqual({ from: now + 60_000 });
});

test('whoever would have to wait too long learns until when it is booked, and books nothing', async () => {
  await book(now, 2_000, 5_000);
  expect(await book(now)).toEqual({ busyUntil: now + 5_000 });
  expect(await services.readService(name)).toEqual({ bookedUntil: now + 5_000 });
});

test('bookings of one moment never overlap', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => book(now, 60_000)));
  const from = all.flatMap((booking) => ('from' in booking ? [booking.from] : []));
  expect(new Set(from).size).toBe(from.length);
  expect(from.length).toBeGreaterThan(10);
});

test('left alone until then; a shorter wish does not end a longer one', async () => {
  await services.leaveServiceAlone(name, now + 30_000);
  await services.leaveServiceAlone(name, now + 10_000);
  expect(await book(now)).toEqual({ busyUntil: now + 30_000 });
  expect(await book(now + 29_000)).toEqual({ from: now + 30_000 });
});

test('how long calls take, and how far apart they are to be, is known to all', async () => {
  await book(now, 2_000, 100, 250);
  await services.slowService(name, 40, now, 1_000);
  await services.slowService(name, 60, now + 500, 1_000);
  expect(await book(now + 600)).toEqual({ from: now + 600, callMs: 250, slowMs: 40, slowedAt: now });
  await services.slowService(name, 60, now + 1_500, 1_000);
  expect(await services.readService(name)).toMatchObject({ callMs: 250, slowMs: 60, slowedAt: now + 1_500 });
});
