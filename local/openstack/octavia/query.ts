/** Octavia's lists: filters, tags, fields, pages. */
import { Refusal } from '../refusal.ts';
import type { Attributes, Call, Reply } from '../service.ts';

const CONTROLS = ['fields', 'limit', 'marker', 'sort', 'page_reverse', 'sort_key', 'sort_dir'];
const TAGS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'];
const PAGE = 1000;

/** The rows (as shown) that the query asks for; `also` names filters that are no attributes. */
export function listReply(call: Call, plural: string, rows: Attributes[], known: string[], also: string[] = []): Reply {
  const { query } = call;
  const wrong = [...query.keys()].find((key) => ![...CONTROLS, ...TAGS, ...known, ...also].includes(key));
  if (wrong !== undefined) throw new Refusal(400, 'One or more arguments are either duplicate or invalid');
  const found = rows.filter((row) => matches(query, row, also));
  const marker = query.get('marker');
  const at = marker === null ? -1 : found.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(400, `Supplied pagination marker '${marker}' is not valid.`);
  const limit = query.has('limit') ? Number(query.get('limit')) : PAGE;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new Refusal(400, `Supplied pagination limit '${query.get('limit')}' is not valid.`);
  }
  const page = found.slice(at + 1, at + 1 + limit);
  const links: unknown[] = [];
  const link = (rel: string, id: unknown, reverse: boolean): void => {
    const next = new URLSearchParams(query);
    next.set('marker', String(id));
    if (reverse) next.set('page_reverse', 'True');
    links.push({ href: `${call.serviceUrl}${call.path}?${next}`, rel });
  };
  if (page.length > 0 && page.length >= limit) link('next', page.at(-1)?.['id'], false);
  if (page.length > 0 && marker !== null) link('previous', page[0]?.['id'], true);
  return { status: 200, body: { [plural]: page.map((row) => pick(call, row)), [`${plural}_links`]: links } };
}

export function pick(call: Call, row: Attributes): Attributes {
  const fields = call.query.getAll('fields').flatMap((one) => one.split(','));
  if (fields.length === 0) return row;
  return Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)));
}

function matches(query: URLSearchParams, row: Attributes, also: string[]): boolean {
  for (const key of new Set(query.keys())) {
    if (CONTROLS.includes(key) || also.includes(key)) continue;
    if (TAGS.includes(key) ? !tagsMatch(key, query.getAll(key), row['tags'] as string[])
      : !query.getAll(key).some((wanted) => wanted.toLowerCase() === String(row[key]).toLowerCase())) return false;
  }
  return true;
}

function tagsMatch(key: string, wanted: string[], tags: string[]): boolean {
  const asked = wanted.flatMap((one) => one.split(','));
  const all = asked.every((tag) => tags.includes(tag));
  const any = asked.some((tag) => tags.includes(tag));
  return { 'tags': all, 'tags-any': any, 'not-tags': !all, 'not-tags-any': !any }[key] ?? true;
}
