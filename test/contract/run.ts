/**
 * `npm run test:contract -- --cloud local|lab|env`: every OpenStack behaviour that Moorage relies on, tried on the cloud that
 * is named. Further arguments choose tests, by part of their path. Ends with what is left on the cloud, and how it went.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { cloudName } from '../../local/clouds.ts';
import { Counting } from '../counting.ts';

const { values, positionals } = parseArgs({ options: { cloud: { type: 'string', default: 'local' } }, allowPositionals: true });
const name = cloudName(values.cloud);
process.env.MOORAGE_CONTRACT_CLOUD = name;

const root = resolve(import.meta.dirname, '../..');
const counting = new Counting();
const vitest = await startVitest('test', positionals.map((part) => (part.startsWith('test/') ? part : `test/contract/${part}`)), {
  root, watch: false, run: true, include: ['test/contract/**/*.test.ts'], reporters: ['default', counting],
  // Tests on a cloud wait for it most of the time.
  ...(name !== 'local' && { maxWorkers: 4, testTimeout: 900_000, hookTimeout: 1_200_000 }),
});
await vitest.close();

const left = name === 'local' ? [] : await (await import('./left-behind.ts')).listLeftBehind(name);
for (const line of left) console.log(`left behind: ${line}`);
const failed = counting.failed + left.length;
process.exitCode = failed > 0 ? 1 : 0;
// After whatever the tests leave to be written.
process.once('exit', () => process.stdout.write(`contract on ${name}: ${left.length} left behind\n${counting.passed} passed, ${failed} failed\n`));
