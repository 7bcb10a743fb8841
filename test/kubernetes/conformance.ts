/**
 * `npm run conformance -- --cloud local|lab | --kubeconfig FILE`: Kubernetes' own conformance tests, against a cluster of two nodes that
 * is made for them and deleted afterwards, or against the one of the file. Prints each test as it ends, then what failed and why.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runConformance, suiteProgram } from './conformance-suite.ts';
import { summary } from './conformance-report.ts';

const usage = 'npm run conformance -- --cloud local|lab | --kubeconfig FILE [--areas sig-node,sig-network] [--focus REGEX] [--minutes N] [--parallel N]';
const { values } = parseArgs({ options: {
  cloud: { type: 'string' }, kubeconfig: { type: 'string' }, areas: { type: 'string', default: '' }, focus: { type: 'string', default: '' },
  minutes: { type: 'string', default: '60' }, parallel: { type: 'string', default: '8' }, help: { type: 'boolean', default: false },
} });
if (values.help || !values.kubeconfig === !values.cloud) {
  console.log(usage);
  process.exit(values.help ? 0 : 64);
}
if (!existsSync(suiteProgram)) {
  console.log(`${suiteProgram} is not there: npm run kube:build makes it.`);
  process.exit(69);
}

const areas = values.areas ? `\\[(${values.areas.split(',').join('|')})\\].*` : '';
const against = async (kubeconfig: string): Promise<number> => {
  const { results, all, log } = await runConformance({
    kubeconfig, focus: new RegExp(`${areas}${values.focus}`), minutes: Number(values.minutes), parallel: Number(values.parallel),
  }, (line) => console.log(line));
  for (const line of summary(results, all)) console.log(line);
  console.log(`log: ${log}`);
  return results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
};

async function withCluster(cloud: string): Promise<number> {
  process.env.KUBERNETES_TEST = JSON.stringify({ cloud, masters: 1, workers: 2 });
  const { openWorld } = await import('./world.ts');
  const world = await openWorld();
  try {
    return await against(world.kubeconfigFile);
  } finally {
    await world.remove();
    await world.stop();
  }
}

process.exit(values.kubeconfig ? await against(resolve(values.kubeconfig)) : await withCluster(values.cloud!));
