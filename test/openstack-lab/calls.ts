/**
 * How many API requests each service of the lab has served, by method, read from their own logs: what a run costs the
 * cloud is the difference of two readings, whoever made the requests. Run by itself it prints them.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Service → method → requests. */
export type ServedCalls = Record<string, Record<string, number>>;

const logs = {
  keystone: 'keystone', nova: 'nova-api', neutron: 'neutron-server', cinder: 'cinder-api', octavia: 'octavia-api',
  glance: 'glance-api', placement: 'placement', heat: 'heat-api', magnum: 'magnum-api',
};
/** Eventlet's servers write the request in quotation marks, uwsgi after its date. Other mentions of requests have neither. */
const request = /(?:\] |")(GET|HEAD|POST|PUT|PATCH|DELETE) \//;

/** All since the lab came up for the first time. */
export async function readServedCalls(labDir = process.env.LAB_DIR ?? '/tmp/moorage-lab'): Promise<ServedCalls> {
  const counted = await Promise.all(Object.entries(logs).map(async ([service, log]) => [service, await countIn(join(labDir, 'log', `${log}.log`))] as const));
  return Object.fromEntries(counted);
}

/** What was served between two readings. */
export function callsBetween(before: ServedCalls, after: ServedCalls): ServedCalls {
  return Object.fromEntries(Object.entries(after).map(([service, methods]) => [
    service, Object.fromEntries(Object.entries(methods).map(([method, count]) => [method, count - (before[service]?.[method] ?? 0)])),
  ]));
}

/** All methods of all services together. */
export const totalCalls = (calls: ServedCalls): number =>
  Object.values(calls).flatMap((methods) => Object.values(methods)).reduce((sum, count) => sum + count, 0);

async function countIn(file: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const method = methodIn(line);
    if (method) counts[method] = (counts[method] ?? 0) + 1;
  }
  return counts;
}

/** Exported for its test. */
export const methodIn = (line: string): string | undefined => request.exec(line)?.[1];

if (import.meta.main) {
  const calls = await readServedCalls();
  for (const [service, methods] of Object.entries(calls)) {
    console.log(`${service.padEnd(10)} ${String(totalCalls({ service: methods })).padStart(7)}  ${Object.entries(methods).map(([method, count]) => `${method} ${count}`).join(', ')}`);
  }
  console.log(`${'total'.padEnd(10)} ${String(totalCalls(calls)).padStart(7)}`);
}
