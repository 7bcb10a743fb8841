/** Kubernetes' own conformance tests among ours, where they are asked for. */
import { expect, test } from 'vitest';
import { summary } from './conformance-report.ts';
import { runConformance } from './conformance-suite.ts';
import { options, type World } from './world.ts';

export function conformanceTests(world: () => World): void {
  const { minutes, focus } = options.conformance ?? { minutes: 0, focus: '' };
  test.runIf(minutes > 0)(`the tests that match /${focus}/ pass`, { timeout: (minutes + 5) * 60_000 }, async () => {
    const { results, all } = await runConformance({ kubeconfig: world().kubeconfigFile, focus: new RegExp(focus), minutes, parallel: 4 }, (line) => console.log(line));
    for (const line of summary(results, all)) console.log(line);
    expect(results.filter(({ outcome }) => outcome === 'failed').map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(0);
  });
}
