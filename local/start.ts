/** `npm start`: OpenStack, its machines and Moorage, on one machine, until told to stop; the next start goes on from there. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbedded } from './embedded.ts';

const { values } = parseArgs({ options: {
  scale: { type: 'string', default: '20' }, data: { type: 'string', default: '.moorage' },
  port: { type: 'string', default: '9511' }, 'cloud-port': { type: 'string', default: '5001' },
} });
mkdirSync(values.data, { recursive: true });
const logFile = join(values.data, 'log');
const embedded = await startEmbedded({
  scale: Number(values.scale), dataDir: values.data, httpPort: Number(values.port), cloudPort: Number(values['cloud-port']),
  log: (line) => appendFileSync(logFile, `${line}\n`),
});
const { username, password, userDomainName, projectName } = embedded.cloud.credentials.demo;
console.log(`Moorage:  ${embedded.url}/v2   (${embedded.url}/openapi.json)
Keystone: ${embedded.cloud.authUrl}
Log:      ${logFile}

An ordinary user:
  export OS_AUTH_URL=${embedded.cloud.authUrl} OS_USERNAME=${username} OS_PASSWORD=${password}
  export OS_USER_DOMAIN_NAME=${userDomainName} OS_PROJECT_NAME=${projectName} OS_PROJECT_DOMAIN_NAME=${userDomainName}
Ctrl-C stops everything; the next start goes on from there.`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void embedded.stop().then(() => process.exit(0)));
await embedded.ended;
console.error(`The functions have ended. ${logFile} says why.`);
process.exit(1);
