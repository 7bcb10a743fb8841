/**
 * `npm run test:kubernetes`: a cluster of Kubernetes' own programs, made over the API and tried from outside and inside: its three masters,
 * of which one is taken away and given back, and then another, its nodes, and Kubernetes' own conformance tests of nodes. Needs root and
 * what `npm run kube:build` makes, and the lab (`npm run lab:up`) unless `--cloud local` is said. The last line says how it went.
 * `--masters 1` is a smaller cluster, `--version v1.33.5` one of another Kubernetes than the newest. `--conformance 60 --focus .` runs all
 * conformance tests, for an hour at most; with `--conformance 0` there are none.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { Counting } from '../counting.ts';
import { suiteProgram } from './conformance-suite.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  cloud: { type: 'string', default: 'lab' }, masters: { type: 'string', default: '3' }, workers: { type: 'string', default: '2' },
  version: { type: 'string' }, conformance: { type: 'string', default: '20' }, focus: { type: 'string', default: 'NodeConformance' },
} });
if (Number(values.conformance) > 0 && !existsSync(suiteProgram)) {
  console.log(`${suiteProgram} is not there: npm run kube:build makes it, and --conformance 0 does without.`);
  process.exit(69);
}
process.env.KUBERNETES_TEST = JSON.stringify({
  cloud: values.cloud, masters: Number(values.masters), workers: Number(values.workers), version: values.version,
  conformance: { minutes: Number(values.conformance), focus: values.focus },
});

const counting = new Counting();
// A machine with two cores carries all of it: limits are for what hangs.
const vitest = await startVitest('test', positionals, {
  root: resolve(import.meta.dirname, '../..'), watch: false, run: true, reporters: ['verbose', counting], bail: 0,
  include: ['test/kubernetes/cluster.test.ts'], exclude: [], fileParallelism: false, testTimeout: 600_000, hookTimeout: 1_800_000,
});
await vitest.close();
process.exitCode = counting.failed > 0 || counting.passed === 0 ? 1 : 0;
process.once('exit', () => process.stdout.write(`${counting.passed} passed, ${counting.failed} failed\n`));
