/**
 * `npm run test:clients -- --cloud lab`: Moorage in place of the cloud's Magnum, used by the clients of Magnum as they are:
 * `openstack coe` for clusters of both generations, and kubectl with the kubeconfig that it writes. The cloud's catalogue is
 * put back at the end. `--only first` and `--only second` choose. The last line says how it went.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSession } from '../../layers/openstack/session.ts';
import { cloudName, scopeOf, type Login } from '../../local/clouds.ts';
import { logIn, type Person } from '../../local/demo/user.ts';
import { register, unregister } from '../../local/register/catalogue.ts';
import { startRunning } from '../../local/running.ts';
import { newChecks } from '../checks.ts';
import { openStack } from './command.ts';
import { firstGeneration } from './first-generation.ts';
import { secondGeneration } from './second-generation.ts';
import { wholeService } from './service.ts';

const { values } = parseArgs({ options: { cloud: { type: 'string', default: 'lab' }, keep: { type: 'boolean', default: false }, only: { type: 'string' } } });
const dataDir = mkdtempSync(join(tmpdir(), 'moorage-clients-'));
const home = join(dataDir, 'home');
mkdirSync(home);
const log = (line: string): void => appendFileSync(join(dataDir, 'log'), `${line}\n`);

const running = await startRunning({ on: cloudName(values.cloud), scale: 20, dataDir, log });
const { access: { authUrl, regionName, admin, user }, url } = running;
const login = ({ username, password, userDomainName }: Login) => ({ username, password, userDomainName });
const session = openSession({ authUrl, region: regionName, credential: login(admin!), scope: scopeOf(admin!) });
const place = { url, region: regionName, magnumType: 'container-infra-magnum' };
const checks = newChecks();
const putBack = async (): Promise<void> => {
  await unregister(session, place, () => undefined);
  await running.stop();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void putBack().finally(() => process.exit(1)));
try {
  await register(session, place, () => undefined);
  const person = await logIn(authUrl, user as Person);
  const clients = {
    checks, home, url, token: () => person.token(), projectId: person.projectId,
    demo: openStack(authUrl, regionName, user!, home), other: openStack(authUrl, regionName, user!, home), admin: openStack(authUrl, regionName, admin!, home),
  };
  await wholeService(clients);
  // Both wait for their clouds most of the time.
  await Promise.all([
    values.only !== 'second' && firstGeneration({ ...clients, demo: clients.other }),
    values.only !== 'first' && secondGeneration(clients),
  ]);
  await clients.admin.say('coe', 'quotas', 'delete', '--project-id', person.projectId, '--resource', 'Cluster');
  for (const client of [clients.demo, clients.other, clients.admin]) client.end();
} finally {
  await putBack();
}
checks.end();
if (process.exitCode || values.keep) console.log(`The log is kept: ${join(dataDir, 'log')}`);
else rmSync(dataDir, { recursive: true, force: true });
process.exit();
