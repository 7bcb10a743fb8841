/**
 * `npm run bench:storm`: many clusters asked for at once by four projects, one of them noisy, one with a single cluster, which
 * asks last. All come to RUNNING, all are deleted, and what is left is counted. The product's own functions against the
 * stand-in for OpenStack, at a real cloud's pace in virtual time, so many at once as they are deployed.
 *
 *     npm run bench:storm -- --clusters 500 [--rate 50] [--limits SETTING]
 *
 * Every service of the cloud takes `--rate` calls a second and answers 429 with Retry-After above that (0: any number).
 * Moorage is told so by `--limits` (CLOUD_CALLS_PER_SECOND): by itself of every service but the load balancers', which it finds
 * out. The last line sums up; exits 1 when something is held or left behind.
 */
import { parseArgs } from 'node:util';
import { bundleWorld } from '../simulate/bundle.ts';
import { compile } from '../simulate/realm.ts';
import type { Asked } from './storm/customers.ts';
import { storm, type Told } from './storm/storm.ts';

const { values } = parseArgs({ options: { clusters: { type: 'string', default: '500' }, rate: { type: 'string', default: '50' }, limits: { type: 'string' } } });
const number = Number(values.clusters);
const rate = Number(values.rate);
if (!(number >= 10)) throw new Error('--clusters takes a number from 10 on.');

const services = ['keystone', 'nova', 'neutron', 'cinder', 'octavia'];
const rates = rate > 0 ? Object.fromEntries(services.map((service) => [service, rate])) : {};
const limits = values.limits ?? (rate > 0 ? `${Math.floor(rate * 0.8)},load-balancer=0` : '');
const env = { CLOUD_CALLS_AT_ONCE: '100', CLOUD_CALLS_PER_SECOND: limits };
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;
const say = (line: string): void => console.log(line);

const program = compile(await bundleWorld());
const began = performance.now();
const alone = await storm(program, { projects: [{ name: 'alone-0', clusters: 1 }], rates, env });
const aloneMs = tookMs(alone.customers[0]!.clusters[0]!);
const aloneCalls = alone.create.cloudCalls.total;
say(`1 cluster by itself: RUNNING after ${seconds(aloneMs)}, ${aloneCalls} calls to the cloud; deleted with ${alone.remove.cloudCalls.total}`);

const few = Math.floor(number / 20);
const projects = [{ name: 'noisy-0', clusters: number - 1 - 2 * few }, { name: 'steady-1', clusters: few }, { name: 'steady-2', clusters: few }, { name: 'quiet-3', clusters: 1 }];
say(`${number} clusters at once: ${projects.map(({ name, clusters }) => `${name} ${clusters}`).join(', ')}; ${rate > 0 ? `a service takes ${rate} calls a second, Moorage asks at most ${limits}` : 'services take any number of calls'}`);
const told = await storm(program, { projects, rates, env, say });
show(told);

function show({ customers, create, remove, refused, left, uses, runs, peakBytes }: Told): void {
  for (const { name, clusters } of customers) {
    const took = clusters.map(tookMs).toSorted((a, b) => a - b);
    say(`  ${name.padEnd(9)} RUNNING after ${seconds(took[0]!)} to ${seconds(took.at(-1)!)}, median ${seconds(took[took.length >> 1]!)}`);
  }
  // A call that was refused was made all the same.
  const calls = create.cloudCalls.total / number;
  const perMinute = number / (create.virtualMs / 60_000);
  for (const [what, cost] of [['create', create], ['delete', remove]] as const) {
    say(`  a ${what}: ${((cost.cloudCalls.total - cost.refused) / number).toFixed(0)} calls and ${(cost.refused / number).toFixed(0)} answered 429, ${(cost.units.writes / number).toFixed(0)} write and ${(cost.units.reads / number).toFixed(0)} read units, ${(cost.messages / number).toFixed(0)} messages, ${(cost.functionMs / number / 1_000).toFixed(1)} s of functions`);
  }
  const [busiest, { mostAtOnce, mostWaiting }] = [...uses].reduce((most, next) => (next[1].mostWaiting > most[1].mostWaiting ? next : most));
  const [slowest, { longestMs }] = [...runs].reduce((most, next) => (next[1].longestMs > most[1].longestMs ? next : most));
  say(`  the longest run of a function: ${slowest}, ${seconds(longestMs)}`);
  say(`  answered 429: ${refused} in all; the longest queue was that of ${busiest}: ${mostWaiting} messages, ${mostAtOnce} functions at once`);
  say(`  ${(performance.now() - began) / 60_000 < 1 ? 'under a minute' : `${((performance.now() - began) / 60_000).toFixed(1)} minutes`} on this machine`);
  const quiet = tookMs(customers.at(-1)!.clusters[0]!) / aloneMs;
  say(`storm: ${number} clusters, ${perMinute.toFixed(1)} clusters/min, calls per cluster ${aloneCalls} for 1 and ${calls.toFixed(0)} for ${number} (${(create.refused / number).toFixed(0)} of them answered 429), the quiet project's took ${quiet.toFixed(2)} times as long as alone, peak memory ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  for (const thing of left.slice(0, 20)) say(`  left: ${thing}`);
  process.exit(left.length > 0 ? 1 : 0);
}

function tookMs({ askedAt, runningAt = Infinity }: Asked): number { return runningAt - askedAt; }
