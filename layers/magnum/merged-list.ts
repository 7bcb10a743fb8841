/**
 * One list of both generations: the second's first, then Magnum's, each in the order asked for. So a page needs at most
 * one reading of either, and a marker says by itself where the list goes on. A Magnum that is away hides nothing of
 * ours; the answer's headers say that its part is missing.
 */
import { isOpenStackError } from '../openstack/error.ts';
import type { Listed } from '../openstack/magnum.ts';
import { logger } from '../platform/logger.ts';
import { Reply, type MagnumRequest } from './api.ts';
import { refused } from './errors.ts';
import { withOurLinks } from './links.ts';
import { nextOf, type Page } from './page.ts';
import { askMagnum, isAbsent, unavailable } from './pass-on.ts';

interface Item { uuid: string }
export interface Own<Mine extends Item> {
  /** The wrapper in the answer: `clusters`. */
  key: string;
  /** Of Magnum's list: `/clusters/detail`. */
  path: string;
  /** Those of ours after the marker, at most `limit`; undefined when the marker is none of ours. */
  list(page: Page): Promise<Mine[] | undefined>;
  /** Magnum's, with what we know of them. */
  complete?(items: Item[]): Promise<Item[]>;
}

/** As many as are asked for to be worth asking both generations at once. */
const worthBoth = 100;

export async function mergedList<Mine extends Item>(request: MagnumRequest, page: Page, { key, path, list, complete = async (all) => all }: Own<Mine>): Promise<Reply> {
  const early = page.marker === undefined && page.limit >= worthBoth ? askQuietly(request, path, key, page) : undefined;
  early?.catch(() => undefined); // It is waited for below, unless our own part fails first.
  const own = await list(page);
  const items: Item[] = own ?? [];
  const left = page.limit - items.length;
  const theirs: Theirs = left === 0 ? { items: [] }
    : await (early ?? askQuietly(request, path, key, { ...page, limit: left, marker: own ? undefined : page.marker }));
  if (own === undefined && theirs.absent) throw refused(404, `The marker ${page.marker} could not be found.`);
  if (own === undefined && theirs.missing) throw unavailable({});
  const all = [...items, ...await complete(theirs.items.slice(0, left))];
  const last = all.length === page.limit ? all.at(-1) : undefined;
  const body = { [key]: all, ...(last && { next: nextOf(request, page, last.uuid) }) };
  return new Reply(200, JSON.stringify(body), theirs.missing ? missingHeaders : {});
}

/** Says that the first generation is away. */
export const missingHeaders = {
  'Warning': '199 moorage "Magnum does not answer: what belongs to the first generation is missing in this list"',
  'Moorage-Missing': 'first-generation',
};

interface Theirs { items: Item[]; missing?: true; absent?: true }

/** Magnum's part of the page. What it refuses of the request itself is thrown; anything else leaves the part out. */
async function askQuietly(request: MagnumRequest, path: string, key: string, page: Page): Promise<Theirs> {
  const { limit, marker, sortKey, descending } = page;
  const query = new URLSearchParams({ limit: String(limit), sort_key: sortKey, sort_dir: descending ? 'desc' : 'asc', ...(marker && { marker }) });
  try {
    const { status, body } = await askMagnum(request, { method: 'GET', path, query: `?${query}` });
    if (status === 200) return { items: (JSON.parse(withOurLinks(body, request.base)) as Record<string, Listed[]>)[key] ?? [] };
    if (status === 400 || (status === 404 && marker)) throw refused(status, detailOf(body));
    logger.warn('Magnum does not list', { status, path });
    return { items: [], missing: true };
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    if (isAbsent(error)) return { items: [], absent: true };
    logger.warn('Magnum does not answer', { type: error.type, path, cloudMessage: error.message });
    return { items: [], missing: true };
  }
}

/** Magnum's own words. */
function detailOf(body: string): string {
  try {
    const { errors: [first] } = JSON.parse(body) as { errors: [{ detail?: string; title?: string }] };
    return first.detail ?? first.title ?? 'Magnum refused.';
  } catch {
    return 'Magnum refused.';
  }
}
