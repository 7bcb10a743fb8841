/** Kubernetes' own conformance suite, run against a cluster as its user. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { programPath } from '../../local/kube-build/go-build.ts';
import { endToEnd, kubernetesVersions } from '../../local/kube-build/go-modules.ts';
import { runProgram } from '../../local/kube-build/run-program.ts';
import { focusOn, readNames, sharesOf, type TestResult, readReport } from './conformance-report.ts';

const newest = kubernetesVersions[0]!;
/** Where `npm run kube:build` puts it. */
export const suiteProgram = programPath(endToEnd(newest).name, 'e2e.test');
const kubectl = programPath(`kubernetes-${newest}`, 'kubectl');

/** Tests that need an image which is not made here: there is no registry. */
const unmade: readonly { pattern: RegExp; reason: string }[] = [
  { pattern: /Sample API Server/, reason: 'its image is a whole API server of another version' },
  { pattern: /should not allow privilege escalation when false/, reason: 'its image holds a program with the setuid bit' },
];

const sharesPerProcess = 4;

export interface Run { kubeconfig: string; focus: RegExp; minutes: number; /** How many run at the same time. */ parallel: number }
export interface Outcome { results: TestResult[]; /** How many conformance tests the suite has. */ all: number; log: string }

/**
 * Runs those of the conformance tests that match: side by side, each in a namespace of its own, and then those that must be alone, one
 * after another. `tell` gets a line as each ends. Throws when the suite leaves no report.
 */
export async function runConformance({ kubeconfig, focus, minutes, parallel }: Run, tell: (line: string) => void): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'moorage-conformance-'));
  const all = readNames(await runProgram(suiteProgram, ['--list-tests']));
  const wanted = all.filter((name) => focus.test(name) && !unmade.some(({ pattern }) => pattern.test(name)));
  tell(`Kubernetes ${newest}: ${all.length} conformance tests, of which ${wanted.length} are run, for at most ${minutes} minutes, ${parallel} at a time; log: ${folder}`);
  for (const { pattern, reason } of unmade) tell(`left out: ${pattern.source} (${reason})`);
  const endsAt = performance.now() + minutes * 60_000;
  // Smaller shares than processes: who is through early takes another. Each costs a start of the suite, a few seconds.
  const { sideBySide, alone } = sharesOf(wanted, parallel * sharesPerProcess);
  const run = async (names: readonly string[], index: number): Promise<TestResult[]> => {
    const seconds = Math.round((endsAt - performance.now()) / 1_000);
    if (seconds > 0) return runShare({ kubeconfig, names, folder: join(folder, String(index)), seconds }, tell);
    return names.map((name) => ({ name, outcome: 'failed', reason: `no time was left for it within ${minutes} minutes`, seconds: 0 }));
  };
  const results: TestResult[] = [];
  const left = [...sideBySide.entries()];
  await Promise.all(Array.from({ length: parallel }, async () => {
    for (let next = left.shift(); next; next = left.shift()) results.push(...await run(next[1], next[0]));
  }));
  if (alone.length > 0) results.push(...await run(alone, sideBySide.length));
  return { results, all: all.length, log: folder };
}

interface Share { kubeconfig: string; names: readonly string[]; folder: string; seconds: number }

async function runShare({ kubeconfig, names, folder, seconds }: Share, tell: (line: string) => void): Promise<TestResult[]> {
  const [report, log] = [join(folder, 'junit_01.xml'), `${folder}.log`];
  const code = await follow([
    `--kubeconfig=${kubeconfig}`, `--kubectl-path=${kubectl}`, '--provider=skeleton', `--report-dir=${folder}`,
    `--ginkgo.focus=${focusOn(names)}`, `--ginkgo.timeout=${seconds}s`, '--ginkgo.no-color', '--ginkgo.v',
    '--disable-log-dump', '--dump-logs-on-failure=false', '--gather-metrics-at-teardown=false',
  ], log, tell);
  if (!existsSync(report)) throw new Error(`The suite ended with ${code} and without a report: ${log}`);
  return readReport(readFileSync(report, 'utf8'));
}

/** To its end; says how each test went, by the suite's log: a line of how, and one of which. */
async function follow(args: readonly string[], log: string, tell: (line: string) => void): Promise<number | null> {
  const child = spawn(suiteProgram, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let how = '';
  for await (const line of createInterface({ input: child.stdout })) {
    writeFileSync(log, `${line}\n`, { flag: 'a' });
    const [, ended] = /^• (?:\[(.*)\]|$)/.exec(line) ?? [];
    if (how && line.startsWith('[sig-')) {
      tell(`${how.padEnd(24)} ${line.slice(0, 150)}`);
      how = '';
    } else if (ended !== undefined) how = ended;
  }
  return child.exitCode;
}
