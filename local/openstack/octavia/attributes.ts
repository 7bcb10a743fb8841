/** Octavia's request types: which attributes a body has, and how a wrong one is refused. */
import ipaddr from 'ipaddr.js';
import { Refusal } from '../refusal.ts';
import { within, type Attributes, type Call } from '../service.ts';

/** How a value is checked; `!` in front: mandatory. */
export type Shape = Record<string, string>;

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** The body's object of that kind, every attribute known and right. `partial` for updates: nothing is mandatory. */
export function readBody(call: Call, kind: string, argument: string, shape: Shape, partial = false): Attributes {
  const given = within(call.body, kind);
  if (!given) throw new Refusal(400,
    `Invalid input for field/attribute ${kind}. Value: 'None'. Mandatory field missing.`);
  return readAttributes(given, `${argument}.${kind}`, shape, partial);
}

export function readAttributes(given: Attributes, where: string, shape: Shape, partial: boolean): Attributes {
  const unknown = Object.keys(given).find((key) => shape[key] === undefined);
  if (unknown !== undefined) throw new Refusal(400, `Unknown attribute for argument ${where}: ${unknown}`);
  for (const [key, rule] of Object.entries(shape)) {
    const value = given[key];
    if (value === undefined || value === null) {
      if (rule.startsWith('!') && !partial) throw invalid(key, 'None', 'Mandatory field missing.');
    } else check(key, value, rule.replace('!', ''));
  }
  return given;
}

export function invalid(key: string, value: unknown, why: string): Refusal {
  const text = Array.isArray(value) ? `[${value.map((one) => `'${String(one)}'`).join(', ')}]` : String(value);
  return new Refusal(400, `Invalid input for field/attribute ${key}. Value: '${text}'. ${why}`);
}

export function invalidOption(message: string): Refusal {
  return new Refusal(400, `Validation failure: ${message}`);
}

function check(key: string, value: unknown, rule: string): void {
  const [kind, rest = ''] = rule.split(':');
  if (kind === 'uuid' && !UUID.test(String(value))) throw invalid(key, value, 'Value should be UUID format');
  if (kind === 'one' && !rest.split(' ').includes(String(value))) {
    throw invalid(key, value, `Value should be one of: ${rest.split(' ').join(', ')}`);
  }
  if (kind === 'port') checkNumber(key, value, [0, 65_535]);
  if (kind === 'number') checkNumber(key, value, rest.split(' ').map(Number));
  if (kind === 'address' && !ipaddr.isValid(String(value))) {
    throw invalid(key, value, 'Value should be IPv4 or IPv6 format');
  }
  if (kind === 'cidrs' && !(Array.isArray(value) && value.every((one) => ipaddr.isValidCIDR(String(one))))) {
    throw invalid(key, value, 'Value should be IPv4 or IPv6 CIDR format');
  }
  if (kind === 'flag' && !/^(true|false)$/i.test(String(value))) throw invalid(key, value, 'Value should be boolean');
  if (kind === 'text' && typeof value !== 'string') throw invalid(key, value, 'Value should be string');
}

function checkNumber(key: string, value: unknown, [low = -Infinity, high = Infinity]: number[]): void {
  const number = Number(value);
  if (!Number.isInteger(number)) throw invalid(key, value, 'Value should be integer');
  if (number < low) throw invalid(key, value, `Value should be greater or equal to ${low}`);
  if (number > high) throw invalid(key, value, `Value should be lower or equal to ${high}`);
}
