/**
 * `npm run test:conformance -- --cloud lab`: the same requests to the cloud's Magnum and to Moorage, for a cluster of the
 * first generation there and of the second here. Status, headers and shape of the body must be the same, but for what
 * differences.json names with a reason. The last line says how it went.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloudName } from '../../local/clouds.ts';
import { logIn, type Person } from '../../local/demo/user.ts';
import { startRunning } from '../../local/running.ts';
import { newChecks, until } from '../checks.ts';
import { writeRequest } from '../clients/signing.ts';
import { managedTemplate } from '../clients/service.ts';
import { after, before, type Asked } from './requests.ts';
import { differences, type Answer } from './shape.ts';

interface Deliberate { requests: string[]; differences: string[]; reason: string }
interface Side { url: string; names: Record<string, string> }

const { values } = parseArgs({ options: { cloud: { type: 'string', default: 'lab' }, magnum: { type: 'string', default: 'http://127.0.0.1:9511' } } });
const deliberate = JSON.parse(readFileSync(new URL('./differences.json', import.meta.url), 'utf8')) as Deliberate[];
const dataDir = mkdtempSync(join(tmpdir(), 'moorage-conformance-'));
const running = await startRunning({ on: cloudName(values.cloud), scale: 20, dataDir, log: (line) => appendFileSync(join(dataDir, 'log'), `${line}\n`) });
const person = await logIn(running.access.authUrl, running.access.user as Person);
const { check, end } = newChecks();
const used = new Set<Deliberate>();
const csr = readFileSync(await writeRequest(dataDir, 'request'), 'utf8');
const key = 'conformance';
const common = { c: 'conformance', k: key, p: person.projectId, r: csr };
const theirs: Side = { url: values.magnum, names: { ...common, t: 'conformance' } };
const ours: Side = { url: running.url, names: { ...common, c: 'conformance-2', t: managedTemplate } };
const minutes = 60_000;

try {
  await prepare();
  for (const asked of before) await compare(asked);
  await Promise.all([theirs, ours].map(ready));
  for (const asked of after) await compare(asked);
  const unused = deliberate.filter((each) => !used.has(each)).map(({ reason }) => reason);
  await check('every deliberate difference is one', async () => {
    if (unused.length > 0) throw new Error(`Not met, take them out of differences.json: ${unused.join('; ')}`);
  });
} finally {
  await Promise.all([theirs, ours].map(gone)).catch((error: Error) => console.log(`Left behind: ${error.message}`));
  // Magnum begins one on a network that does not exist.
  await gone({ ...theirs, names: { ...theirs.names, c: 'x' } }).catch(() => undefined);
  await ask(theirs, { name: '', method: 'DELETE', path: '/v1/clustertemplates/{t}' });
  await running.stop();
}
end();
if (process.exitCode) console.log(`The log is kept: ${join(dataDir, 'log')}`);
else rmSync(dataDir, { recursive: true, force: true });
process.exit();

/** A template for Magnum, and the key that it insists on. */
async function prepare(): Promise<void> {
  const call = { service: 'compute', method: 'POST', path: { text: '/os-keypairs', template: '/os-keypairs' }, body: { keypair: { name: key } } } as const;
  await person.session.request(call).catch(() => undefined);
  await ask(theirs, { name: '', method: 'POST', path: '/v1/clustertemplates', body: {
    name: 'conformance', coe: 'kubernetes', image_id: 'fedora-coreos-38', external_network_id: 'public', flavor_id: 'm1.small', master_flavor_id: 'm1.small',
    docker_volume_size: 5, labels: { boot_volume_size: '0' },
  } });
}

async function compare(asked: Asked): Promise<void> {
  const [magnum, moorage] = [await ask(theirs, asked), await ask(ours, asked)];
  if (asked.name === 'create') for (const [side, { body }] of [[theirs, magnum], [ours, moorage]] as const) side.names.u = (body as { uuid?: string } | undefined)?.uuid ?? '';
  await check(`${asked.name}: ${asked.method} ${asked.path} (${magnum.status})`, async () => {
    const found = differences(magnum, moorage).filter((difference) => !isDeliberate(asked.name, difference));
    if (found.length > 0) throw new Error(`${found.join('\n')}\nMagnum:  ${shown(magnum)}\nMoorage: ${shown(moorage)}`);
  });
}

const shown = ({ body }: Answer): string => (body === undefined ? 'no body' : JSON.stringify(body).slice(0, 400));

function isDeliberate(request: string, difference: string): boolean {
  const found = deliberate.find((each) => (each.requests.includes('*') || each.requests.includes(request))
    && each.differences.some((pattern) => new RegExp(`^${pattern}$`).test(difference)));
  if (found) used.add(found);
  return found !== undefined;
}

async function ask({ url, names }: Side, { method, path, body, raw, version = 'container-infra 1.10', type = 'application/json', token }: Asked): Promise<Answer> {
  const put = (text: string): string => text.replace(/\{(\w)\}/g, (whole, name: string) => (names[name] === undefined ? whole : JSON.stringify(names[name]).slice(1, -1)));
  const sent = raw ?? (body === undefined ? undefined : put(JSON.stringify(body)));
  const response = await fetch(`${url}${put(path)}`, {
    method, redirect: 'manual', signal: AbortSignal.timeout(120_000), ...(sent !== undefined && { body: sent }),
    headers: {
      'content-type': type, ...(version !== null && { 'openstack-api-version': version }),
      ...(token !== null && { 'x-auth-token': token ?? await person.token() }),
    },
  });
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: text === '' ? undefined : parsed(text) };
}

function parsed(text: string): unknown {
  try { return JSON.parse(text); } catch { return `not JSON: ${text.slice(0, 200)}`; }
}

async function ready(side: Side): Promise<void> {
  await until(`a cluster at ${side.url}`, 15 * minutes, async () => {
    const { body } = await ask(side, { name: '', method: 'GET', path: '/v1/clusters/{c}' });
    const { status, status_reason: why } = body as { status?: string; status_reason?: string };
    if (status?.endsWith('FAILED')) throw new Error(`${side.url}: ${status} ${why}`);
    return { seen: String(status), ...(status === 'CREATE_COMPLETE' && { done: true }) };
  });
}

async function gone(side: Side): Promise<void> {
  await ask(side, { name: '', method: 'DELETE', path: '/v1/clusters/{c}' });
  await until(`no cluster at ${side.url}`, 10 * minutes, async () => {
    const { status } = await ask(side, { name: '', method: 'GET', path: '/v1/clusters/{c}' });
    return { seen: String(status), ...(status === 404 && { done: true }) };
  });
}
