/** A path below a service's endpoint, and the same with its ids left out, for counting. */
export interface Path { text: string; template: string }

/**
 * path`/ports/${id}/tags`: every part is encoded, so that an id that came from a user stays one segment of the path.
 * Throws when a part is empty or would climb, because that would ask for something else than was meant.
 */
export function path(parts: TemplateStringsArray, ...values: readonly string[]): Path {
  const encoded = values.map((value) => {
    if (value === '' || value === '.' || value === '..') throw new TypeError(`Not an OpenStack id: "${value}"`);
    return encodeURIComponent(value);
  });
  return { text: String.raw({ raw: parts }, ...encoded), template: parts.join('{id}') };
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The query with its question mark, or nothing; a list repeats its key, undefined is left out. */
export function queryText(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(key, String(one));
  }
  return pairs.size > 0 ? `?${pairs}` : '';
}
