/** Kubernetes' own conformance tests among ours, where they are asked for. */
import { expect, test } from 'vitest';
import { kubernetesVersions } from '../../local/kube-build/go-modules.ts';
import { summary } from './conformance-report.ts';
import { runConformance } from './conformance-suite.ts';
import { options, type World } from './world.ts';

export function conformanceTests(world: () => World): void {
  const { minutes, focus } = options.conformance ?? { minutes: 0, focus: '' };
  // The suite is of the newest Kubernetes, and asks for what older ones have not.
  const isOfSuite = options.version === undefined || options.version === kubernetesVersions[0];
  test.runIf(minutes > 0 && isOfSuite)(`the tests that match /${focus}/ pass`, { timeout: (minutes + 5) * 60_000 }, async () => {
    const { results, all } = await runConformance({ kubeconfig: world().kubeconfigFile, focus: new RegExp(focus), minutes, parallel: 8 }, (line) => console.log(line));
    for (const line of summary(results, all)) console.log(line);
    expect(results.filter(({ outcome }) => outcome === 'failed').map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(0);
  });
}
