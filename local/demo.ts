/** `npm run demo`: a cluster comes up before one's eyes, is used, resized and deleted, and nothing is left. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Operation } from '../schemas/generated/types.ts';
import { openSession } from '../layers/openstack/session.ts';
import { ApiError, openApi, type Api } from './demo/api.ts';
import { cloudCallLines } from './demo/cloud-calls.ts';
import { clusterBody } from './demo/cluster-body.ts';
import { criticalPath } from './demo/critical-path.ts';
import { follow, newestOperation } from './demo/follow.ts';
import { inventory, leftBehind, ownershipTable } from './demo/inventory.ts';
import { figureLines, openClusterKubectl, useCluster, visitCluster } from './demo/real-cluster.ts';
import { nodeLines, readNodes } from './demo/nodes.ts';
import { choose, logIn, type Person } from './demo/user.ts';
import { cloudName, scopeOf } from './clouds.ts';
import { kubernetesKind, machinesKind, startRunning } from './running.ts';

const { values } = parseArgs({ options: {
  masters: { type: 'string', default: '1' }, workers: { type: 'string' }, scale: { type: 'string', default: '20' },
  version: { type: 'string' }, cloud: { type: 'string', default: 'local' }, keep: { type: 'boolean', default: false },
  kubernetes: { type: 'string', default: 'stand-in' }, machines: { type: 'string', default: 'played' },
  fault: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', default: false },
} });
if (values.help) {
  console.log('npm run demo -- [--cloud local|lab|env] [--kubernetes stand-in|real] [--machines played|vm] [--version v1.34.2] [--masters 1|3|5] [--workers N] [--scale N] [--keep] [--fault NAME …]\nFaults: server-error, load-balancer-error, volume-error, nova-down:SECONDS, quota:SERVICE.RESOURCE=N, rate:SERVICE=CALLS-A-SECOND, lost-replies:SHARE, slow:FACTOR');
  process.exit(0);
}
const masters = Number(values.masters);
const machines = machinesKind(values.machines);
const hasVms = machines === 'vm';
/** Virtual machines under emulation: one is enough to see that a node joins. */
const workers = Number(values.workers ?? (hasVms ? 1 : 2));
const say = (line = ''): void => console.log(line);

const dataDir = mkdtempSync(join(tmpdir(), 'moorage-demo-'));
mkdirSync(dataDir, { recursive: true });
const logFile = join(dataDir, 'log');
say(values.cloud === 'local'
  ? `Bringing up OpenStack, its machines and Moorage (waits 1:${values.scale}; log: ${logFile})`
  : `Bringing up Moorage on the cloud "${values.cloud}" (log: ${logFile})`);
