/** What the API answers when it does not do what it was asked: a Status object. */
import type { Resource } from './resource-table.ts';

export interface StatusCause { reason?: string; message: string; field?: string }

/** Thrown anywhere below the HTTP handler, answered as Status. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: Record<string, unknown> | undefined;
  constructor(code: number, reason: string, message: string, details?: Record<string, unknown>) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  get status(): object {
    return {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: this.message, reason: this.reason,
      ...(this.details && { details: this.details }), code: this.code,
    };
  }
}

type Named = Pick<Resource, 'group' | 'plural'>;
/** `deployments.apps`, as messages name a resource. */
export const qualified = ({ group, plural }: Named): string => group === '' ? plural : `${plural}.${group}`;
const details = ({ group, plural }: Named, name?: string): Record<string, unknown> =>
  ({ ...(name && { name }), ...(group && { group }), kind: plural });

export const notFound = (resource: Named, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details(resource, name));
/** The path leads to no resource. */
export const noSuchPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
export const alreadyExists = (resource: Named, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, details(resource, name));
export const conflict = (resource: Named, name: string, why: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details(resource, name));
export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);
export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');
export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const forbidden = (resource: Named, name: string | undefined, why: string): ApiError =>
  new ApiError(403, 'Forbidden', `${qualified(resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`,
    details(resource, name));
export const invalid = (kind: string, group: string, name: string, causes: StatusCause[]): ApiError => {
  const list = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0]! : `[${list.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${kind}${group && `.${group}`} "${name}" is invalid: ${text}`, {
    name, group, kind, causes: causes.map((cause) => ({ reason: 'FieldValueInvalid', ...cause })),
  });
};
/** The list was read on from a place that is no longer kept. */
export const expired = (): ApiError => new ApiError(410, 'Expired',
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.');
/** etcd has no quorum. */
export const noQuorum = (): ApiError => new ApiError(500, 'InternalError', 'etcdserver: request timed out', {});
