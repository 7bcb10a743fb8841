/** `npm start`, killed in mid-create and started again on the same directory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose, type Person } from '../../local/demo/user.ts';
import { leftBehind, type Thing } from '../../local/demo/inventory.ts';
import { readNodes } from '../../local/demo/nodes.ts';
import { clusterRequest, create, operation, remove, whenGone, whenStatus } from './clusters.ts';
import { everything, sessionOf, someone, until } from './world.ts';

const root = resolve(import.meta.dirname, '../..');
const person = (name: string): Person => ({ username: name, password: 'secret', userDomainName: 'Default', projectName: name, projectDomainName: 'Default' });

let dataDir: string;
let port: number;
let cloudPort: number;
let running: ChildProcess | undefined;

const url = () => `http://127.0.0.1:${port}`;
const authUrl = () => `http://127.0.0.1:${cloudPort}/identity/v3`;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'moorage-restart-'));
  [port, cloudPort] = [await freePort(), await freePort()];
});

afterAll(() => {
  if (running?.pid !== undefined && running.exitCode === null && running.signalCode === null) process.kill(-running.pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return free;
}

/** As a person would start it, in a process group of its own. Resolves when it says that it is up. */
async function start(): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'local/start.ts'), '--scale', '40', '--data', dataDir, '--port', String(port), '--cloud-port', String(cloudPort)],
    { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  const lines = createInterface({ input: child.stdout! });
  const up = new Promise<true>((found) => { lines.on('line', (line) => { if (line.startsWith('Ctrl-C')) found(true); }); });
  const ended = once(child, 'exit').then(() => false);
  if (!await Promise.race([up, ended])) throw new Error(`It did not start:\n${readFileSync(join(dataDir, 'log'), 'utf8').slice(-2_000)}`);
}

/** The one process alone; what it started must notice by itself. */
async function kill(): Promise<void> {
  const child = running!;
  const ended = once(child, 'exit');
  process.kill(child.pid!, 'SIGKILL');
  await ended;
  await until(async () => !await answers(port) && !await answers(cloudPort));
}

const answers = (at: number): Promise<boolean> => new Promise((resolved) => {
  const socket = connect(at, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); resolved(true); });
  socket.once('error', () => resolved(false));
});

test('a cluster that was being created becomes RUNNING all the same', { timeout: 400_000 }, async () => {
  await start();
  const demo = await someone(authUrl(), person('demo'), url());
  const admin = sessionOf(authUrl(), person('admin'));
  const { k8s_versions: [newest] } = await demo.api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  const before: Thing[] = await everything(admin);
  const id = await create(demo.api, clusterRequest({ choice: await choose(demo.user), version: newest!.version }, { groups: [{ name: 'berths' }] }));

  await until(async () => {
    const { steps } = await operation(demo.api, id, 'createCluster');
    return steps.some(({ name, status }) => name === 'apiLoadBalancer' && ['running', 'waiting'].includes(status));
  });
  await kill();
  await start();
  await whenStatus(demo.api, id, 'RUNNING');
  const { nodes } = await readNodes(await demo.api.text('POST', `/v2/clusters/${id}/kube_config`));
  expect(nodes.map(({ metadata: { name } }) => name)).toEqual(['harbour-berths-0']);
  // Exactly one of each thing that has a name.
  const named = leftBehind(before, await everything(admin)).filter(({ name }) => name !== '').map(({ kind, name, projectId }) => `${kind} ${name} of ${projectId}`);
  expect(named.filter((name, index) => named.indexOf(name) !== index)).toEqual([]);

  await remove(demo.api, id);
  await whenGone(demo.api, id);
  expect(leftBehind(before, await everything(admin))).toEqual([]);
  running!.kill('SIGTERM');
  expect(await once(running!, 'exit')).toEqual([0, null]);
  await until(async () => !await answers(port));
});
