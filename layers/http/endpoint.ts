/** HTTP functions for callers who are known, and may do what they ask for. */
import { authenticate, type Caller, type Right } from './authenticate.ts';
import { parseBody, type Validate } from './body.ts';
import { idOf } from './middlewares.ts';
import { open, type Endpoint, type Event, type Success } from './open.ts';

/** A request that has been let in. */
export interface Request {
  caller: Caller;
  /** As OpenStack's services have them: one id finds the request in all their logs. */
  requestId: string;
  /** Epoch milliseconds. */
  now: number;
  /** A part of the path. */
  part(name: string): string;
  query: Readonly<Record<string, string | undefined>>;
  header(name: string): string | undefined;
  path: string;
  event: Event;
}

/** For callers with the right. */
export function endpoint(right: Right, handle: (request: Request) => Promise<Success>): Endpoint {
  return open(async (event) => handle(await letIn(event, right)));
}

/** For callers with the right; the body is of the shape that `validate` says. */
export function bodyEndpoint<Body>(
  right: Right, validate: Validate<Body>, handle: (request: Request, body: Body) => Promise<Success>,
): Endpoint {
  return open(async (event) => handle(await letIn(event, right), parseBody(event, validate)));
}

async function letIn(event: Event, right: Right): Promise<Request> {
  const now = Date.now();
  const requestId = idOf(event);
  const header = (name: string): string | undefined => event.headers[name.toLowerCase()];
  const caller = await authenticate(header('x-auth-token'), right, event.requestContext.requestId, now);
  return {
    caller, requestId, now, header, event, path: event.rawPath, query: event.queryStringParameters ?? {},
    part: (name) => event.pathParameters?.[name] ?? '',
  };
}
