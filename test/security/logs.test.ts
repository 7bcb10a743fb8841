/** What callers choose cannot write a line of the log, nor hide in one, and no token or key of theirs gets into it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterRequest, startHarness, type Harness } from '../functions/http/harness.ts';

let api: Harness;
const lines: string[] = [];

beforeAll(async () => {
  // Powertools writes to the console where this is set, and past it where it is not.
  Object.assign(process.env, { POWERTOOLS_DEV: 'true', MAGNUM_SERVICE_TYPES: 'none', REQUESTS_PER_MINUTE: '0' });
  api = await startHarness();
  for (const to of ['debug', 'info', 'warn', 'error', 'log'] as const) {
    vi.spyOn(console, to).mockImplementation((...said: unknown[]) => { lines.push(said.map(String).join(' ')); });
  }
  const { logger } = await import('../../layers/platform/logger.ts');
  logger.setLogLevel('DEBUG');
});
afterAll(async () => {
  vi.restoreAllMocks();
  delete process.env.POWERTOOLS_DEV;
  await api.stop();
});

const evil = 'x\r\n{"level":"ERROR","message":"forged"}\u001b[2K\u2028\u2029';

test('a log line is one JSON object, whatever is in the request', async () => {
  const token = await api.users.demo.token();
  const body = { ...clusterRequest(api.choice), name: evil, description: evil, labels: { [evil]: evil } };
  await api.call('POST', '/v2/clusters', { body, headers: { 'idempotency-key': evil, 'user-agent': evil } });
  await api.call('GET', `/v2/clusters/${encodeURIComponent(evil)}`);
  await api.call('GET', `/v1/clusters/${encodeURIComponent(evil)}?x=${encodeURIComponent(evil)}`);
  await api.call('GET', '/v2/clusters', { token: evil });
  api.cloud.faults.add({ service: 'neutron', status: 500 });
  await api.call('POST', '/v2/clusters', { body: clusterRequest(api.choice) });
  expect(lines.length).toBeGreaterThanOrEqual(5);
  for (const line of lines) {
    // As it is printed for people, an object goes over several lines: none of them begins with what the caller sent.
    const said = JSON.parse(line) as { level: string; message: string; service: string };
    expect(said).toMatchObject({ service: 'moorage' });
    expect(said.message).not.toContain('forged');
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(line).not.toMatch(/\u001b|\r|\u0000/);
    expect(line).not.toContain(token);
  }
});
