/** Every error as the API answers it: `{ error: { code, message, … } }`, and nothing that is only our business. */
import { isOpenStackError, type OpenStackError } from '../openstack/error.ts';
import { logger } from '../platform/logger.ts';
import type { ErrorAnswer } from '../../schemas/generated/types.ts';
import { HttpError, unavailable } from './http-error.ts';

export interface Answer { statusCode: number; headers: Record<string, string>; body: string }

export function errorAnswer(error: unknown, requestId: string): Answer {
  const { refusal } = refusalOf(error);
  const { status, code, message, details, action, operationId, headers } = refusal;
  const body: ErrorAnswer = {
    error: {
      code, message,
      ...(details && { details: [...details] }), ...(action && { action }),
      ...(operationId && { operation_id: operationId }),
      request_id: requestId,
    },
  };
  const type = { 'content-type': 'application/json' };
  return { statusCode: status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

/** What an error is refused with; what is only our business is logged, and not told. */
export function refusalOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (isOpenStackError(error)) return cloudError(error);
  if (error instanceof Error && busy.has(error.name)) return unavailable('busy', 'Moorage is busier than usual.');
  logger.error('A request failed', { cause: error instanceof Error ? error : new Error(String(error)) });
  return new HttpError({
    status: 500, code: 'internal_error', message: 'Something went wrong on our side.',
    action: 'Try again; if it fails again, hand the request id to the platform\'s operator.',
  });
}

/** What AWS says when a table or queue has more to do than it takes, after its client has tried a few times. */
const busy = new Set(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'RequestThrottled', 'InternalServerError']);

/** Calls made with the user's own token: what the cloud says about that is theirs to know. */
function cloudError(error: OpenStackError): HttpError {
  const { service, method, path, status, type, message, requestId, retryAfterMs } = error;
  const told = { service, method, path, status, type, cloudMessage: message, cloudRequestId: requestId };
  logger.warn('OpenStack refused or did not answer', told);
  if (status === 401) return unauthorised('The token ended while it was being used.');
  if (status === 403) {
    const refused = `The token's roles do not allow what is needed of the service ${service}.`;
    return new HttpError({ status: 403, code: 'cloud_forbidden', message: refused });
  }
  return unavailable('cloud_unavailable', `OpenStack's service ${service} does not answer as it should.`, retryAfterMs);
}

/** 401, saying how to log in. */
export const unauthorised = (message: string): HttpError => new HttpError({
  status: 401, code: 'unauthorized', message,
  action: 'Send a valid Keystone token, scoped to a project, in the header X-Auth-Token.',
  headers: { 'www-authenticate': `Keystone uri="${process.env.OS_AUTH_URL ?? ''}"` },
});
