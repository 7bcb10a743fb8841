/** Values out of JSON Schemas: such as they allow, and such as they do not. */
import fc, { type Arbitrary } from 'fast-check';
import type { Definitions, Schema } from '../../schemas/generator/definitions.ts';

interface Known extends Schema {
  type?: string | string[]; enum?: unknown[]; properties?: Record<string, Known>; required?: string[]; items?: Known;
  additionalProperties?: boolean | Known; minimum?: number; maximum?: number; minLength?: number; maxLength?: number; maxItems?: number;
  minItems?: number; maxProperties?: number; default?: unknown;
}

/** Values that the schema allows, small ones mostly. `names`: what may be there in the world, for texts that are free. */
export function allowed(schema: Schema, definitions: Definitions, names: readonly string[]): Arbitrary<unknown> {
  const known = schema as Known;
  const of = (part: Known): Arbitrary<unknown> => allowed(part, definitions, names);
  if (known.$ref) return of(definitions[known.$ref.replace('#/$defs/', '')] as Known);
  if (known.enum) return fc.constantFrom(...known.enum);
  const [type] = [known.type].flat();
  switch (type) {
    case 'object': return objects(known, of);
    case 'array': return fc.array(of(known.items ?? {}), { minLength: known.minItems ?? 0, maxLength: Math.min(known.maxItems ?? 3, 3) });
    case 'integer': case 'number': return fc.integer({ min: known.minimum ?? 0, max: Math.min(known.maximum ?? 20, (known.minimum ?? 0) + 20) });
    case 'boolean': return fc.boolean();
    case 'string': return texts(known, names);
    default: return fc.jsonValue({ maxDepth: 2 });
  }
}

function texts({ pattern, minLength = 0, maxLength = 40 }: Known, names: readonly string[]): Arbitrary<string> {
  const free = pattern ? fc.stringMatching(new RegExp(pattern)) : fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
  const fitting = names.filter((name) => name.length <= maxLength && (!pattern || new RegExp(pattern).test(name)));
  return fitting.length > 0 ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: free }) : free;
}

function objects({ properties = {}, required = [], additionalProperties }: Known, of: (part: Known) => Arbitrary<unknown>): Arbitrary<object> {
  const named = fc.record(Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, of(part)])), { requiredKeys: required });
  if (Object.keys(properties).length > 0 || !additionalProperties) return named;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), typeof additionalProperties === 'object' ? of(additionalProperties) : fc.string(), { maxKeys: 3 });
}

/** As allowed, and now and then anything in place of a part of it. */
export const nearly = (schema: Schema, definitions: Definitions, names: readonly string[]): Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: allowed(schema, definitions, names) }, { weight: 2, arbitrary: broken(allowed(schema, definitions, names)) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) });

/** One part of it replaced. */
function broken(values: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc.tuple(values, fc.jsonValue({ maxDepth: 1 }), fc.nat()).map(([value, other, at]) => replaced(value, other, at));
}

function replaced(value: unknown, other: unknown, at: number): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[at % Math.max(keys.length, 1)];
  if (key === undefined) return Array.isArray(value) ? [other] : { surprise: other };
  const part = (value as Record<string, unknown>)[key];
  const changed = at % 3 === 0 ? other : replaced(part, other, Math.floor(at / 3));
  return Array.isArray(value) ? value.map((item, index) => (String(index) === key ? changed : item as unknown)) : { ...value, [key]: changed };
}
