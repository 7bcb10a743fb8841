/**
 * `npm run test:lab`: what can only be shown on a real OpenStack, one file after the other. Needs the lab: `npm run lab:up`.
 * Arguments choose files, by part of their name, and `-t` tests, by part of theirs. The last line says how it went.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { Counting } from '../counting.ts';

const counting = new Counting();
const { values: { test }, positionals: chosen } = parseArgs({ allowPositionals: true, options: { test: { type: 'string', short: 't' } } });
// One at a time: each counts what is left in the whole cloud. Slow machines are slow in everything: limits are for what hangs.
const vitest = await startVitest('test', chosen, {
  root: resolve(import.meta.dirname, '../..'), watch: false, run: true, reporters: ['verbose', counting],
  ...(test && { testNamePattern: test }), include: ['test/lab/**/*.test.ts'], exclude: [], fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000,
});
await vitest.close();
process.exitCode = counting.failed > 0 || counting.passed === 0 ? 1 : 0;
process.once('exit', () => process.stdout.write(`${counting.passed} passed, ${counting.failed} failed\n`));
