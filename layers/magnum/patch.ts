/** JSON patches, as far as the Magnum API takes them: single fields at the top, and entries of maps. */
import type { MagnumPatch } from '../../schemas/generated/types.ts';
import { refused } from './errors.ts';

export type Fields = Record<string, unknown>;
interface Rules {
  /** Fields that may change; whatever else is shown may not. */
  allowed: readonly string[];
  /** How a field that may not is refused. */
  refusal(field: string): Error;
}

/** The fields after the patch; `undefined` for what it takes away. Throws 400 as Magnum words it. */
export function patched(fields: Fields, patch: MagnumPatch, { allowed, refusal }: Rules): Fields {
  const after: Fields = { ...fields };
  for (const { op, path, value } of patch) {
    const [field = '', key, ...deeper] = path.slice(1).split('/').map(unescaped);
    if (!(field in fields) || deeper.length > 0) throw cannot(patch, op === 'add' ? 'replace' : op, field);
    if (!allowed.includes(field)) throw refusal(field);
    if (op !== 'remove' && value === undefined) throw refused(400, `'add' and 'replace' operations need a value, and that of '${path}' has none.`);
    if (key !== undefined) after[field] = entryPatched(after[field], key, op === 'remove' ? undefined : value);
    else {
      if (op === 'add' && fields[field] !== null && fields[field] !== undefined) {
        throw refused(400, `The attribute ${path} has existed, please use 'replace' operation instead.`);
      }
      after[field] = op === 'remove' ? undefined : literal(value);
    }
  }
  return after;
}

/** A part of a JSON pointer (RFC 6901): what stands for `/` and `~` in it. In this order, or `~01` would become `/`. */
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function entryPatched(map: unknown, key: string, value: unknown): Fields {
  const { [key]: _before, ...others } = (map ?? {}) as Fields;
  return value === undefined ? others : { ...others, [key]: value };
}

function cannot(patch: MagnumPatch, op: string, field: string): Error {
  return refused(400, `Couldn't apply patch '${JSON.stringify(patch)}'. Reason: can't ${op} a non-existent object '${field}'`);
}

/** Clients send maps and lists as Python writes them, and numbers as text. */
function literal(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  if (!/^[[{]/.test(text)) return value;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fromPython(text) ?? value;
  }
}

/** Strings in either quotes, True, False and None; undefined when it is none. */
function fromPython(text: string): unknown {
  const json = text.replace(/'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(?:True|False|None)\b/g, (whole, inner?: string) => {
    if (inner !== undefined) return JSON.stringify(inner.replace(/\\'/g, '\''));
    return { True: 'true', False: 'false', None: 'null' }[whole] ?? whole;
  });
  try { return JSON.parse(json) as unknown; } catch { return undefined; }
}
