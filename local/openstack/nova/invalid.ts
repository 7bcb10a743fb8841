/** What Nova's JSON schemas say no with. */
import { Refusal } from '../refusal.ts';

export function invalid(field: string, value: unknown, why: string): Refusal {
  const text = typeof value === 'string' ? value : pythonText(value);
  return new Refusal(400, `Invalid input for field/attribute ${field}. Value: ${text}. ${why}`);
}

/** The value as Python prints it. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value !== 'object') return String(value as number);
  return `{${Object.entries(value).map(([key, item]) => `'${key}': ${pythonText(item)}`).join(', ')}}`;
}
