/** What every HTTP function is made of: a log line, security headers, errors in one form. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { boundedBody } from './bounded-body.ts';
import { errorAnswer, type Answer } from './error-answer.ts';
import { unavailable } from './http-error.ts';
import { errorsAs, log, securityHeaders } from './middlewares.ts';
import { rateLimit } from './rate-limit.ts';

export type Event = APIGatewayProxyEventV2;

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

/** How an API words its answers. */
export interface Form { success(of: object): Answer; error(error: unknown, requestId: string): Answer }
export type Endpoint = (event: Event, context: object) => Promise<Answer>;

/** For anyone. */
export function open(handle: (event: Event) => Promise<Success>, form: Form = { success: answer, error: errorAnswer }): Endpoint {
  return middy<Event, Answer>({ timeoutEarlyInMillis: 500, timeoutEarlyResponse })
    .use(log)
    .use(securityHeaders)
    .use(boundedBody)
    .use(rateLimit)
    .use(errorsAs(form.error))
    .handler(async (event) => form.success(await handle(event))) as unknown as Endpoint;
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
