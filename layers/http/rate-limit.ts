/**
 * So many requests a minute for each project, whoever of it asks and whichever function is asked. Counted in a table, since
 * functions know nothing of one another. A change waits for its number; a read is done meanwhile, and refused at its end.
 */
import type { MiddlewareObj } from '@middy/core';
import { logger } from '../platform/logger.ts';
import { requireSettings } from '../platform/settings.ts';
import { countRequest } from '../store/requests.ts';
import type { Right } from './authenticate.ts';
import type { Answer } from './error-answer.ts';
import { HttpError } from './http-error.ts';
import type { Event } from './open.ts';

const minuteMs = 60_000;

/** Of reads under way, by what the gateway calls their request. */
const counting = new Map<string, Promise<void>>();
/** Projects that have used up their minute, and which it was: they are refused without being counted. */
const exhausted = new Map<string, number>();

/** Throws a 429 when the project has asked too often: for a change at once, for a read when it is about to be answered. */
export async function limitRate(projectId: string, right: Right, invocation: string, now: number): Promise<void> {
  const { requestsPerMinute: limit } = requireSettings();
  if (limit === 0) return;
  const minute = Math.floor(now / minuteMs);
  if (exhausted.get(projectId) === minute) throw tooMany(limit, now);
  const counted = check(projectId, minute, limit, now);
  if (right === 'change') return counted;
  counted.catch(() => {});
  counting.set(invocation, counted);
}

async function check(projectId: string, minute: number, limit: number, now: number): Promise<void> {
  let count: number;
  try {
    count = await countRequest(projectId, minute);
  } catch (error) {
    // Better no limit for a moment than nobody let in.
    logger.error('A request could not be counted', { cause: error as Error });
    return;
  }
  if (count <= limit) return;
  if (exhausted.size >= 1_000) exhausted.clear();
  exhausted.set(projectId, minute);
  throw tooMany(limit, now);
}

const tooMany = (limit: number, now: number): HttpError => new HttpError({
  status: 429, code: 'too_many_requests', message: `A project may make ${limit} requests a minute.`, action: 'Ask less often.',
  headers: { 'retry-after': String(Math.max(1, Math.ceil((minuteMs - (now % minuteMs)) / 1_000))) },
});

export const rateLimit: MiddlewareObj<Event, Answer, Error> = {
  after: async ({ event }) => settle(event),
  onError: async ({ event }) => void counting.delete(event.requestContext.requestId),
};

async function settle({ requestContext: { requestId } }: Event): Promise<void> {
  const counted = counting.get(requestId);
  counting.delete(requestId);
  await counted;
}

/** For tests: nobody has asked too often. */
export const forgetRates = (): void => exhausted.clear();
