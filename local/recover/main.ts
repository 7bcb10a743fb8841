/**
 * `npm run recover -- --cloud env`: what differs between tables and cloud, and what would be done about it; `--apply` does it.
 * `--lost`: without tables, the clusters that the cloud has.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloudName, localCloud, readCloud, type CloudAccess, type CloudName } from '../clouds.ts';
import { startTable } from '../lambda/table.ts';
import { startCloud } from '../openstack/cloud.ts';

const usage = `npm run recover -- --cloud local|lab|env [--apply] [--lost] [--data DIR]
  --cloud  local: what npm start keeps, while it is stopped; env: the tables in AWS, TABLE_PREFIX=moorage-<stage>-
  --apply  do what it says; without it nothing is changed
  --lost   the table is lost: list the clusters that the cloud has, by their marks
  --data   of npm start, for local and lab; .moorage`;

const { values } = parseArgs({ options: {
  cloud: { type: 'string', default: 'local' }, data: { type: 'string', default: '.moorage' },
  apply: { type: 'boolean', default: false }, lost: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} });

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const name = cloudName(values.cloud);
  const standIn = name === 'local' ? await startCloud({ scale: 20, statePath: join(values.data, 'cloud') }) : undefined;
  try {
    await run(standIn ? localCloud(standIn) : readCloud(name), name);
  } finally {
    await standIn?.close();
  }
}

async function run(cloud: CloudAccess, name: CloudName): Promise<void> {
  // The store reads where its tables are when it is imported.
  if (values.lost) {
    const { tellFound } = await import('./recover.ts');
    return console.log(`recover: ${await tellFound(cloud, console.log)} clusters found by their marks; nothing was changed`);
  }
  const tables = await openTables(name);
  try {
    const { recover } = await import('./recover.ts');
    const { scanClusters } = await import('./tables.ts');
    const rows = await scanClusters();
    if (!rows) throw new Error('There is no table of clusters. `--lost` lists the clusters that the cloud has; "Restore the tables" in docs/operate.md is the way back.');
    const { differences, machines, begun } = await recover(cloud, rows, { apply: values.apply, now: Date.now() }, console.log);
    const done = values.apply ? `${begun} operations begun` : 'dry run, nothing was changed';
    console.log(`recover: ${rows.length} rows, ${differences.length + machines} differences; ${done}`);
  } finally {
    await tables?.close();
  }
}

/** Those of a working copy are read where they lie; whoever has them open is asked to stop first. */
async function openTables(name: CloudName): Promise<{ close(): Promise<void> } | undefined> {
  if (name === 'env' || process.env.DYNAMODB_ENDPOINT) return undefined;
  const path = join(values.data, 'functions', 'tables');
  if (!existsSync(path)) throw new Error(`There are no tables in ${path}: --data names the directory of npm start.`);
  const table = await startTable(path, () => undefined);
  Object.assign(process.env, { DYNAMODB_ENDPOINT: table.endpoint, TABLE_PREFIX: 'moorage-local-' });
  return table;
}

main().catch((error: Error) => {
  console.error(`recover: ${error.message}`);
  process.exitCode = 1;
});
