/** What goes around every HTTP function. */
import type { MiddlewareObj } from '@middy/core';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { uuidFrom } from '../platform/uuid.ts';
import type { Event } from './open.ts';
import type { Answer } from './error-answer.ts';

type Middleware = MiddlewareObj<Event, Answer, Error>;
type Running = Parameters<NonNullable<Middleware['after']>>[0];

/** As OpenStack's services have them; what is called for the sake of the request carries the same. */
export const idOf = (event: Event): string => `req-${uuidFrom(event.requestContext.requestId)}`;

const finish = ({ event, response, internal }: Running): void => {
  const { statusCode, headers } = response!;
  headers['x-openstack-request-id'] = idOf(event);
  count('HttpAnswers', 1, { route: event.routeKey, outcome: `${Math.floor(statusCode / 100)}xx` });
  const ms = Math.round(performance.now() - Number((internal as { startedAt?: number }).startedAt));
  logger[statusCode >= 500 ? 'error' : 'info']('Answered', { status: statusCode, ms });
};

/** One line for each request. */
export const log: Middleware = {
  before: ({ event, internal }) => {
    (internal as { startedAt?: number }).startedAt = performance.now();
    const { pathParameters, routeKey } = event;
    logger.resetKeys();
    logger.appendKeys({
      requestId: idOf(event), route: routeKey,
      ...(pathParameters?.id && { [routeKey.includes('node-groups') ? 'groupId' : 'clusterId']: pathParameters.id }),
      ...(pathParameters?.operation && { operationId: pathParameters.operation }),
    });
  },
  after: finish,
  onError: finish,
};

/** Answers are for programs: nobody is to keep, frame or run them. */
const fixedHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': 'default-src \'none\'; frame-ancestors \'none\'',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};
const secure = ({ response }: Running): void =>
  void Object.assign(response!.headers, { ...fixedHeaders, ...response!.headers });

export const securityHeaders: Middleware = { after: secure, onError: secure };

/** Last in the list, so that its answer is there before the others look at it. */
export const errorsAs = (answer: (error: unknown, requestId: string) => Answer): Middleware => ({
  onError: (request) => { request.response = answer(request.error, idOf(request.event)); },
});
