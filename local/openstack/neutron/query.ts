/** Neutron's lists: filters by any attribute, tags, fields, order and pages. */
import type { Attributes, Call, Reply } from '../service.ts';
import { badRequest, type AttributeMap } from './attributes.ts';

const CONTROLS = ['fields', 'limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'changed_since'];
const TAG_FILTERS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'];

/** The rows (as shown) that the query asks for, as Neutron answers them. */
export function listReply(call: Call, plural: string, map: AttributeMap, shown: Attributes[]): Reply {
  const key = plural.replaceAll('-', '_');
  const wrong = [...new Set(call.query.keys())].filter((name) => map[name] === undefined
    && !CONTROLS.includes(name) && !TAG_FILTERS.includes(name));
  if (wrong.length > 0) {
    throw badRequest(`[${wrong.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  }
  const sorted = sort(call, shown.filter((row) => matches(call, row)));
  const page = paginate(call, sorted);
  const links = linksOf(call, plural, page, sorted);
  const items = page.map((row) => pick(call, row));
  return { status: 200, body: { [key]: items, ...(links && { [`${key}_links`]: links }) } };
}

/** The attributes named by `fields`, or all. */
export function pick(call: Call, row: Attributes): Attributes {
  const fields = call.query.getAll('fields').filter((field) => field !== '');
  if (fields.length === 0) return row;
  return Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)));
}

function matches(call: Call, row: Attributes): boolean {
  for (const name of new Set(call.query.keys())) {
    if (CONTROLS.includes(name)) continue;
    const wanted = call.query.getAll(name);
    if (TAG_FILTERS.includes(name) ? !tagsMatch(name, wanted, row) : !attributeMatches(name, wanted, row)) return false;
  }
  return true;
}

function attributeMatches(name: string, wanted: string[], row: Attributes): boolean {
  const value = row[name === 'tenant_id' ? 'project_id' : name];
  if (name === 'fixed_ips') return fixedIpsMatch(wanted, value as Attributes[]);
  if (Array.isArray(value)) return wanted.some((one) => value.includes(one));
  if (typeof value === 'boolean') return wanted.some((one) => /^(true|1)$/i.test(one) === value);
  return wanted.some((one) => one === String(value ?? ''));
}

/** `fixed_ips=ip_address=…` and `fixed_ips=subnet_id=…`: alike ones are alternatives, unlike ones all hold. */
function fixedIpsMatch(wanted: string[], fixedIps: Attributes[]): boolean {
  const byKey = Map.groupBy(wanted.map((one) => one.split(/=(.*)/s)), ([key]) => key ?? '');
  return [...byKey].every(([key, pairs]) => fixedIps.some((fixed) => pairs.some(([, value = '']) =>
    key === 'ip_address_substr' ? String(fixed['ip_address']).includes(value) : fixed[key] === value)));
}

function tagsMatch(name: string, wanted: string[], row: Attributes): boolean {
  const asked = wanted.flatMap((one) => one.split(','));
  const tags = row['tags'] as string[];
  const all = asked.every((tag) => tags.includes(tag));
  const any = asked.some((tag) => tags.includes(tag));
  return { 'tags': all, 'tags-any': any, 'not-tags': !all, 'not-tags-any': !any }[name] ?? true;
}

function sort(call: Call, rows: Attributes[]): Attributes[] {
  const keys = [...call.query.getAll('sort_key'), 'id'];
  const directions = call.query.getAll('sort_dir');
  return rows.sort((a, b) => {
    for (const [index, key] of keys.entries()) {
      const [left, right] = [String(a[key] ?? ''), String(b[key] ?? '')];
      if (left !== right) return (left < right ? -1 : 1) * (directions[index] === 'desc' ? -1 : 1);
    }
    return 0;
  });
}

function paginate(call: Call, rows: Attributes[]): Attributes[] {
  const limit = limitOf(call);
  const marker = call.query.get('marker');
  const reverse = call.query.get('page_reverse')?.toLowerCase() === 'true';
  const at = marker === null ? (reverse ? rows.length : -1) : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw badRequest(`The marker ${marker} could not be found.`);
  if (!reverse) return rows.slice(at + 1, limit === undefined ? undefined : at + 1 + limit);
  return rows.slice(limit === undefined ? 0 : Math.max(0, at - limit), at);
}

function limitOf(call: Call): number | undefined {
  const limit = call.query.get('limit');
  if (limit === null || limit === '0') return undefined;
  if (!/^\d+$/.test(limit)) throw badRequest(`Invalid input for 'limit'. Reason: '${limit}' is not an integer.`);
  return Number(limit);
}

/** Links as Neutron gives them: only with a limit, `next` while the page is full, `previous` while it is not empty. */
function linksOf(call: Call, plural: string, page: Attributes[], rows: Attributes[]): unknown[] | undefined {
  const limit = limitOf(call);
  if (limit === undefined) return undefined;
  const link = (rel: string, marker: unknown, reverse: boolean): unknown => {
    const query = new URLSearchParams(call.query);
    query.delete('page_reverse');
    query.set('marker', String(marker));
    if (reverse) query.set('page_reverse', 'True');
    return { rel, href: `${call.serviceUrl}/v2.0/${plural}?${query}` };
  };
  const links: unknown[] = [];
  if (page.length >= limit && rows.length > 0) links.push(link('next', page.at(-1)?.['id'], false));
  if (page.length > 0) links.push(link('previous', page[0]?.['id'], true));
  return links;
}
