/** Nova's lists of servers: filters by microversion, newest first, in pages. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ServerRow } from './rows.ts';
import type { Call, Reply } from '../service.ts';
import { forbidden } from './nova.ts';
import { addressesOf, listServer, showSummary } from './server-view.ts';
import { minorVersion } from './version.ts';

const CONTROLS = ['limit', 'marker', 'sort_key', 'sort_dir', 'all_tenants', 'project_id', 'tenant_id', 'changes-since',
  'changes-before', 'deleted', 'metadata', 'reservation_id', 'user_id', 'host', 'node', 'ip6', 'locked', 'tag'];
const SAME: Record<string, keyof ServerRow> = {
  image: 'image_id', flavor: 'flavor_id', availability_zone: 'availability_zone', uuid: 'id', vm_state: 'vm_state',
  power_state: 'power_state', task_state: 'task_state', key_name: 'key_name', description: 'description',
  config_drive: 'config_drive',
};
const TAGS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'];
const STATUSES = ['ACTIVE', 'BUILD', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED', 'REBOOT',
  'REBUILD', 'RESCUE', 'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED',
  'SUSPENDED',
  'UNKNOWN', 'VERIFY_RESIZE'];
const PAGE = 1000;

export function listServers(core: Core, call: Call, detailed: boolean): Reply {
  const { query } = call;
  checkQuery(call);
  const projectId = projectAsked(call);
  const rows = core.state.table('servers')
    .list((row) => (projectId ?? row.project_id) === row.project_id && matches(core, call, row))
    .sort(byAge(query.get('sort_dir') === 'asc'));
  const marker = query.get('marker');
  const at = marker === null ? -1 : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(400, `marker [${marker}] not found`);
  const limit = query.has('limit') ? Math.min(Number(query.get('limit')), PAGE) : undefined;
  const page = rows.slice(at + 1, at + 1 + (limit ?? PAGE));
  const shown = page.map((row) => detailed ? listServer(core, call, row) : showSummary(call, row));
  const full = page.length === (limit ?? PAGE) && page.length > 0;
  return { status: 200, body: { servers: shown, ...(full && { servers_links: [next(call, page.at(-1)?.id ?? '')] }) } };
}

/** By the second in which they were made; those of the same second by id, whichever way the list goes. */
const byAge = (oldestFirst: boolean) => (a: ServerRow, b: ServerRow): number =>
  (a.created === b.created ? compare(a.id, b.id) : compare(a.created, b.created) * (oldestFirst ? 1 : -1));
const compare = (a: string, b: string): number => (a < b ? -1 : 1);

function checkQuery(call: Call): void {
  const { query } = call;
  const minor = minorVersion(call);
  const limit = query.get('limit');
  if (limit !== null && !/^\d*$/.test(limit)) {
    throw new Refusal(400,
      `Invalid input for query parameters limit. Value: ${limit}. '${limit}' does not match '^[0-9]*$'`);
  }
  const known = new Set([...CONTROLS, ...Object.keys(SAME), ...TAGS, 'name', 'status', 'ip']);
  const unknown = [...query.keys()].find((key) => !known.has(key) && !key.startsWith('_'));
  if (minor >= 75 && unknown !== undefined) {
    throw new Refusal(400, `'${unknown}' does not match any of the regexes: '^_'`);
  }
  for (const pattern of query.getAll('name')) requireRegex('name', pattern);
  for (const pattern of query.getAll('ip')) requireRegex('ip', pattern);
  const wrong = query.getAll('status').find((status) => !STATUSES.includes(status.toUpperCase()));
  if (wrong !== undefined && minor >= 38) throw new Refusal(400, 'Invalid status value');
}

/** The project to list; undefined for all of them, which is for admins alone. */
function projectAsked(call: Call): string | undefined {
  const { query, caller } = call;
  const asked = query.get('all_tenants');
  const everywhere = asked !== null && !/^(0|false|no|off)$/i.test(asked);
  if (everywhere && !caller.isAdmin) throw forbidden(
    `servers:${call.path.endsWith('detail') ? 'detail' : 'index'}:get_all_tenants`);
  if (!everywhere) return caller.projectId ?? '';
  return query.get('project_id') ?? query.get('tenant_id') ?? undefined;
}

function matches(core: Core, call: Call, row: ServerRow): boolean {
  const { query } = call;
  const names = query.getAll('name');
  const ips = query.getAll('ip');
  const statuses = query.getAll('status').map((status) => status.toUpperCase());
  return names.every((pattern) => new RegExp(pattern).test(row.name))
    && (statuses.length === 0 || statuses.includes(row.status))
    && ips.every((pattern) => Object.values(addressesOf(core, row)).flat()
      .some(({ addr }) => new RegExp(pattern).test(String(addr))))
    && Object.entries(SAME).every(([key, column]) => !query.has(key) || query.getAll(key).includes(String(row[column])))
    && (minorVersion(call) < 26 || tagsMatch(query, row.tags));
}

function tagsMatch(query: URLSearchParams, tags: string[]): boolean {
  return TAGS.every((name) => {
    const asked = query.get(name)?.split(',');
    if (!asked) return true;
    const all = asked.every((tag) => tags.includes(tag));
    const any = asked.some((tag) => tags.includes(tag));
    return { 'tags': all, 'tags-any': any, 'not-tags': !all, 'not-tags-any': !any }[name] ?? true;
  });
}

function requireRegex(name: string, pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw new Refusal(400,
      `Invalid input for query parameters ${name}. Value: ${pattern}. '${pattern}' is not a 'regex'`);
  }
}

function next(call: Call, marker: string): unknown {
  const query = new URLSearchParams(call.query);
  query.set('marker', marker);
  return { rel: 'next', href: `${call.serviceUrl}${call.path}?${query}` };
}
