/** One project's storm and another's single cluster, on a cloud that takes few calls a second. */
import { expect, test } from 'vitest';
import { storm, type Told } from '../bench/storm/storm.ts';
import { bundleWorld, type Edit } from './bundle.ts';
import { compile } from './realm.ts';

const services = ['keystone', 'nova', 'neutron', 'cinder', 'octavia'];
const rates = Object.fromEntries(services.map((service) => [service, 12]));
const env = { CLOUD_CALLS_AT_ONCE: '100', CLOUD_CALLS_PER_SECOND: '10' };
const quiet = { name: 'quiet-1', clusters: 1 };
const noisy = { name: 'noisy-0', clusters: 30 };

const withoutShare: Edit = { file: 'layers/lifecycle/cloud-gate.ts', from: 'if (projectId === undefined) return false;', to: 'if (projectId !== 0 as never) return false;' };

/** Until the project's cluster runs, or half of them do; milliseconds. */
const took = ({ customers }: Told, name: string): number => {
  const all = customers.find((customer) => customer.name === name)!.clusters.map(({ askedAt, runningAt }) => runningAt! - askedAt).toSorted((a, b) => a - b);
  return all[all.length >> 1]!;
};

test('thirty clusters of one project hold up another project\'s single one by little, and only by its share of the cloud', async () => {
  const program = compile(await bundleWorld());
  const alone = took(await storm(program, { projects: [quiet], rates, env }), quiet.name);
  const both = await storm(program, { projects: [noisy, quiet], rates, env });
  expect(both.left).toEqual([]);
  // A storm it is: the noisy ones wait for one another.
  expect(took(both, noisy.name) / alone).toBeGreaterThan(1.5);
  expect(took(both, quiet.name) / alone).toBeLessThan(1.35);
  // The cloud rarely has to say that it is too much: what users ask for themselves comes on top of what Moorage keeps to.
  expect(both.refused).toBeLessThan(both.create.cloudCalls.total / 20);

  const without = await storm(compile(await bundleWorld([withoutShare])), { projects: [noisy, quiet], rates, env });
  expect(took(without, quiet.name) / alone).toBeGreaterThan(1.35);
}, 600_000);

test('a cloud that says by itself that it is too much is asked less, and everything comes to its end', async () => {
  const told = await storm(compile(await bundleWorld()), { projects: [{ name: 'noisy-0', clusters: 15 }, quiet], rates, env: { CLOUD_CALLS_AT_ONCE: '100' } });
  expect(told.left).toEqual([]);
  expect(told.refused).toBeGreaterThan(0);
  expect(told.refused).toBeLessThan(told.create.cloudCalls.total / 5);
}, 600_000);
