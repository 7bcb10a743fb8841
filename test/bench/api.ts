/**
 * `npm run bench:api -- --cloud lab`: the Magnum API, answered by the lab's Magnum and by Moorage, side by side: one machine,
 * one run, request for request in turn, both behind the HTTP server they are usually run with here, both asking Keystone
 * about tokens as they always do, with as many clusters in one project. Prints the p50 and p99 of both and their ratio.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { flatten, requireEndpoint, type CatalogService } from '../../layers/openstack/catalogue.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { openSession } from '../../layers/openstack/session.ts';
import { listImages } from '../../layers/openstack/glance.ts';
import { listFlavors } from '../../layers/openstack/nova.ts';
import { cloudName, readCloud, scopeOf, type CloudAccess } from '../../local/clouds.ts';
import { logIn, type Person, type User } from '../../local/demo/user.ts';
import { startRunning, type Running } from '../../local/running.ts';
import { copiesOf, type Copies } from './cluster-rows.ts';
import { removeMagnumClusters, setMagnumClusters, type Owner } from './magnum-rows.ts';

const { values } = parseArgs({ options: {
  cloud: { type: 'string', default: 'lab' }, clusters: { type: 'string', default: '1,100,1000' },
  samples: { type: 'string', default: '40' }, creates: { type: 'string', default: '8' },
} });

interface Answer { status: number; ms: number; body: string }
interface Side {
  name: string; base: string; user: User; templateId: string;
  /** How many times in a row it must say that something is not there. */
  quiet: number;
  /** What its creates have beside the rest. */
  more?: Record<string, unknown>;
}
interface Row { clusters: number; what: string; magnum: number[]; ours: number[] }

/** How far it is: apart from what it has found. */
function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

const agent = new Agent({ keepAlive: true });
const version = 'container-infra 1.10';
const goneWithinMs = 600_000;

async function ask({ base, user }: Side, method: string, path: string, body?: unknown): Promise<Answer> {
  const token = await user.token();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const started = performance.now();
  return new Promise((done, reject) => {
    const headers = { 'x-auth-token': token, 'openstack-api-version': version, 'accept': 'application/json', ...(text && { 'content-type': 'application/json' }) };
    const request = httpRequest(`${base}${path}`, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => done({ status: response.statusCode ?? 0, ms: performance.now() - started, body: Buffer.concat(chunks).toString() }));
    });
    request.once('error', reject);
    request.end(text);
  });
}