const running = await startRunning({
  on: cloudName(values.cloud), kubernetes: kubernetesKind(values.kubernetes), machines, scale: Number(values.scale), dataDir, log: (line) => appendFileSync(logFile, `${line}\n`),
});
let failed = true;
try {
  const left = await demonstrate();
  failed = left > 0;
  say(`demo: ${left === 0 ? 'ok' : 'failed'}, ${left} left behind`);
} catch (error) {
  say(`demo: failed: ${(error as Error).message}\nThe log is kept: ${logFile}`);
} finally {
  await running.stop();
  if (!failed) rmSync(dataDir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function demonstrate(): Promise<number> {
  const { cloud, url, access } = running;
  if (!access.user || !access.admin) throw new Error('On this cloud the demo needs an ordinary user and an administrator, who counts what is left: docs/operate.md says how to name them.');
  if (values.fault.length > 0 && !cloud) throw new Error('--fault is for the embedded cloud.');
  const user = await logIn(access.authUrl, access.user as Person);
  const { username, password, userDomainName } = access.admin;
  const admin = openSession({ authUrl: access.authUrl, region: access.regionName, credential: { username, password, userDomainName }, scope: scopeOf(access.admin) });
  const api = openApi(url, () => user.token());
  say(`Moorage answers at ${url}; logged in as an ordinary user of project "${access.user.projectName}"`);
  const before = await inventory(admin, [user.projectId], undefined);
  for (const fault of values.fault) cloud?.faults.add(fault);

  const version = await versionOf(api);
  const choice = await choose(user, hasVms ? { masterRamMiB: 3_072 } : {});
  say(`\nCreating a cluster: Kubernetes ${version}, ${masters} master${masters > 1 ? 's' : ''}, a group of ${workers}`);
  running.cloudCalls.take();
  const { id } = await api.call<{ id: string }>('POST', '/v2/clusters', clusterBody({ version, masters, workers, choice }));
  const created = await follow(api, id, await newestOperation(api, id, 'createCluster'), 'create');
  const kubectl = values.kubernetes === 'real' ? await openClusterKubectl(api, id, version, dataDir) : undefined;
  if (kubectl) {
    for (const line of await figureLines(kubectl, created, running.machines)) say(`    ${line}`);
    if (hasVms) await visitCluster(kubectl, admin, choice.networkId, say);
    else await useCluster(kubectl, say);
  } else {
    tellCost(created);
    await showCluster(api, id);
  }

  const serviceProjectId = (await inventory(admin, [], id)).find(({ kind }) => kind === 'project')!.id;
  const things = await inventory(admin, [user.projectId, serviceProjectId], id);
  say('\nWho owns what (of the user\'s project only what came with the cluster):');
  for (const line of ownershipTable(leftBehind(before, things), { 'user project': user.projectId, 'service project': serviceProjectId })) say(line);

  if (!hasVms) await resize(api, id);
  if (values.keep) {
    say(`\nKept, as asked. Ctrl-C ends it all. Cluster ${id} at ${url}`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
    return 0;
  }

  say('\nDeleting the cluster');
  const deleting = api.call('DELETE', `/v2/clusters/${id}`);
  await deleting;
  await followDelete(api, id);
  const left = leftBehind(before, await inventory(admin, [user.projectId, serviceProjectId], id));
  say(`\nLeft in the user's project: ${left.filter(({ projectId }) => projectId === user.projectId).length}; in the service project or with our mark: ${left.filter(({ projectId }) => projectId !== user.projectId).length}`);
  for (const { service, kind, name, id: thing } of left) say(`  ${service} ${kind} ${name} (${thing})`);
  return left.length;
}

/** One node more. */
async function resize(api: Api, id: string): Promise<void> {
  const { node_groups: [group] } = await api.call<{ node_groups: { id: string }[] }>('GET', `/v2/clusters/${id}`);
  say(`\nResizing the group to ${workers + 1}`);
  await api.call('PATCH', `/v2/node-groups/${group!.id}`, { scale_spec: { fixed_scale: { size: workers + 1 } } });
  await follow(api, id, await newestOperation(api, id, 'resizeNodeGroup'), 'resize');
  await showCluster(api, id);
}

/** Of those that are offered: the one asked for, or the newest. */
async function versionOf(api: Api): Promise<string> {
  const { k8s_versions: offered } = await api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  const chosen = values.version ? offered.find(({ version }) => version === values.version) : offered[0];
  if (!chosen) throw new Error(`Kubernetes ${values.version ?? ''} is not offered: ${offered.map(({ version }) => version).join(', ')}`);
  return chosen.version;
}

/** Calls to the cloud, and the time over the longest chain of waits that cloud and machines imposed. */
function tellCost({ id, created_at, ended_at, parts }: Operation): void {
  for (const line of cloudCallLines(running.cloudCalls.take())) say(`    ${line}`);
  const { cloud, machines } = running;
  if (!machines) return say('    ratio         unknown: it is not known here what the cloud made wait for');
  const { ms, chain } = criticalPath(id, parts.map((part) => part.id), cloud?.waits() ?? machines.cloudWaits(), machines.waits());
  say(`    critical_path ${(ms / 1_000).toFixed(1)} s  (${chain.join(' → ')})`);
  say(`    ratio         ${((Date.parse(ended_at!) - Date.parse(created_at)) / ms).toFixed(3)}`);
}

async function showCluster(api: Api, id: string): Promise<void> {
  const { status, api_address } = await api.call<{ status: string; api_address: string }>('GET', `/v2/clusters/${id}`);
  const { server, nodes } = await readNodes(await api.text('POST', `/v2/clusters/${id}/kube_config`));
  say(`\n  ${status}, ${api_address}. Nodes, read from ${server} with the kubeconfig, certificates verified:`);
  for (const line of nodeLines(nodes)) say(line);
}

/** A deleted cluster answers 404, its operations with it. */
async function followDelete(api: Api, id: string): Promise<void> {
  try {
    await follow(api, id, await newestOperation(api, id, 'deleteCluster'), 'delete');
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    say('  delete: the cluster is gone');
  }
}
