/** What a request is refused with: a status, a stable code for programs, and words for people. */
import type { Problem } from '../admission/problem.ts';

export interface Refusal {
  status: number;
  code: string;
  message: string;
  /** Everything that is wrong with the request, at once. */
  details?: readonly Problem[] | undefined;
  /** What can be done about it. */
  action?: string | undefined;
  /** The operation that is in the way. */
  operationId?: string | undefined;
  headers?: Record<string, string> | undefined;
}

export class HttpError extends Error {
  override name = 'HttpError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** 400 with all problems. */
export function wrongRequest(details: readonly Problem[]): HttpError {
  const count = details.length === 1 ? 'One thing is' : `${details.length} things are`;
  const message = `${count} wrong with the request; nothing was created or changed.`;
  return new HttpError({ status: 400, code: 'invalid_request', message, details });
}

export function notFound(what: string, id: string): HttpError {
  const message = `There is no ${what} ${id} in this project.`;
  return new HttpError({ status: 404, code: `${codeOf(what)}_not_found`, message });
}

const codeOf = (what: string): string => what.replaceAll(' ', '_');

type More = Pick<Refusal, 'action' | 'operationId'>;

/** 409: it does not fit the state that things are in. */
export const conflict = (code: string, message: string, more: More = {}): HttpError =>
  new HttpError({ status: 409, code, message, ...more });

/** 409: one change at a time. */
export function beingChanged(what: string, operationId: string | undefined): HttpError {
  const more = { operationId, action: 'Wait until that is done.' };
  return conflict(`${codeOf(what)}_changing`, `The ${what} is being changed already.`, more);
}

/** 503: not this request's fault; to be tried again. */
export function unavailable(code: string, message: string, retryAfterMs = 5_000): HttpError {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };
  return new HttpError({ status: 503, code, message, action: 'Try again later.', headers });
}
