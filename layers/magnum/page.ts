/** `marker`, `limit`, `sort_key` and `sort_dir`, as Magnum reads them. */
import type { MagnumRequest } from './api.ts';
import { refused } from './errors.ts';

const most = 1_000;

export interface Page { limit: number; marker: string | undefined; sortKey: string; descending: boolean }

/** Throws 400 for what is none. `keys`: what can be sorted by, beside `id`. */
export function pageOf({ query }: Pick<MagnumRequest, 'query'>, keys: readonly string[]): Page {
  const { limit, marker, sort_key = 'id', sort_dir = 'asc' } = query;
  if (sort_dir !== 'asc' && sort_dir !== 'desc') {
    throw refused(400, `Invalid sort direction: ${sort_dir}. Acceptable values are 'asc' or 'desc'`);
  }
  if (sort_key !== 'id' && !keys.includes(sort_key)) {
    throw refused(400, `The sort_key value "${sort_key}" is an invalid field for sorting`);
  }
  return { limit: limitOf(limit), marker: marker || undefined, sortKey: sort_key, descending: sort_dir === 'desc' };
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return most;
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw refused(400, `Invalid input for field/attribute limit. Value: '${text}'. unable to convert to int.`);
  }
  if (Number(text) <= 0) throw refused(400, 'Limit must be positive');
  return Math.min(Number(text), most);
}

/** Absolute, as Magnum's are. */
export function nextOf({ base, path }: Pick<MagnumRequest, 'base' | 'path'>, { limit, sortKey, descending }: Page, marker: string): string {
  return `${base}${path}?sort_key=${sortKey}&sort_dir=${descending ? 'desc' : 'asc'}&limit=${limit}&marker=${encodeURIComponent(marker)}`;
}

/** Items in the order that is asked for; equal ones stay as they are. */
export function sorted<Item extends object>(items: readonly Item[], { sortKey, descending }: Page): Item[] {
  const value = (item: Item): string => String((item as Record<string, unknown>)[sortKey] ?? '');
  const ascending = sortKey === 'id' ? [...items] : items.toSorted((a, b) => compare(value(a), value(b)));
  return descending ? ascending.toReversed() : ascending;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
