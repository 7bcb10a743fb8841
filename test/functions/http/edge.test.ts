/** What holds for every request, whatever it asks: size, rate, no other web page's business, headers. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startHarness, type Harness } from './harness.ts';

let api: Harness;
let forgetRates: () => void;
beforeAll(async () => {
  process.env.REQUESTS_PER_MINUTE = '5';
  api = await startHarness();
  // Not before: what it imports reads where the tables are.
  ({ forgetRates } = await import('../../../layers/http/rate-limit.ts'));
});
afterAll(async () => {
  await api.stop();
  delete process.env.REQUESTS_PER_MINUTE;
});
afterEach(() => {
  vi.useRealTimers();
  forgetRates();
});

/** A minute of its own for each test: what the others have asked does not count. */
let minute = Date.now();
function atMinute(seconds = 0): void {
  minute += 60_000;
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(minute / 60_000) * 60_000 + seconds * 1_000 });
}

test('a request that is too large is refused before anybody asks whose it is', async () => {
  const raw = JSON.stringify({ name: 'x'.repeat(262_144) });
  for (const token of [null, undefined]) {
    const told = await api.call('POST', '/v2/clusters', { raw, ...(token === null && { token }) });
    expect(told).toMatchObject({ status: 413, json: { error: { code: 'request_too_large' } } });
  }
});

test('a project that asks too often is told when to ask again, reads and changes alike', async () => {
  atMinute(20);
  const read = () => api.call('GET', '/v2/clusters');
  for (let i = 0; i < 5; i++) expect((await read()).status).toBe(200);
  const refused = await read();
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '40' }, json: { error: { code: 'too_many_requests' } } });
  expect((await api.call('DELETE', '/v2/clusters/000000000000000000000000000')).status).toBe(429);
});

test('a change that is one too many does nothing', async () => {
  atMinute();
  const id = '000000000000000000000000000';
  for (let i = 0; i < 5; i++) expect((await api.call('DELETE', `/v2/clusters/${id}`)).status).toBe(404);
  forgetRates();
  expect((await api.call('DELETE', `/v2/clusters/${id}`)).status).toBe(429);
});

test('only the project that asks too often is refused, whoever of it asks, and only for that minute', async () => {
  atMinute();
  for (let i = 0; i < 6; i++) await api.call('GET', '/v2/clusters');
  expect((await api.as('viewer', 'GET', '/v2/clusters')).status).toBe(429);
  expect((await api.as('other', 'GET', '/v2/clusters')).status).toBe(200);
  atMinute();
  expect((await api.call('GET', '/v2/clusters')).status).toBe(200);
});

test('who is not let in is not counted', async () => {
  atMinute();
  for (let i = 0; i < 8; i++) expect((await api.call('GET', '/v2/clusters', { token: 'nobody' })).status).toBe(401);
  expect((await api.call('GET', '/v2/clusters')).status).toBe(200);
});

test.each([
  ['GET', '/v2/nowhere', 404], ['GET', '/v1/clusters', 401], ['PUT', '/v2/clusters', 405], ['GET', '/v2/clusters', 401], ['GET', '/health', 200],
])('%s %s is answered %i with the headers of every answer, and is for no other web page', async (method, path, status) => {
  const told = await api.call(method, path, { token: null, headers: { origin: 'https://elsewhere.example' } });
  expect(told.status).toBe(status);
  expect(told.headers).toMatchObject({
    'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'strict-transport-security': expect.stringContaining('max-age=') as string,
    'content-security-policy': expect.stringContaining('default-src \'none\'') as string,
  });
  expect(Object.keys(told.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test('a browser that asks whether another page may call is told nothing', async () => {
  const told = await api.call('OPTIONS', '/v2/clusters', {
    token: null, headers: { 'origin': 'https://elsewhere.example', 'access-control-request-method': 'POST' },
  });
  expect(told.status).toBe(405);
  expect(Object.keys(told.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
});
