/** Neutron's attribute maps: which attributes a resource takes, when, and how a wrong one is refused. */
import { Refusal } from '../refusal.ts';
import type { Attributes } from '../service.ts';

/** `p`: may be in a POST, `u`: in a PUT, `r`: must be in a POST, `-`: shown only. */
export type AttributeMap = Record<string, string>;

/** What every resource has besides its own. */
const STANDARD: AttributeMap = {
  id: '-', tenant_id: 'p', project_id: 'p', name: 'pu', description: 'pu', tags: '-', created_at: '-', updated_at: '-',
  revision_number: '-', status: '-',
};

export function withStandard(own: AttributeMap): AttributeMap {
  return { ...STANDARD, ...own };
}

/** Refuses what a POST must not have or lacks. Null stands for absent where the attribute is not nullable. */
export function checkCreate(map: AttributeMap, given: Attributes): void {
  const unknown = Object.keys(given).filter((key) => map[key] === undefined);
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  for (const [key, when] of Object.entries(map)) {
    if (when.includes('r') && given[key] === undefined) {
      throw badRequest(`Failed to parse request. Required attribute '${key}' not specified`);
    }
    if (!when.includes('p') && !when.includes('r') && given[key] !== undefined) {
      throw badRequest(`Attribute '${key}' not allowed in POST`);
    }
  }
}

/** Refuses what a PUT must not have. */
export function checkUpdate(map: AttributeMap, given: Attributes): void {
  const unknown = Object.keys(given).filter((key) => map[key] === undefined);
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const fixed = Object.keys(given).find((key) => !map[key]?.includes('u'));
  if (fixed !== undefined) {
    throw badRequest(`Cannot update read-only attribute ${fixed === 'project_id' ? 'tenant_id' : fixed}`);
  }
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, message, 'HTTPBadRequest');
}

export function invalidInput(message: string): Refusal {
  return new Refusal(400, `Invalid input for operation: ${message}`, 'InvalidInput');
}

/** The value as text; refused when it is there and none. */
export function textOf(given: Attributes, key: string): string | undefined {
  const value = given[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badRequest(
    `Invalid input for ${key}. Reason: '${String(value)}' is not a valid string.`);
  return value;
}

export function flagOf(given: Attributes, key: string): boolean | undefined {
  const value = given[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (/^(true|1)$/i.test(String(value))) return true;
  if (/^(false|0)$/i.test(String(value))) return false;
  throw badRequest(`Invalid input for ${key}. Reason: '${String(value)}' cannot be converted to boolean.`);
}
