/**
 * `npm run bench:costs`: what one cluster costs whoever runs Moorage: its create, a month in which nothing happens, its
 * delete; and what a hundred thousand would. Counted in a run of the functions against the stand-in for OpenStack; prices
 * are list prices of us-east-1. docs/scale.md explains.
 */
import { bundleWorld } from '../simulate/bundle.ts';
import { compile } from '../simulate/realm.ts';
import { storm, type Cost } from './storm/storm.ts';

const hours = 2;
const hoursInMonth = 730;
/** US dollars for one of each: a write and a read unit, a request of a queue, a run of a function, a second of 512 MiB. */
const price = { writes: 0.625e-6, reads: 0.125e-6, message: 0.4e-6, run: 0.2e-6, second: 0.5 * 13.3334e-6 };
/** Sent, received and deleted; the last two by batches, which is not counted on. */
const requestsOfMessage = 3;

interface Sums { calls: number; writes: number; reads: number; messages: number; runs: number; seconds: number }
const sumsOf = ({ cloudCalls, units, messages, functionRuns, functionMs }: Cost): Sums =>
  ({ calls: cloudCalls.total, writes: units.writes, reads: units.reads, messages, runs: functionRuns, seconds: functionMs / 1_000 });
const combined = (a: Sums, b: Sums, how: (a: number, b: number) => number): Sums =>
  Object.fromEntries(Object.entries(a).map(([name, value]) => [name, how(value, b[name as keyof Sums])])) as unknown as Sums;
const times = (a: Sums, factor: number): Sums => combined(a, a, (value) => value * factor);
const dollars = ({ writes, reads, messages, runs, seconds }: Sums): number =>
  writes * price.writes + reads * price.reads + messages * requestsOfMessage * price.message + runs * price.run + seconds * price.second;

const program = compile(await bundleWorld());
const idleMs = hours * 3_600_000;
const env = { CLOUD_CALLS_AT_ONCE: '100' };
const one = await storm(program, { projects: [{ name: 'one-0', clusters: 1 }], rates: {}, env, idleMs });
const two = await storm(program, { projects: [{ name: 'two-0', clusters: 2 }], rates: {}, env, idleMs });

const hourOfOne = times(sumsOf(one.idle), 1 / hours);
const hourOfTwo = times(sumsOf(two.idle), 1 / hours);
// What the second cluster adds is a cluster's; the rest is there without any.
const ofCluster = combined(hourOfTwo, hourOfOne, (a, b) => a - b);
const standing = combined(hourOfOne, ofCluster, (a, b) => Math.max(0, a - b));

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1));
const row = (name: string, sums: Sums): void => console.log(`${name.padEnd(34)}${[sums.calls, sums.writes, sums.reads, sums.messages, sums.runs, sums.seconds].map((value) => number(value).padStart(15)).join('')}${`$${dollars(sums).toFixed(dollars(sums) < 1 ? 5 : 0)}`.padStart(12)}`);
console.log(`${''.padEnd(34)}${['cloud calls', 'write units', 'read units', 'messages', 'function runs', 'function s'].map((name) => name.padStart(15)).join('')}${'US dollars'.padStart(12)}`);
row('one create', sumsOf(one.create));
row('one delete', sumsOf(one.remove));
row('a month of one, nothing happens', times(ofCluster, hoursInMonth));
row('a month of the installation itself', times(standing, hoursInMonth));
// The watch looks at so many a minute, however many there are.
const watched = 200;
const month = combined(times(standing, hoursInMonth), times(ofCluster, hoursInMonth * watched), (a, b) => a + b);
row(`a month of ${watched} and of more`, month);
const changes = combined(sumsOf(one.create), sumsOf(one.remove), (a, b) => a + b);
row('a month of 100,000, 5% replaced', combined(month, times(changes, 5_000), (a, b) => a + b));
row('as before, each looked at a minute', combined(combined(times(standing, hoursInMonth), times(ofCluster, hoursInMonth * 100_000), (a, b) => a + b), times(changes, 5_000), (a, b) => a + b));