async function must(side: Side, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await ask(side, method, path, body);
  if (answer.status >= 300) throw new Error(`${side.name}: ${method} ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
  return answer;
}

const quantile = (times: readonly number[], q: number): number => times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]!;

/** In turn, so that whatever else the machine does meets both; the first of each warms up what is behind them. */
async function inTurn(count: number, magnum: () => Promise<Answer>, ours: () => Promise<Answer>): Promise<Pick<Row, 'magnum' | 'ours'>> {
  const times: Pick<Row, 'magnum' | 'ours'> = { magnum: [], ours: [] };
  for (let i = -1; i < count; i++) {
    for (const [side, one] of [['magnum', magnum], ['ours', ours]] as const) {
      const { ms } = await one();
      if (i >= 0) times[side].push(ms);
    }
  }
  return times;
}

interface Bench { magnum: Side; ours: Side; owner: Owner; copies: Copies; running: Running; reads: string; leave(): Promise<void> }

async function listAndShow({ magnum, ours, owner, copies }: Bench, clusters: number): Promise<Row[]> {
  const theirs = setMagnumClusters(clusters, owner);
  const own = await copies.set(clusters);
  say(`${clusters} clusters on either side: list, show`);
  for (const side of [magnum, ours]) {
    const { body } = await must(side, 'GET', '/v1/clusters');
    const { length } = (JSON.parse(body) as { clusters: unknown[] }).clusters;
    if (length !== clusters) throw new Error(`${side.name} lists ${length} clusters, and not ${clusters}`);
  }
  const samples = Number(values.samples);
  // Magnum takes half a minute for a list of a thousand.
  const list = await inTurn(Math.ceil(samples / (clusters >= 1_000 ? 16 : clusters >= 100 ? 4 : 1)),
    () => must(magnum, 'GET', '/v1/clusters'), () => must(ours, 'GET', '/v1/clusters'));
  const show = await inTurn(samples, () => must(magnum, 'GET', `/v1/clusters/${theirs}`), () => must(ours, 'GET', `/v1/clusters/${own}`));
  return [{ clusters, what: 'list', ...list }, { clusters, what: 'show', ...show }].map(soFar);
}

/** A long run that is broken off has said what it found. */
function soFar(row: Row): Row {
  say(`${row.clusters} ${row.what}: p50 Magnum ${quantile(row.magnum, 0.5).toFixed(0)} ms, Moorage ${quantile(row.ours, 0.5).toFixed(0)} ms`);
  return row;
}

/** One at a time, each gone before the next: what is being made takes time from whoever is measured meanwhile. */
async function create(bench: Bench, clusters: number): Promise<Row> {
  say(`${clusters} clusters on either side: create`);
  setMagnumClusters(clusters, bench.owner);
  await bench.copies.set(clusters);
  const firsts: string[] = [];
  let made = 0;
  const one = (side: Side) => async (): Promise<Answer> => {
    const body = { name: `bench-create-${made++}`, cluster_template_id: side.templateId, master_count: 1, node_count: 1, ...side.more };
    const answer = await must(side, 'POST', '/v1/clusters', body);
    await whenGone(side, (JSON.parse(answer.body) as { uuid: string }).uuid);
    if (made <= 2) firsts.push(`${side.name} ${answer.ms.toFixed(0)} ms`);
    return answer;
  };
  const times = await inTurn(Number(values.creates), one(bench.magnum), one(bench.ours));
  say(`the first of each: ${firsts.join(', ')}`);
  return soFar({ clusters, what: 'create', ...times });
}

/**
 * Magnum answers for a moment that it does not know what it has just accepted, refuses to delete what is being made, and begins anew,
 * and so never ends, when it is told again to delete what it is deleting.
 */
async function whenGone(side: Side, uuid: string): Promise<void> {
  const until = performance.now() + goneWithinMs;
  for (let quiet = 0; quiet < side.quiet;) {
    const { status, body } = await ask(side, 'GET', `/v1/clusters/${uuid}`);
    quiet = status === 404 ? quiet + 1 : 0;
    if (status === 200 && (JSON.parse(body) as { status: string }).status !== 'DELETE_IN_PROGRESS') await ask(side, 'DELETE', `/v1/clusters/${uuid}`);
    if (performance.now() > until) throw new Error(`${side.name}: ${uuid} is not gone: ${status} ${body.slice(0, 500)}`);
    await new Promise((resume) => setTimeout(resume, 1_000));
  }
}

/** Calls to the tables that one page of 1,000 takes. */
async function readsOfAPage({ ours, copies, reads }: Bench): Promise<string> {
  await copies.set(1_000);
  await must(ours, 'GET', '/v1/clusters');
  const calls = (): string[] => (existsSync(reads) ? readFileSync(reads, 'utf8').split('\n') : []).filter((line) => /^magnum/i.test(line));
  const before = calls().length;
  await must(ours, 'GET', '/v1/clusters');
  const counts = new Map<string, number>();
  for (const line of calls().slice(before)) counts.set(line.split(' ')[1]!, (counts.get(line.split(' ')[1]!) ?? 0) + 1);
  return [...counts].map(([operation, count]) => `${count} ${operation}`).join(', ');
}

function tell(title: string, rows: readonly Row[]): boolean {
  const ms = (times: readonly number[], q: number): string => quantile(times, q).toFixed(0).padStart(7);
  console.log(`\n${title}\nclusters  what     n   Magnum p50    p99   Moorage p50    p99   ratio of p50`);
  for (const { clusters, what, magnum, ours } of rows) {
    const ratio = quantile(ours, 0.5) / quantile(magnum, 0.5);
    console.log(`${String(clusters).padStart(8)}  ${what.padEnd(6)} ${String(ours.length).padStart(3)}   ${ms(magnum, 0.5)}${ms(magnum, 0.99)} ms     ${ms(ours, 0.5)}${ms(ours, 0.99)} ms    ${ratio.toFixed(2)}${ratio <= 0.5 ? '' : '  more than half'}`);
  }
  return rows.every(({ magnum, ours }) => quantile(ours, 0.5) <= quantile(magnum, 0.5) / 2);
}

async function prepare(running: Running, reads: string): Promise<Bench> {
  const { access, url } = running;
  // Two projects: both then have as many clusters, each its own. Magnum's is made for this, ours has a network.
  const { user: theirs, leave } = await somebody(access);
  const other = await logIn(access.authUrl, { ...access.user as Person, username: 'other', projectName: 'other' });
  // Magnum answers before it asks Heat, which refuses such a label: nothing has to be built and taken away again.
  const magnum: Side = { name: 'Magnum', base: await magnumOf(access), user: theirs, templateId: '', quiet: 3, more: { labels: { selinux_mode: 'none-such' } } };
  const ours: Side = { name: 'Moorage', base: url, user: other, templateId: '', quiet: 1 };
  const [image] = (await listImages(theirs.session)).filter(({ name }) => name.startsWith('fedora-coreos'));
  const [flavor] = (await listFlavors(theirs.session)).filter(({ name }) => name === 'm1.small');
  if (!image || !flavor) throw new Error('The cloud lacks the image fedora-coreos or the flavor m1.small, for Magnum\'s clusters.');
  const template = await must(magnum, 'POST', '/v1/clustertemplates', {
    name: 'bench-api', coe: 'kubernetes', image_id: image.id, external_network_id: 'public', flavor_id: flavor.id, master_flavor_id: flavor.id, docker_volume_size: 5,
  });
  const { uuid, user_id: userId, project_id: projectId } = JSON.parse(template.body) as { uuid: string; user_id: string; project_id: string };
  magnum.templateId = uuid;
  const admin = { ...magnum, name: 'Magnum, as administrator', user: await logIn(access.authUrl, access.admin as Person) };
  await allowMany(admin, [projectId, other.projectId]);
  ours.templateId = await newestTemplate(ours);
  const first = await must(ours, 'POST', '/v1/clusters', { name: 'bench-original', cluster_template_id: ours.templateId, master_count: 1, node_count: 1 });
  const original = (JSON.parse(first.body) as { uuid: string }).uuid;
  const copies = await copiesOf(await idOf(ours, original), running.functions.tableEndpoint);
  say('a cluster has been admitted, to be copied; it is being deleted again');
  await whenGone(ours, original);
  return { magnum, ours, owner: { projectId, userId, templateId: uuid, flavorId: flavor.id, imageId: image.id }, copies, running, reads, leave };
}

/** An ordinary user of a project of their own; `leave` takes both away. */
async function somebody({ authUrl, regionName, admin }: CloudAccess): Promise<{ user: User; leave(): Promise<void> }> {
  const { username, password, userDomainName } = admin!;
  const session = openSession({ authUrl, region: regionName, credential: { username, password, userDomainName }, scope: scopeOf(admin!) });
  const name = `bench-api-${randomBytes(4).toString('hex')}`;
  const project = await keystone.createProject(session, { name, domain_id: 'default', enabled: true });
  const secret = randomBytes(16).toString('hex');
  const { id } = await keystone.createUser(session, { name, password: secret, domain_id: 'default' });
  // Before it deletes a cluster Magnum looks for its load balancers, as this user.
  const roles = (await keystone.listRoles(session)).filter((each) => ['member', 'load-balancer_member'].includes(each.name));
  for (const role of roles) await keystone.assignRole(session, project.id, id, role.id);
  const person = { username: name, password: secret, userDomainName: 'Default', projectName: name, projectDomainName: 'Default' };
  return {
    user: await logIn(authUrl, person),
    async leave() {
      await keystone.deleteUser(session, id);
      await keystone.deleteProject(session, project.id);
    },
  };
}

/** Magnum's usual quota is twenty clusters, and holds for both generations. */
async function allowMany(admin: Side, projectIds: readonly string[]): Promise<void> {
  for (const project_id of projectIds) {
    const quota = { project_id, resource: 'Cluster', hard_limit: 2_000 };
    const { status } = await ask(admin, 'POST', '/v1/quotas', quota);
    if (status === 409) await must(admin, 'PATCH', `/v1/quotas/${project_id}/Cluster`, quota);
  }
}

async function magnumOf({ authUrl, regionName, user }: CloudAccess): Promise<string> {
  const { token } = await logIn(authUrl, user as Person);
  const response = await fetch(`${authUrl}/auth/catalog`, { headers: { 'x-auth-token': await token() } });
  const { catalog } = await response.json() as { catalog: CatalogService[] };
  // Where Moorage is registered as the cloud's Magnum, this is the one behind it.
  return requireEndpoint(flatten(catalog), { service: 'container-infra', interface: 'public', region: regionName }).replace(/\/v1$/, '');
}

async function newestTemplate(ours: Side): Promise<string> {
  const { clustertemplates } = JSON.parse((await must(ours, 'GET', '/v1/clustertemplates')).body) as { clustertemplates: { uuid: string; name: string; public: boolean }[] };
  const managed = clustertemplates.filter((template) => template.public);
  if (!managed[0]) throw new Error('Moorage offers no template of the second generation.');
  return managed[0].uuid;
}

/** By which the table has it: the second generation's own. */
async function idOf(ours: Side, uuid: string): Promise<string> {
  const { clusters } = JSON.parse((await must(ours, 'GET', '/v2/clusters')).body) as { clusters: { id: string; uuid: string }[] };
  return clusters.find((cluster) => cluster.uuid === uuid)!.id;
}

async function run(title: string, sizes: readonly number[], env: Record<string, string>): Promise<boolean> {
  const dataDir = mkdtempSync(join(tmpdir(), 'moorage-bench-api-'));
  const reads = join(dataDir, 'reads');
  const running = await startRunning({
    on: cloudName(values.cloud), scale: 20, dataDir, hurry: 1, log: (line) => appendFileSync(join(dataDir, 'log'), `${line}\n`),
    env: {
      ...env, COUNT_READS: reads, REQUESTS_PER_MINUTE: '1000000', CLUSTERS_PER_PROJECT: '2000',
      NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'count-reads.ts')} --disable-warning=ExperimentalWarning`,
    },
  });
  let bench: Bench | undefined;
  try {
    bench = await prepare(running, reads);
    const rows: Row[] = [];
    for (const clusters of sizes) rows.push(...await listAndShow(bench, clusters));
    const page = await readsOfAPage(bench);
    if (Number(values.creates) > 0) for (const clusters of sizes) rows.push(await create(bench, clusters));
    const isGood = tell(title, rows);
    console.log(`a page of 1,000 clusters takes of the tables: ${page}`);
    return isGood;
  } finally {
    removeMagnumClusters();
    if (bench) await ask(bench.magnum, 'DELETE', `/v1/clustertemplates/${bench.magnum.templateId}`);
    await bench?.leave();
    bench?.copies.close();
    await running.stop();
  }
}

readCloud(cloudName(values.cloud));
console.log('Moorage is measured as it runs here: functions that are warm, behind serverless-offline, on tables that lie on this disk. '
  + 'Its HTTP server costs some milliseconds more than a bare one; API Gateway and DynamoDB cost others, which are not in these figures. '
  + 'Magnum is behind uwsgi, its database on this disk. Clusters that only stand in tables are as many on both sides.');
const sizes = values.clusters.split(',').map(Number);
const alone = await run('Second generation, no Magnum behind it', sizes, { MAGNUM_SERVICE_TYPES: 'none' });
// What Magnum takes for its own clusters, which takes long, has been seen.
const both = await run('Both generations: Moorage asks the same Magnum, which has no clusters of that project', sizes.filter((clusters) => clusters < 1_000), {});
console.log(`\nbench:api: ${alone ? 'ok, at most half of Magnum\'s time at p50' : 'more than half of Magnum\'s time at p50 somewhere'}`
  + `${both ? '' : '; with Magnum behind it, what asks Magnum cannot be faster than Magnum'}`);
process.exitCode = alone ? 0 : 1;
