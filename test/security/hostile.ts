/** Requests as somebody hostile would make them: the same ones for the same seed. */
import fc from 'fast-check';
import { readMagnumRoutes, readRoutes, type Route } from '../../schemas/generator/definitions.ts';

export const routes: readonly Route[] = [...readRoutes().routes, ...readMagnumRoutes().routes];

/** Where nobody is asked for a token. */
export const isOpen = ({ path, role }: Route): boolean => role === 'anyone' || path === '/openapi.json' || path === '/health';

export interface Hostile { method: string; path: string; headers: Record<string, string>; raw?: string }

/** Texts that have broken something somewhere: paths, templates, queries, terminals, numbers. */
const tricks = [
  '..', '../../etc/passwd', '%2e%2e%2f', '%00', '%', '%zz', '\u0000', '\r\nx-auth-token: admin', '\n{"level":"INFO"}', '\u001b[2J', '\u202e', '\ud800',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', '$ref', '{{7*7}}', '${jndi:ldap://x}', '\' OR 1=1 --', '<script>', '-1', '0', '1e309', 'NaN',
  '9'.repeat(40), 'a'.repeat(5_000), '0'.repeat(27), '00000000-0000-0000-0000-000000000000', 'detail', 'null', 'true', ' ', ':', ':retry', '*', 'system:masters',
];
const trick = fc.constantFrom(...tricks);

/** Any JSON, with keys and texts that are tricks more often than not. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof({ maxDepth: 4, depthSize: 'small' }, trick, fc.constantFrom(null, true, -1, 0, 1e21, 1.5, ''), fc.string({ unit: 'binary' }),
    fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.oneof(trick, fc.constantFrom('name', 'labels', 'uuid', 'op', 'path', 'value', 'node_count', 'cluster_id')), tie('any'), { maxKeys: 5 })),
})).any;

const query = fc.dictionary(fc.constantFrom('limit', 'marker', 'sort_key', 'sort_dir', 'cluster_id', 'ttl', 'ca_cert_type', 'role', 'project_id', 'type', 'x'), trick, { maxKeys: 3 });
const headers = fc.dictionary(fc.constantFrom('openstack-api-version', 'idempotency-key', 'x-forwarded-for', 'x-project-id', 'x-roles', 'x-user-id', 'x-identity-status', 'host', 'content-type', 'accept'),
  trick, { maxKeys: 3 });

/** A path as a URL may have it: what a client cannot send on the wire is not asked. */
const pathOf = (path: string, parts: readonly string[]): string => {
  let at = 0;
  return path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(parts[at++ % parts.length]!.toWellFormed()));
};

/** `known` are ids and names that are there: some requests are wrong in one place only. */
export const hostile = (known: readonly string[], valid: readonly unknown[]): fc.Arbitrary<Hostile> =>
  fc.record({
    route: fc.constantFrom(...routes), parts: fc.array(fc.oneof(trick, fc.constantFrom(...known)), { minLength: 1, maxLength: 3 }),
    query, headers, body: fc.oneof(value, spoilt(valid), fc.constant(undefined)), cut: fc.double({ min: 0, max: 20, noNaN: true }),
  }).map(({ route, parts, body, cut, ...asked }) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const search = new URLSearchParams(asked.query).toString();
    // What leads out of a path is gone before a request is sent.
    const { pathname } = new URL(pathOf(route.path, parts), 'http://any');
    return {
      method: route.method, path: `${pathname}${search && `?${search}`}`, headers: asked.headers,
      ...(text !== undefined && route.method !== 'GET' && { raw: cut < 1 ? text.slice(0, Math.floor(text.length * cut)) : text }),
    };
  });

/** A body that is right but for one place, anywhere in it. */
const spoilt = (valid: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.record({ body: fc.constantFrom(...valid), at: fc.nat(200), put: fc.oneof(trick, value) }).map(({ body, at, put }) => {
    const places = placesOf(body);
    return withAt(body, places[at % places.length]!, put);
  });

function placesOf(whole: unknown, before: readonly string[] = []): string[][] {
  if (typeof whole !== 'object' || whole === null) return [[...before]];
  return [[...before], ...Object.entries(whole).flatMap(([key, part]) => placesOf(part, [...before, key]))];
}

function withAt(whole: unknown, [key, ...rest]: readonly string[], put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(whole)) return whole.map((item, index) => (String(index) === key ? withAt(item, rest, put) : item as unknown));
  const parts = whole as Record<string, unknown>;
  return { ...parts, [key]: withAt(parts[key], rest, put) };
}
