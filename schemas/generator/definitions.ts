/** What the schema files define, under one roof: names are unique over all of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Schema { [keyword: string]: unknown; $ref?: string; pattern?: string; 'x-rule'?: string }
export type Definitions = Record<string, Schema>;
export interface Parameter {
  name: string; in: 'path' | 'query' | 'header'; required?: boolean; description: string; schema: Schema;
}
export interface Route {
  id: string; method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: string; role: 'reader' | 'member' | 'anyone';
  /** The Magnum API's: the microversion that it came with, and the status of its success. */
  since?: string; status?: number;
  summary: string;
  /** Names of definitions; an answer with a slash is a media type. */
  request?: string; answer: string; parameters?: string[]; errors?: number[];
}
export interface Routes { parameters: Record<string, Parameter>; routes: Route[] }

export const folder = join(import.meta.dirname, '..');
const files = ['common', 'cluster', 'node-group', 'operation', 'error', 'catalog', 'magnum-common', 'magnum-cluster', 'magnum-node-group',
  'magnum-template'];

const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as T;

/** Of the second generation's API. */
export const readRoutes = (): Routes => read<Routes>('routes');
/** Of the Magnum API. */
export const readMagnumRoutes = (): Routes => read<Routes>('magnum-routes');

export function readDefinitions(): Definitions {
  const all: Definitions = {};
  for (const file of files) {
    for (const [name, schema] of Object.entries(read<{ $defs: Definitions }>(file).$defs)) {
      if (name in all) throw new Error(`schemas/${file}.json defines ${name} a second time`);
      all[name] = schema;
    }
  }
  for (const name of refsOf(all)) if (!(name in all)) throw new Error(`A schema refers to ${name}, which none defines`);
  return all;
}

const prefix = '#/$defs/';
const refsOf = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref.slice(prefix.length)] : [];
  return [...own, ...Object.values(value).flatMap(refsOf)];
};

/** The same with every reference to a definition put elsewhere. */
export function withRefs<T>(value: T, to: string): T {
  const put = (key: string, item: unknown): unknown => (key === '$ref' ? String(item).replace(prefix, to) : item);
  return JSON.parse(JSON.stringify(value, put)) as T;
}

/** What each pattern demands, in words: a pattern itself tells people nothing. */
export function rulesOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  const { pattern, 'x-rule': rule } = value as Schema;
  const own = typeof pattern === 'string' && rule ? { [pattern]: rule } : {};
  return Object.assign(own, ...Object.values(value).map(rulesOf)) as Record<string, string>;
}
