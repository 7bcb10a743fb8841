/**
 * `npm run conformance -- --kubeconfig FILE`: Kubernetes' own conformance tests against a cluster. Prints each test as it
 * ends, then what failed and why. They run one after another, as they must not disturb one another on few nodes.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { programPath } from '../../local/kube-build/go-build.ts';
import { endToEnd, kubernetesVersions } from '../../local/kube-build/go-modules.ts';
import { runProgram } from '../../local/kube-build/run-program.ts';
import { readReport, summary } from './conformance-report.ts';

const newest = kubernetesVersions[0]!;
const suite = programPath(endToEnd(newest).name, 'e2e.test');
const kubectl = programPath(`kubernetes-${newest}`, 'kubectl');

/** Tests that need an image which is not made here. */
const unmade: { pattern: string; reason: string }[] = [
  { pattern: 'Sample API Server', reason: 'its image is a whole API server of another version' },
  { pattern: 'Update Demo', reason: 'its images are pictures of a cat and a nautilus' },
];

const { values } = parseArgs({ options: {
  kubeconfig: { type: 'string' }, areas: { type: 'string', default: '' }, focus: { type: 'string', default: '' },
  minutes: { type: 'string', default: '60' }, help: { type: 'boolean', default: false },
} });
if (values.help || !values.kubeconfig) {
  console.log('npm run conformance -- --kubeconfig FILE [--areas sig-node,sig-network] [--focus REGEX] [--minutes N]');
  process.exit(values.help ? 0 : 64);
}
if (!existsSync(suite)) {
  console.log(`${suite} is not there: npm run kube:build makes it.`);
  process.exit(69);
}

const areas = values.areas ? `\\[(${values.areas.split(',').join('|')})\\].*` : '';
const focus = `${areas}${values.focus}.*\\[Conformance\\]`;
const skip = unmade.map(({ pattern }) => pattern).join('|');
const reports = mkdtempSync(join(tmpdir(), 'moorage-conformance-'));
const all = (await runProgram(suite, ['--list-tests'])).split('\n').filter((line) => line.includes('[Conformance]')).length;
console.log(`Kubernetes ${newest}: ${all} conformance tests; those that match ${focus}, for at most ${values.minutes} minutes`);
for (const { pattern, reason } of unmade) console.log(`left out: ${pattern} (${reason})`);

const code = await runSuite();
const report = join(reports, 'junit_01.xml');
if (!existsSync(report)) {
  console.log(`The suite ended with ${code} and without a report: ${join(reports, 'log')}`);
  process.exit(1);
}
const results = readReport(readFileSync(report, 'utf8'));
for (const line of summary(results, all)) console.log(line);
console.log(`log: ${join(reports, 'log')}`);
process.exitCode = results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;

/** Runs it to its end and says how each test went, by the suite's log: a line of how, and one of which. */
async function runSuite(): Promise<number | null> {
  const child = spawn(suite, [
    `--kubeconfig=${resolve(values.kubeconfig!)}`, `--kubectl-path=${kubectl}`, '--provider=skeleton', `--report-dir=${reports}`,
    `--ginkgo.focus=${focus}`, `--ginkgo.skip=${skip}`, `--ginkgo.timeout=${values.minutes}m`, '--ginkgo.no-color', '--ginkgo.v',
    '--disable-log-dump', '--dump-logs-on-failure=false', '--gather-metrics-at-teardown=false',
  ], { stdio: ['ignore', 'pipe', 'inherit'] });
  let how = '';
  for await (const line of createInterface({ input: child.stdout })) {
    writeFileSync(join(reports, 'log'), `${line}\n`, { flag: 'a' });
    const [, ended] = /^• (?:\[(.*)\]|$)/.exec(line) ?? [];
    if (how && line.startsWith('[sig-')) {
      console.log(`${how.padEnd(24)} ${line.slice(0, 150)}`);
      how = '';
    } else if (ended !== undefined) how = ended;
  }
  return child.exitCode;
}
