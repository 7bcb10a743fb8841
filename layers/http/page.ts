/** Lists come in pages: `limit` and `marker` of the request, `next` of the answer. */
import { wrongRequest } from './http-error.ts';
import type { Request } from './endpoint.ts';

const usual = 100;
const most = 1_000;

/** How many to answer at most. */
export function limitOf({ query }: Pick<Request, 'query'>, atMost = most): number {
  if (query.limit === undefined) return Math.min(usual, atMost);
  const limit = Number(query.limit);
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, atMost);
  throw wrongRequest([{ path: '$.limit', code: 'out_of_range', message: `must be a whole number from 1 to ${most}` }]);
}

/** What the list goes on after. */
export const unknownMarker = (): Error =>
  wrongRequest([{ path: '$.marker', code: 'unknown_marker', message: 'is not the last id of a page before' }]);

/** Relative to where the request went: proxies do not tell which address the client used. */
export function nextPage(request: Pick<Request, 'path' | 'query'>, marker: string | undefined): { next?: string } {
  if (marker === undefined) return {};
  const { path, query } = request;
  const kept = Object.entries(query)
    .filter((pair): pair is [string, string] => pair[0] !== 'marker' && pair[1] !== undefined);
  return { next: `${path}?${new URLSearchParams([...kept, ['marker', marker]])}` };
}
