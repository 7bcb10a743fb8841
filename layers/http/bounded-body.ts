/** No request is larger than what anybody has to say: refused before anything looks at it, the token included. */
import type { MiddlewareObj } from '@middy/core';
import type { Answer } from './error-answer.ts';
import { HttpError } from './http-error.ts';
import type { Event } from './open.ts';

/** A create of twenty node groups with labels takes a tenth of it. */
export const mostBytes = 262_144;

export const boundedBody: MiddlewareObj<Event, Answer, Error> = {
  before: ({ event: { body, isBase64Encoded } }) => {
    // A gateway may say null where there is none, whatever its type says.
    if (!body || Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8') <= mostBytes) return;
    throw new HttpError({
      status: 413, code: 'request_too_large', message: `A request may have ${mostBytes / 1_024} KiB at most.`,
    });
  },
};
