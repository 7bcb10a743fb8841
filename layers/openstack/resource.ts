import type { Call } from './call.ts';
import { OpenStackError, isOpenStackError, type Method } from './error.ts';
import type { Query } from './path.ts';
import type { Session } from './session.ts';

/** Where a resource lives and what its wrapper is called: `{ "port": { … } }`; null where there is none. */
export interface Resource<Key = string> extends Pick<Call, 'service' | 'path' | 'microversion'> { key: Key }

export interface Collection extends Resource {
  query?: Query;
  /** Nova's server groups tell of no next page: it starts after as many as were read. Some lists come whole, always. */
  paging?: 'links' | 'offset' | 'none';
  /** Where the links to the next page are; `<key>_links` is usual. */
  linksKey?: string;
}

const PAGE_SIZE = 1000;
const MOST_PAGES = 200;

/** All of them, over as many pages as there are; an error rather than a part of the truth when there are too many. */
export async function list<T>(session: Session, collection: Collection): Promise<T[]> {
  const { key, query, paging = 'links', linksKey = `${key}_links`, ...call } = collection;
  const all: T[] = [];
  let next: Query = {};
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const limit = paging === 'none' ? {} : { limit: PAGE_SIZE };
    const answer = await session.request<Page>({ ...call, method: 'GET', query: { ...limit, ...query, ...next } });
    const items = unwrap<T[]>(answer, collection, 'GET');
    if (answer.truncated)
      throw problem(collection, 'GET', 'Truncated', `answered with a part of its ${key} only; ask for fewer`);
    for (const item of items) all.push(item);
    if (paging === 'none' || (paging === 'offset' && items.length < PAGE_SIZE)) return all;
    const following = paging === 'offset' ? { offset: all.length } : nextPage(answer, linksKey);
    if (!following) return all;
    next = following;
  }
  throw problem(collection, 'GET', 'TooManyPages', `has more than ${MOST_PAGES} pages of ${key}; ask for fewer`);
}

/** Undefined when the service says 404: it does not exist, or not for this token. */
export async function get<T>(session: Session, resource: Resource<string | null>): Promise<T | undefined> {
  const { key: _, ...call } = resource;
  try {
    return unwrap<T>(await session.request({ ...call, method: 'GET' }), resource, 'GET');
  } catch (error) {
    if (isOpenStackError(error, 404)) return undefined;
    throw error;
  }
}

/** Sends the body in its wrapper and returns the answer without it. */
export async function write<T>(
  session: Session,
  method: 'POST' | 'PUT' | 'PATCH',
  resource: Resource,
  body: unknown,
): Promise<T> {
  const { key, ...call } = resource;
  return unwrap<T>(await session.request({ ...call, method, body: { [key]: body } }), resource, method);
}

/** A 404 is as good: what was to be gone is gone. */
export async function remove(session: Session, call: Omit<Call, 'method'>): Promise<void> {
  try {
    await session.request<unknown>({ ...call, method: 'DELETE' });
  } catch (error) {
    if (!isOpenStackError(error, 404)) throw error;
  }
}

/** The value under the resource's key. Throws when the answer has none: then it is not the service we take it for. */
export function unwrap<T>(answer: unknown, resource: Resource<string | null>, method: Method): T {
  const { key } = resource;
  const value = key === null ? answer : (answer as Record<string, unknown> | undefined)?.[key];
  if (value === undefined)
    throw problem(
      resource,
      method,
      'UnexpectedAnswer',
      key === null ? 'answered nothing' : `answered without "${key}"`,
    );
  return value as T;
}

interface Link { rel: string; href: string }

/** How services tell of a next page: Keystone, Glance, and all others by a list of links beside the items. */
interface Page {
  links?: { next?: string | null };
  next?: string;
  /** Keystone's way of saying that it stopped. */
  truncated?: boolean;
  [key: string]: unknown;
}

/** Only the query of the next page's address is used: behind proxies its host and scheme are often wrong. */
function nextPage(page: Page, linksKey: string): Query | undefined {
  const links = page[linksKey] as Link[] | undefined;
  const href = links?.find((link) => link.rel === 'next')?.href ?? page.next ?? page.links?.next;
  if (!href) return undefined;
  const query = new URL(href, 'http://any').searchParams;
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}

function problem(
  { service, path }: Pick<Call, 'service' | 'path'>,
  method: Method,
  type: string,
  what: string,
): OpenStackError {
  return new OpenStackError({ service, method, path: path.text, status: 0, type, message: `${service} ${what}` });
}
