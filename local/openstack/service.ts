/** What a service is to the HTTP front: routes, and its own way to answer and to refuse. */
import type { Caller } from './keystone/token.ts';
import type { Refusal } from './refusal.ts';

export type Attributes = Record<string, unknown>;

export interface Call {
  method: string;
  /** Below the service's prefix, without the query. */
  path: string;
  /** The service's own URL as the catalogue gives it. */
  serviceUrl: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: unknown;
  /** What the caller sent as X-OpenStack-Request-ID: the log of waits names it. */
  globalRequestId: string | null;
  /** This call's own. */
  requestId: string;
  caller: Caller;
  /** The part of the path the route names; the route guarantees that it is there. */
  param(name: string): string;
}

export interface Reply {
  status: number;
  /** Sent as JSON; a Buffer or string goes as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Route {
  method: string;
  /** `/servers/{id}`; a route that comes earlier wins. */
  template: string;
  handle: (call: Call) => Reply;
  /** Served without a token. */
  open?: true;
}

export interface Service {
  name: string;
  prefix: string;
  routes: Route[];
  /** Runs before the route: what holds for all of the service's calls. May refuse. */
  admit?: (call: Call) => void;
  refuse: (refusal: Refusal, call: Call) => Reply;
  unauthorized: (call: Call) => Reply;
  /** Headers of every answer. */
  headers: (call: Call) => Record<string, string>;
}

export function route(method: string, template: string, handle: (call: Call) => Reply): Route {
  return { method, template, handle };
}

/** The value when it is a JSON object, otherwise undefined. */
export function asAttributes(value: unknown): Attributes | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Attributes : undefined;
}

/** The object a body holds under this key, otherwise undefined. */
export function within(body: unknown, key: string): Attributes | undefined {
  return asAttributes(asAttributes(body)?.[key]);
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asTexts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** The value as an integer, from a number or a string of digits. */
export function asInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** What keystonemiddleware, which guards Nova, Neutron, Cinder and Octavia, says without a valid token. */
export function middlewareUnauthorized(identityUrl: string): Reply {
  const error = { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' };
  return { status: 401, body: { error }, headers: { 'WWW-Authenticate': `Keystone uri="${identityUrl}"` } };
}
