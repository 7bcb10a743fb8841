/** `npm run doctor -- --cloud local|lab|env`: whether a cloud has what Moorage needs, and for each thing it lacks what to type. */
import { parseArgs } from 'node:util';
import { cloudName, localCloud, readCloud, type CloudAccess } from '../clouds.ts';
import { startCloud } from '../openstack/cloud.ts';
import { examine, type Verdict } from './examine.ts';

const { values } = parseArgs({ options: { cloud: { type: 'string', default: 'local' } } });
const marks = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' } as const;

function print({ title, kind, detail, type }: Verdict): void {
  console.log(`${marks[kind]} ${title}: ${detail}`);
  for (const line of type) console.log(`          ${line}`);
}

async function diagnose(cloud: CloudAccess): Promise<number> {
  console.log(`${cloud.authUrl}, as ${cloud.platform.username} of domain ${cloud.platform.userDomainName}`);
  const verdicts = await examine(cloud, print);
  const lacking = verdicts.filter(({ kind }) => kind === 'missing').length;
  console.log(lacking === 0 ? `doctor: ok, ${verdicts.length} checks` : `doctor: ${lacking} of ${verdicts.length} missing`);
  return lacking === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const name = cloudName(values.cloud);
  if (name !== 'local') return diagnose(readCloud(name));
  const standIn = await startCloud({ scale: 20 });
  try {
    return await diagnose(localCloud(standIn));
  } finally {
    await standIn.close();
  }
}

main().then((code) => { process.exitCode = code; }, (error: Error) => {
  console.error(`doctor: ${error.message}`);
  process.exitCode = 2;
});
