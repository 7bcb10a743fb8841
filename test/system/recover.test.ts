/** Tables restored from before, while the cloud went on: what is told, what is done, and what is left alone. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { choose, type Person } from '../../local/demo/user.ts';
import { inventory } from '../../local/demo/inventory.ts';
import { startEmbedded, type Embedded } from '../../local/embedded.ts';
import { clusterRequest, create, remove, whenGone, whenStatus } from './clusters.ts';
import { sessionOf, someone, type Someone } from './world.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'moorage-recover-'));
const tables = join(dataDir, 'functions', 'tables');
const saved = join(dataDir, 'saved');
let running: Embedded | undefined;

afterAll(async () => {
  await running?.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

async function during<T>(use: (demo: Someone, embedded: Embedded) => Promise<T>): Promise<T> {
  running = await startEmbedded({ scale: 40, dataDir, log: () => undefined });
  const used = await use(await someone(running.cloud.authUrl, running.cloud.credentials.demo as Person, running.url), running);
  await running.stop();
  running = undefined;
  return used;
}

async function make({ api, user }: Someone, name: string): Promise<string> {
  const { k8s_versions: [newest] } = await api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  const id = await create(api, clusterRequest({ choice: await choose(user), version: newest!.version }, { name, groups: [{ name: 'berths' }] }));
  await whenStatus(api, id, 'RUNNING');
  return id;
}

const thingsOf = ({ cloud }: Embedded, id: string) => inventory(sessionOf(cloud.authUrl, cloud.credentials.admin as Person), [], id);

/** As an operator types it. */
const recover = async (...options: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, '../../local/recover/main.ts'), '--cloud', 'local', '--data', dataDir, ...options])).stdout;

test('what was deleted since ends, what was made since stays as it is', { timeout: 600_000 }, async () => {
  const kept = await during(async (demo) => [await make(demo, 'kept'), await make(demo, 'deleted')] as const);
  cpSync(tables, saved, { recursive: true });
  const [keptId, deletedId] = kept;
  const [sinceId, before] = await during(async (demo, embedded) => {
    await remove(demo.api, deletedId);
    await whenGone(demo.api, deletedId);
    const id = await make(demo, 'since');
    return [id, await thingsOf(embedded, id)] as const;
  });
  expect(before.length).toBeGreaterThan(10);
  rmSync(tables, { recursive: true });
  cpSync(saved, tables, { recursive: true });

  const dry = await recover();
  expect(dry).toMatch(new RegExp(`vanished +cluster deleted of project \\w+ is in the table`));
  expect(dry).toMatch(new RegExp(`unknown +cluster since \\(${sinceId}\\) of project`));
  expect(dry).toContain('2 rows, 2 differences; dry run, nothing was changed');
  expect(await recover()).toBe(dry);
  const found = await recover('--lost');
  for (const [name, id] of [['kept', keptId], ['since', sinceId]]) expect(found).toMatch(new RegExp(`cluster ${name} \\(${id}\\) of project \\w+, UUID [0-9a-f-]{36}\\n +service project \\w+; API https://127\\.[0-9.]+:6443\\n +server ${name}-berths-0 ACTIVE`));
  expect(found).toContain('recover: 2 clusters found by their marks; nothing was changed');
  expect(await recover('--apply')).toContain('1 operations begun');

  await during(async ({ api }, embedded) => {
    await whenGone(api, deletedId);
    expect((await whenStatus(api, keptId, 'RUNNING')).name).toBe('kept');
    expect(await thingsOf(embedded, sinceId)).toEqual(before);
    expect(await thingsOf(embedded, deletedId)).toEqual([]);
  });
  expect(await recover()).toContain('2 rows, 1 differences');
});
