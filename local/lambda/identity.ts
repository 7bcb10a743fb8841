/**
 * Which function is calling: all run in one process, so calls to the table and the queues carry their function's name,
 * and are allowed what its role allows.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

export const callerHeader = 'x-local-function';

type Handler = (event: unknown, context: unknown) => unknown;
const key = Symbol.for('moorage.local.caller');
const shared = globalThis as { [key]?: AsyncLocalStorage<string> };

/** Runs `handler` under the name of its function. */
export function actAs(name: string, handler: Handler): Handler {
  const caller = callers();
  return (event, context) => caller.run(name, () => handler(event, context));
}

/** One per process, however many copies of this file are loaded. */
function callers(): AsyncLocalStorage<string> {
  if (shared[key]) return shared[key];
  const caller = (shared[key] = new AsyncLocalStorage<string>());
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest };
    const name = caller.getStore();
    if (name && !request.headersSent) request.setHeader(callerHeader, name);
  });
  return caller;
}
