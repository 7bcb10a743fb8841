/** What every HTTP function is made of: a log line, security headers, errors in one form, and who is asking. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { authenticate, type Caller, type Right } from './authenticate.ts';
import { parseBody, type Validate } from './body.ts';
import type { Answer } from './error-answer.ts';
import { unavailable } from './http-error.ts';
import { errors, idOf, log, securityHeaders } from './middlewares.ts';

export type Event = APIGatewayProxyEventV2;

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

/** A text of another type than JSON. */
export class Text {
  readonly text: string;
  readonly type: string;
  constructor(text: string, type: string) {
    this.text = text;
    this.type = type;
  }
}

/** What goes with 200, always: the second generation's clients take nothing else for success. */
export type Success = object | Text;
export type Endpoint = (event: Event, context: object) => Promise<Answer>;

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

/** For anyone. */
export function open(handle: (event: Event) => Promise<Success>): Endpoint {
  return middy<Event, Answer>({ timeoutEarlyInMillis: 500, timeoutEarlyResponse })
    .use(log)
    .use(securityHeaders)
    .use(errors)
    .handler(async (event) => answer(await handle(event))) as unknown as Endpoint;
}

async function letIn(event: Event, right: Right): Promise<Request> {
  const now = Date.now();
  const requestId = idOf(event);
  const header = (name: string): string | undefined => event.headers[name.toLowerCase()];
  const caller = await authenticate(header('x-auth-token'), right, requestId, now);
  return {
    caller, requestId, now, header, event, path: event.rawPath, query: event.queryStringParameters ?? {},
    part: (name) => event.pathParameters?.[name] ?? '',
  };
}

function answer(success: Success): Answer {
  const { text, type } = success instanceof Text ? success : new Text(JSON.stringify(success), 'application/json');
  return { statusCode: 200, headers: { 'content-type': type }, body: text };
}

/** Better an answer than none: the gateway would make up one of its own. */
const timeoutEarlyResponse = (): never => {
  throw unavailable('timed_out',
    'The request took too long. What it was to begin may have begun: look before you repeat it.');
};
