/** `npm run register -- --cloud local|lab|env --url URL [--remove]`: Moorage in, or out of, Keystone's catalogue. */
import { parseArgs } from 'node:util';
import { openSession } from '../../layers/openstack/session.ts';
import { createTransport } from '../../layers/openstack/transport.ts';
import { cloudName, readCloud, scopeOf } from '../clouds.ts';
import { register, unregister } from './catalogue.ts';

const usage = `npm run register -- --cloud local|lab|env [--url URL] [--magnum-type TYPE] [--remove]
  --url          where Moorage is reached; http://127.0.0.1:9512 on local and lab
  --magnum-type  where the cloud's own Magnum moves to; container-infra-magnum`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    'cloud': { type: 'string', default: 'local' }, 'url': { type: 'string' }, 'help': { type: 'boolean', default: false },
    'magnum-type': { type: 'string', default: 'container-infra-magnum' }, 'remove': { type: 'boolean', default: false },
  } });
  if (values.help) return console.log(usage);
  const { authUrl, regionName, admin, name, env } = readCloud(cloudName(values.cloud));
  if (!admin) throw new Error('Only an administrator changes the catalogue: MOORAGE_ADMIN_CLOUD names an entry of clouds.yaml that is one.');
  const url = values.url ?? (name === 'env' ? undefined : 'http://127.0.0.1:9512');
  if (!url || !URL.canParse(url)) throw new Error(`--url must say where Moorage is reached, without /v1 or /v2.\n${usage}`);
  const { username, password, userDomainName } = admin;
  const session = openSession({
    authUrl, region: regionName, credential: { username, password, userDomainName }, scope: scopeOf(admin),
    ...(env.OS_CA_CERTIFICATE && { http: createTransport({ ca: env.OS_CA_CERTIFICATE }) }),
  });
  let changes = 0;
  const say = (line: string): void => {
    changes += 1;
    console.log(line);
  };
  const place = { url: url.replace(/\/+$/, '').replace(/\/v[12]$/, ''), region: regionName, magnumType: values['magnum-type'] };
  await (values.remove ? unregister : register)(session, place, say);
  console.log(`register: ok, ${changes === 0 ? 'nothing to change' : `${changes} changes`} in region ${regionName}`);
}

main().catch((error: Error) => {
  console.error(`register: ${error.message}`);
  process.exitCode = 1;
});
