/**
 * `npm test`: types, lint, the packaged CloudFormation and its linters, then every test. Arguments choose tests, by part
 * of their path, and leave out the rest. Ends with the one line that says how it went.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { startVitest } from 'vitest/node';
import { Counting } from './counting.ts';

const root = resolve(import.meta.dirname, '..');
const template = '.serverless/cloudformation-template-update-stack.json';
const chosen = process.argv.slice(2);
let passed = 0;
let failed = 0;

if (chosen.length === 0) {
  await verify('types', 'tsc', ['-p', '.']);
  await verify('lint', 'oxlint', ['--type-aware', '--quiet']);
  if (await verify('package', 'serverless', ['package'])) {
    await verify('template', 'node', ['test/deploy/lint.ts', template]);
    if (onPath('cfn-lint')) await verify('cfn-lint', 'cfn-lint', ['--ignore-checks', 'W3005', '--template', template]);
  }
}

const counting = new Counting();
const vitest = await startVitest('test', chosen, { root, watch: false, run: true, reporters: ['default', counting] });
await vitest.close();
passed += counting.passed;
failed += counting.failed;
process.exitCode = failed > 0 ? 1 : 0;
// After whatever the tests leave to be written.
process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));

/** Runs a check; what it says is shown when it fails. */
async function verify(name: string, command: string, args: string[]): Promise<boolean> {
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, BUNDLE: 'shared' }, shell: process.platform === 'win32' });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(child, 'close') as [number | null];
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  if (code === 0) passed++; else failed++;
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) process.stdout.write(Buffer.concat(said));
  return code === 0;
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
