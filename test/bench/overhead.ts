/**
 * `npm run bench:overhead`: what Moorage adds to what the cloud itself takes. For each topology one cluster with two
 * workers, at the cloud's real pace (`--scale 1`, since queues delay by whole seconds).
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openApi } from '../../local/demo/api.ts';
import { clusterBody } from '../../local/demo/cluster-body.ts';
import { newestOperation } from '../../local/demo/follow.ts';
import { choose, logIn, type Person } from '../../local/demo/user.ts';
import { startEmbedded } from '../../local/embedded.ts';
import type { Operation } from '../../schemas/generated/types.ts';
import { criticalPath } from '../../local/demo/critical-path.ts';

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' }, masters: { type: 'string', multiple: true, default: ['1', '3'] } } });

interface Result { masters: number; seconds: number; path: number; chain: string[]; calls: Record<string, Record<string, number>>; total: number }

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

async function measure(masters: number): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'moorage-bench-'));
  const embedded = await startEmbedded({ scale: Number(values.scale), dataDir, log: (line) => appendFileSync(join(dataDir, 'log'), `${line}\n`) });
  try {
    const { cloud, machines, url } = embedded;
    const user = await logIn(cloud.authUrl, cloud.credentials.demo as Person);
    const api = openApi(url, () => user.token());
    const { k8s_versions: [newest] } = await api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
    const body = clusterBody({ version: newest!.version, masters, workers: 2, choice: await choose(user) });
    cloud.calls.reset();
    const started = Date.now();
    const { id } = await api.call<{ id: string }>('POST', '/v2/clusters', body);
    const operationId = await newestOperation(api, id, 'createCluster');
    const operation = await untilEnded(() => api.call<Operation>('GET', `/v2/clusters/${id}/operations/${operationId}`));
    const took = Date.parse(operation.ended_at!) - started;
    const { byVerb, total } = cloud.calls.read();
    const { ms, chain } = criticalPath(operationId, operation.parts.map((part) => part.id), cloud.waits(), machines.waits());
    return { masters, seconds: took, path: ms, chain, calls: byVerb, total };
  } finally {
    await embedded.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function untilEnded(read: () => Promise<Operation>): Promise<Operation> {
  for (;;) {
    const operation = await read();
    if (operation.status === 'succeeded') return operation;
    if (operation.status !== 'going') throw new Error(`The operation is ${operation.status}: ${operation.error?.cause}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

const results: Result[] = [];
for (const masters of values.masters.map(Number)) {
  const result = await measure(masters);
  results.push(result);
  console.log(`\n${masters} master${masters > 1 ? 's' : ''}, 2 workers, scale ${values.scale}`);
  console.log(`  time_to_running ${seconds(result.seconds)}`);
  console.log(`  critical_path   ${seconds(result.path)}  (${result.chain.join(' → ')})`);
  console.log(`  ratio           ${(result.seconds / result.path).toFixed(3)}`);
  console.log(`  cloud_calls     ${result.total}`);
  for (const [service, verbs] of Object.entries(result.calls)) console.log(`    ${service.padEnd(10)} ${Object.entries(verbs).map(([verb, count]) => `${verb} ${count}`).join(', ')}`);
}
const [one, three] = [results.find(({ masters }) => masters === 1), results.find(({ masters }) => masters === 3)];
if (one && three) console.log(`\n3 masters take ${(three.seconds / one.seconds).toFixed(3)} times as long as 1`);
