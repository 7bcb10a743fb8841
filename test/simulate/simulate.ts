/** One seed: a world, users, what goes wrong, and what must hold in the end. */
import { createHash } from 'node:crypto';
import { Chance } from './chance.ts';
import { checkForeign, checkGone, checkOnTime, checkRunning, checkSecrets, foreignThings } from './invariants.ts';
import type { Prepared } from './prepared.ts';
import type { Reference } from './reference.ts';
import { ratesOf, troublesUntil, type Rates } from './troubles.ts';
import { askCloud, choose, logIn, scriptOf, Tenant, type Choice, type Script } from './users.ts';
import { World } from './world.ts';

export interface Verdict {
  seed: number;
  broken: string[];
  /** Of everything that happened, in order. */
  fingerprint: string;
  history: string[];
  effects: number;
  deaths: number;
  cloudCalls: number;
  virtualMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Everything has come to its end long before. */
const longestMs = 24 * hourMs;

/** What is given beforehand, and not left to the seed. */
export interface Given {
  rates?: Partial<Rates>;
  /** How long they last. */
  troubleMs?: number;
  /** What every user does. */
  script?: Partial<Script>;
}

/** The same seed, the same verdict and the same history. */
export async function simulate({ program, reference }: Prepared, seed: number, given: Given = {}): Promise<Verdict> {
  const chance = new Chance(seed);
  const rates = { ...ratesOf(chance), ...given.rates };
  const scripts = Array.from({ length: chance.whole(1, 3) }, () => ({ ...scriptOf(chance), ...given.script }));
  const someMs = chance.between(15, 75) * minuteMs;
  const { troubleMs = someMs } = given;
  const start = Date.UTC(2026, 0, 5, 8);
  // Every third of them asks the cloud without a limit of its own, with a narrow one, or as deployed.
  const world = new World(program, seed, troublesUntil(rates, start + troubleMs), { env: { CLOUD_CALLS_AT_ONCE: ['0', '2', '100'][seed % 3]! } });
  let hasEnded = false;
  const story = tell(reference, world, scripts, start + troubleMs)
    .catch((error: unknown) => world.break(`the story ends early: ${error instanceof Error ? error.stack : String(error)}`))
    .finally(() => { hasEnded = true; });
  const how = await world.clock.run(() => hasEnded, start + longestMs);
  if (how === 'ended') await story;
  else world.break(`it does not end: ${world.openOperations()}`);
  checkSecrets(world);
  return {
    seed, broken: world.broken, history: world.history, effects: world.effects.count, deaths: world.effects.deaths,
    cloudCalls: world.wire.calls, virtualMs: world.clock.now() - start,
    fingerprint: createHash('sha256').update(world.history.join('\n')).digest('hex'),
  };
}

async function tell(reference: Reference, world: World, scripts: ReturnType<typeof scriptOf>[], calmAt: number): Promise<void> {
  const token = await logIn(world, 'demo');
  const choice = await choose(world, token);
  await placeDecoys(world, token, choice);
  const before = foreignThings(world, [choice.projectId]);
  const tenants = scripts.map((script, index) => new Tenant(world, choice, script, `ship-${index}`));
  void breakThings(world, calmAt);
  void watchTheClock(world);
  await Promise.all(tenants.map((tenant) => lifeOf(reference, world, tenant, choice, calmAt)));
  // What lands late has landed, and whoever looks every hour has looked.
  await world.clock.sleep(Math.max(0, calmAt - world.clock.now()) + 1.5 * hourMs);
  for (const tenant of tenants) checkGone(world, tenant);
  checkForeign(world, before, [choice.projectId]);
}

async function lifeOf(reference: Reference, world: World, tenant: Tenant, choice: Choice, calmAt: number): Promise<void> {
  if (await tenant.live() === 'keeps') {
    await tenant.untilRunning();
    // What was asked for in the trouble has landed, and what was lost has been noticed.
    await world.clock.sleep(Math.max(0, calmAt - world.clock.now()) + 10 * minuteMs);
    await tenant.untilRunning();
    await checkRunning(reference, world, tenant);
    checkSecrets(world);
    if (tenant.exposes) await expose(world, tenant, choice);
  }
  await tenant.delete();
}

async function watchTheClock(world: World): Promise<void> {
  while (world.broken.length === 0) {
    await world.clock.sleep(10 * minuteMs);
    checkOnTime(world);
  }
}

/** Now and then something that is being made goes to ERROR. */
async function breakThings(world: World, calmAt: number): Promise<void> {
  const chance = world.chance.fork();
  if (chance.strikes(0.5)) return;
  while (world.clock.now() < calmAt) {
    await world.clock.sleep(chance.between(0, 15 * minuteMs));
    world.cloud.faults.add(chance.pick(['server-error', 'load-balancer-error', 'volume-error']));
  }
  world.cloud.faults.clear();
}

/** The user's own, named so that a careless eye takes it for ours. */
async function placeDecoys(world: World, token: string, { networkId, subnetId, externalNetworkId }: Choice): Promise<void> {
  const post = (path: string, body: unknown): Promise<unknown> => askCloud(world, token, 'POST', path, body);
  await post('/network/v2.0/ports', { port: { network_id: networkId, name: 'moorage-000-group-0-0', description: 'moorage=000' } });
  await post('/network/v2.0/security-groups', { security_group: { name: 'moorage-000-nodes', description: 'moorage=000' } });
  await post('/network/v2.0/floatingips', { floatingip: { floating_network_id: externalNetworkId, description: 'Floating IP for Kubernetes external service web from cluster 000' } });
  await post('/network/v2.0/networks', { network: { name: 'ship-0-group-0-0' } });
  await post('/load-balancer/v2/lbaas/loadbalancers', { loadbalancer: { name: 'kube_service_000_default_web', vip_subnet_id: subnetId } });
  await world.clock.sleep(5 * minuteMs);
}

/** As the cloud controller of the cluster does it for a Service of type LoadBalancer. */
async function expose(world: World, { id }: Tenant, { subnetId, externalNetworkId }: Choice): Promise<void> {
  const token = await logIn(world, 'demo');
  const { loadbalancer } = await askCloud<{ loadbalancer: { vip_port_id: string } }>(world, token, 'POST', '/load-balancer/v2/lbaas/loadbalancers',
    { loadbalancer: { name: `kube_service_${id}_default_web`, vip_subnet_id: subnetId } });
  await world.clock.sleep(3 * minuteMs);
  await askCloud(world, token, 'POST', '/network/v2.0/floatingips', { floatingip: {
    floating_network_id: externalNetworkId, port_id: loadbalancer.vip_port_id, description: `Floating IP for Kubernetes external service default/web from cluster ${id}`,
  } });
}
