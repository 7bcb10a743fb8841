/** Asked twice, done once: what is made gets its id from what the client calls it. */
import { randomUUID } from 'node:crypto';
import { uuidFrom } from '../platform/uuid.ts';
import { idFrom, newId } from '../store/ids.ts';
import type { Request } from './endpoint.ts';
import { HttpError, wrongRequest } from './http-error.ts';

export interface Identity {
  id: string;
  uuid: string;
  /** Whether a repeated request finds the same. */
  repeatable: boolean;
}

/**
 * Within `scope`: from the client's uuid, else from its Idempotency-Key, else made up. Under a key the uuid follows
 * from the request as well, so that one key for two requests is noticed.
 */
export function identityOf(
  scope: readonly string[], uuid: string | undefined, request: Request, body: object,
): Identity {
  if (uuid) return { id: idFrom(...scope, uuid), uuid, repeatable: true };
  const key = request.header('idempotency-key');
  if (key === undefined) return { id: newId(request.now), uuid: randomUUID(), repeatable: false };
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) {
    const message = 'must be 1 to 255 printable characters';
    throw wrongRequest([{ path: '$[\'Idempotency-Key\']', code: 'invalid_format', message }]);
  }
  return { id: idFrom(...scope, 'idempotency-key', key), uuid: uuidFrom(JSON.stringify([key, body])), repeatable: true };
}

/** Throws 422 when what is there was made by another request under the same key. */
export function checkSame(existing: { uuid: string }, { uuid }: Identity): void {
  if (existing.uuid === uuid) return;
  throw new HttpError({
    status: 422, code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used for another request.', action: 'Use a new key for each request.',
  });
}
