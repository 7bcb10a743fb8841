/** Magnum v1: its routes, its microversions and its own way of refusing. */
import { nextNumber, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, middlewareUnauthorized, route, type Attributes, type Call, type Reply, type Service } from '../service.ts';
import { certificateRoutes } from './certificates.ts';
import { clusterRoutes } from './clusters.ts';
import { nodeGroupRoutes } from './node-groups.ts';
import { quotaRoutes } from './quotas.ts';
import { templateRoutes } from './templates.ts';
import { registerStacks } from './stacks.ts';

const SERVICE = 'container-infrastructure-management';
const LATEST = 10;

export function magnum(core: Core): Service {
  registerStacks(core);
  const description = 'Magnum is an OpenStack project which aims to provide container cluster management.';
  const version = { id: 'v1', status: 'CURRENT', max_version: `1.${LATEST}`, min_version: '1.1' };
  return {
    name: 'magnum',
    prefix: '/container-infra',
    routes: [
      {
        ...route('GET', '', () => ({ status: 200, body: { name: 'OpenStack Magnum API', description, versions: [version] } })),
        open: true,
      },
      { ...route('GET', '/v1', () => ({ status: 200, body: { id: 'v1', media_types: [], links: [] } })), open: true },
      ...clusterRoutes(core), ...nodeGroupRoutes(core), ...templateRoutes(core), ...certificateRoutes(core),
      ...quotaRoutes(core),
    ],
    admit: (call) => void minorOf(call),
    refuse,
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: (call) => ({
      'OpenStack-API-Minimum-Version': `${SERVICE} 1.1`, 'OpenStack-API-Maximum-Version': `${SERVICE} 1.${LATEST}`,
      'OpenStack-API-Version': `${SERVICE} 1.${safeMinor(call)}`, 'Vary': 'OpenStack-API-Version',
      'x-openstack-request-id': call.requestId,
    }),
  };
}

/** The minor version that was asked for; 1 without a header. Refuses what it does not know. */
export function minorOf(call: Call): number {
  const header = call.headers['openstack-api-version'];
  if (header === undefined) return 1;
  const [, version = ''] = header.split(' ');
  if (version === 'latest') return LATEST;
  const minor = /^1\.(\d+)$/.exec(version)?.[1];
  if (minor !== undefined && Number(minor) >= 1 && Number(minor) <= LATEST) return Number(minor);
  throw new Refusal(406, `Version ${version} was requested but is not supported by this service.`);
}

function safeMinor(call: Call): number {
  try { return minorOf(call); } catch { return 1; }
}

/** Refuses a method that came later than the version that was asked for. */
export function requireMinor(call: Call, minor: number): void {
  if (minorOf(call) < minor) throw new Refusal(406, 'Request not acceptable.');
}

function refuse({ status, message, headers }: Refusal): Reply {
  const [title = message] = message.split(/(?<=\.)\s/);
  return {
    status, headers,
    body: { errors: [{ request_id: '', code: status < 500 ? 'client' : 'server', status, title, detail: message, links: [] }] },
  };
}

interface Listed { id: string; order?: number }

/** A page of what a list has, as the query asks for it. */
export function page<R extends Listed>(call: Call, key: string, rows: readonly R[], show: (row: R) => Attributes): Reply {
  const { query } = call;
  // Magnum's `id` is the number of the row in its database.
  const asked = query.get('sort_key') ?? 'id';
  const sortKey = asked === 'id' ? 'order' : asked;
  const sorted = [...rows].sort((a, b) => compare((a as unknown as Attributes)[sortKey], (b as unknown as Attributes)[sortKey]));
  if (query.get('sort_dir') === 'desc') sorted.reverse();
  const marker = query.get('marker');
  const at = marker === null ? -1 : sorted.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(404, `Resource ${marker} could not be found.`);
  const limit = Math.min(Number(query.get('limit') ?? 0) || 1_000, 1_000);
  const shown = sorted.slice(at + 1, at + 1 + limit);
  const path = `${call.serviceUrl}${call.path}`;
  const next = shown.length === limit ? { next: `${path}?limit=${limit}&marker=${shown.at(-1)!.id}` } : {};
  return { status: 200, body: { [key]: shown.map(show), ...next } };
}

const compare = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

/** Of those that the caller sees: by uuid, or by name where only one has it. */
export function requireNamed<R extends { id: string; name: string }>(rows: readonly R[], what: string, wanted: string): R {
  const byId = rows.find(({ id }) => id === wanted);
  const named = byId ? [byId] : rows.filter(({ name }) => name === wanted);
  if (named.length > 1) throw new Refusal(409, `Multiple ${what.toLowerCase()}s exist with same name. Please use the ${what.toLowerCase()} uuid instead.`);
  if (!named[0]) throw new Refusal(404, `${what} ${wanted} could not be found.`);
  return named[0];
}

export const nextOrder = (core: Core): number => nextNumber(core, 'magnumOrder');

/** Now, as Magnum writes it. */
export const magnumTime = (): string => new Date().toISOString().replace(/\.\d{3}Z$/, '+00:00');

export interface PatchItem { op: string; path: string; value?: unknown }

/** A JSON patch, checked before anything is looked up, as a Zed Magnum does it: one whose parts are no objects is an error of its own. */
export function patchOf(body: unknown): PatchItem[] {
  const invalid = (field: string, value: unknown, why: string) => {
    const shown = value === undefined ? 'None' : typeof value === 'string' ? value : JSON.stringify(value);
    return new Refusal(400, `Invalid input for field/attribute ${field}. Value: '${shown}'. ${why}`);
  };
  if (!Array.isArray(body)) throw invalid('patch', body, `Value not a valid list: ${JSON.stringify(body)}`);
  return body.map((given: unknown) => {
    const item = asAttributes(given);
    if (!item) throw new Refusal(500, '\'int\' object has no attribute \'keys\'');
    const { op, path, value } = item;
    if (path === undefined) throw invalid('path', path, 'Mandatory field missing.');
    if (typeof path !== 'string') throw invalid('path', path, 'Value should be string');
    if (!/^(\/[\w-]+)+$/.test(path)) throw invalid('path', path, 'Value should match the pattern ^(/[\\w-]+)+$');
    if (typeof op !== 'string' || !['remove', 'replace', 'add'].includes(op)) throw invalid('op', op, 'Value should be one of: remove, replace, add');
    return { op, path, value };
  });
}

/** A JSON patch over properties that may be changed; answers what it sets. */
export function patched(body: unknown, allowed: readonly string[]): Attributes {
  return Object.fromEntries(patchOf(body).map(({ op, path, value }) => {
    const name = path.slice(1);
    if (!allowed.includes(name)) throw new Refusal(400, `Updating the '${name}' property is not allowed.`);
    return [name, op === 'remove' ? null : value];
  }));
}
