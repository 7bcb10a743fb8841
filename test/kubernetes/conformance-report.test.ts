import { expect, it } from 'vitest';
import { focusOn, readNames, readReport, sharesOf, summary } from './conformance-report.ts';

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" disabled="1" errors="0" failures="1" time="12.5">
  <testsuite name="Kubernetes e2e suite" tests="4">
    <testcase name="[SynchronizedBeforeSuite]" classname="Kubernetes e2e suite" status="passed" time="0.1"></testcase>
    <testcase name="[It] [sig-node] Pods should &#39;exec&#39; &amp; log [NodeConformance] [Conformance]" classname="x" status="passed" time="2.5">
      <system-err>&lt;failure message=&#34;not one&#34;&gt;</system-err>
    </testcase>
    <testcase name="[It] [sig-network] DNS should resolve [Conformance]" classname="x" status="failed" time="9.9">
      <failure message="[FAILED] timed out&#xA;waiting for &#34;dns&#34;" type="failed">the rest</failure>
    </testcase>
    <testcase name="[It] [sig-apps] Job should run [Conformance]" classname="x" status="skipped" time="0"><skipped message="skipped"></skipped></testcase>
  </testsuite>
</testsuites>`;

it('reads tests, not what is around them, with their outcome and the words of a failure', () => {
  expect(readReport(report)).toEqual([
    { name: "[sig-node] Pods should 'exec' & log [NodeConformance] [Conformance]", outcome: 'passed', reason: '', seconds: 2.5 },
    { name: '[sig-network] DNS should resolve [Conformance]', outcome: 'failed', reason: '[FAILED] timed out waiting for "dns"', seconds: 9.9 },
    { name: '[sig-apps] Job should run [Conformance]', outcome: 'not run', reason: '', seconds: 0 },
  ]);
});

it('counts what failed before the first test: nothing that ran on it can be trusted', () => {
  const results = readReport(report.replace('[SynchronizedBeforeSuite]" classname="Kubernetes e2e suite" status="passed"', '[SynchronizedBeforeSuite]" classname="Kubernetes e2e suite" status="failed"'));
  expect(results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)).toContain('[SynchronizedBeforeSuite]');
});

it('sums up with the reason of each failure, and counts what was not run of the whole suite', () => {
  expect(summary(readReport(report), 400)).toEqual([
    'FAILED [sig-network] DNS should resolve [Conformance]\n       [FAILED] timed out waiting for "dns"',
    'conformance: 1 passed, 1 failed, 398 not run, of 400 tests',
  ]);
});

it('deals out the tests of the list, and keeps apart those that disturb others', () => {
  const names = readNames([
    'The tests:', '    e2e/node.go:7: [sig-node] Pods should run [Conformance]', '    e2e/node.go:9: [sig-node] Pods should run slowly',
    '    e2e/dns.go:3: [sig-network] DNS (all of it) should resolve [Conformance]', '    e2e/x.go:1: [sig-apps] Daemon set should run [Serial] [Conformance]',
    '    e2e/job.go:2: [sig-apps] Job should run [Conformance]',
  ].join('\n'));
  const [pods, dns, daemon, job] = names;
  expect(names).toHaveLength(4);
  expect(sharesOf(names, 2)).toEqual({ sideBySide: [[pods, job], [dns]], alone: [daemon] });
  expect(sharesOf(names, 8).sideBySide).toEqual([[pods], [dns], [job]]);
  for (const name of names) expect(name).toMatch(new RegExp(`^(?:${focusOn([name])})$`));
  expect('[sig-network] DNS all of it should resolve [Conformance]').not.toMatch(new RegExp(focusOn([dns!])));
});
