/** `npm start`: OpenStack, its machines and Moorage, on one machine, until told to stop; the next start goes on from there. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloudName } from './clouds.ts';
import { kubernetesKind, machinesKind, startRunning } from './running.ts';

const { values } = parseArgs({ options: {
  scale: { type: 'string', default: '20' }, data: { type: 'string', default: '.moorage' },
  cloud: { type: 'string', default: 'local' }, port: { type: 'string', default: '9512' }, 'cloud-port': { type: 'string', default: '5001' },
  kubernetes: { type: 'string', default: 'stand-in' }, machines: { type: 'string', default: 'played' },
} });
mkdirSync(values.data, { recursive: true });
const logFile = join(values.data, 'log');
const running = await startRunning({
  on: cloudName(values.cloud), kubernetes: kubernetesKind(values.kubernetes), machines: machinesKind(values.machines), scale: Number(values.scale), dataDir: values.data, httpPort: Number(values.port), cloudPort: Number(values['cloud-port']),
  log: (line) => appendFileSync(logFile, `${line}\n`),
});
const { authUrl, user } = running.access;
console.log(`Moorage:  ${running.url}/v2   (${running.url}/openapi.json)
Keystone: ${authUrl}
Log:      ${logFile}`);
if (user) {
  console.log(`
An ordinary user:
  export OS_AUTH_URL=${authUrl} OS_USERNAME=${user.username} OS_PASSWORD=${user.password}
  export OS_USER_DOMAIN_NAME=${user.userDomainName} OS_PROJECT_NAME=${user.projectName} OS_PROJECT_DOMAIN_NAME=${user.projectDomainName}`);
}
console.log('Ctrl-C stops everything; the next start goes on from there.');
let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stopping ??= running.stop(); });
await running.ended;
if (stopping) {
  await stopping;
  process.exit(0);
}
console.error(`The functions have ended. ${logFile} says why.`);
process.exit(1);
