/**
 * The API requests that each service of the lab has served, read from their own logs: what a run costs the cloud is what
 * was served meanwhile, whoever made the requests: one service of another as well. Run by itself it prints them; with
 * `--paths 30` also the most frequent paths.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { onlookerRequestId } from '../../local/openstack/log.ts';

export interface ServedCall {
  service: string;
  method: string;
  path: string;
  /** The request id that the first of a chain of callers sent; services hand it on. Not all of them log it. */
  requestId?: string;
}

/** How far each log has been written: bytes by service. */
export type LogEnds = Record<string, number>;

/** Service → method → requests. */
export type CallCounts = Record<string, Record<string, number>>;

const logs = {
  keystone: 'keystone', nova: 'nova-api', neutron: 'neutron-server', cinder: 'cinder-api', octavia: 'octavia-api',
  glance: 'glance-api', placement: 'placement', heat: 'heat-api', magnum: 'magnum-api',
};
/** Every server writes the request in quotation marks, after who asked. Other mentions of requests have none. */
const request = /\] .*?"(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[^ "]*)/;
const askedBy = /\[(req-[0-9a-f-]{36}) /;

const labDirOf = (labDir?: string): string => labDir ?? process.env.LAB_DIR ?? '/tmp/moorage-lab';
const fileOf = (service: string, labDir?: string): string => join(labDirOf(labDir), 'log', `${logs[service as keyof typeof logs]}.log`);

/** Where the logs end now: what is served from here on is `servedSince` this. */
export async function logEnds(labDir?: string): Promise<LogEnds> {
  return Object.fromEntries(await Promise.all(Object.keys(logs).map(async (service) => [service, (await stat(fileOf(service, labDir))).size] as const)));
}

/** Every request since then (or since the lab came up for the first time) but those of onlookers. */
export async function servedSince(ends: LogEnds = {}, labDir?: string): Promise<ServedCall[]> {
  const found = await Promise.all(Object.keys(logs).map((service) => read(service, fileOf(service, labDir), ends[service] ?? 0)));
  return found.flat().filter((call) => !isOnlooker(call));
}

/** By service and method. */
export function countCalls(calls: readonly ServedCall[]): CallCounts {
  const counts: CallCounts = {};
  for (const { service, method } of calls) {
    const methods = (counts[service] ??= {});
    methods[method] = (methods[method] ?? 0) + 1;
  }
  return counts;
}

async function read(service: string, file: string, start: number): Promise<ServedCall[]> {
  const calls: ServedCall[] = [];
  for await (const line of createInterface({ input: createReadStream(file, { start }), crlfDelay: Infinity })) {
    const call = callIn(line);
    if (call) calls.push({ service, ...call });
  }
  return calls;
}

/** Exported for its test. */
export function callIn(line: string): Omit<ServedCall, 'service'> | undefined {
  const [, method, path] = request.exec(line) ?? [];
  if (!method || !path) return undefined;
  const requestId = askedBy.exec(line)?.[1];
  return { method, path, ...(requestId && { requestId }) };
}

/** What stands in for machines: ours say so with every call, Magnum's report to Heat what they have deployed. */
const isOnlooker = ({ service, path, requestId }: ServedCall): boolean =>
  requestId === onlookerRequestId || (service === 'heat' && path.includes('/software_deployments') && !path.includes('server_id'));

/** A path with ids left out, for counting alike ones together. */
export const templateOf = (path: string): string => path.replace(/\?.*/, '').replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, '{id}');

/** As lines: a service each, then all. */
export function callLines(calls: readonly ServedCall[]): string[] {
  const line = (name: string, total: number, rest = '') => `${name.padEnd(10)} ${String(total).padStart(6)}  ${rest}`.trimEnd();
  return [
    ...Object.entries(countCalls(calls)).map(([service, methods]) => line(service,
      Object.values(methods).reduce((sum, count) => sum + count, 0), Object.entries(methods).map(([method, count]) => `${method} ${count}`).join(', '))),
    line('all', calls.length),
  ];
}

/** The most frequent paths, as lines. */
export function pathLines(calls: readonly ServedCall[], most: number): string[] {
  const counts = new Map<string, number>();
  for (const { service, method, path } of calls) {
    const key = `${service.padEnd(10)} ${method.padEnd(6)} ${templateOf(path)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, most).map(([key, count]) => `${String(count).padStart(6)}  ${key}`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { paths: { type: 'string', default: '0' } } });
  const calls = await servedSince();
  for (const line of [...callLines(calls), ...pathLines(calls, Number(values.paths))]) console.log(line);
}
