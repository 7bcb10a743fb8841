/** Asked twice, done once: what is made gets its id from what the client calls it. */
import { randomUUID } from 'node:crypto';
import { uuidFrom } from '../platform/uuid.ts';
import { idFrom } from '../store/ids.ts';
import type { Request } from './endpoint.ts';
import { HttpError, wrongRequest } from './http-error.ts';

export interface Identity {
  /** Follows from the uuid: either finds the other's row. */
  id: string;
  uuid: string;
  /** Of the request, where it came with a key. */
  fingerprint?: string;
  /** Whether a repeated request finds the same. */
  repeatable: boolean;
}

/**
 * Within `scope`: from the client's uuid, else from its Idempotency-Key, else made up. Under a key the request is
 * remembered as well, so that one key for two requests is noticed.
 */
export function identityOf(
  scope: readonly string[], uuid: string | undefined, request: Request, body: object,
): Identity {
  const made = (own: string) => ({ id: idFrom(...scope, own), uuid: own });
  if (uuid) return { ...made(uuid), repeatable: true };
  const key = request.header('idempotency-key');
  if (key === undefined) return { ...made(randomUUID()), repeatable: false };
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) {
    const message = 'must be 1 to 255 printable characters';
    throw wrongRequest([{ path: '$[\'Idempotency-Key\']', code: 'invalid_format', message }]);
  }
  const fingerprint = uuidFrom(JSON.stringify([key, body]));
  return { ...made(uuidFrom(JSON.stringify([...scope, 'idempotency-key', key]))), fingerprint, repeatable: true };
}

/** Throws 422 when what is there was made by another request under the same key. */
export function checkSame(existing: { fingerprint?: string }, { fingerprint }: Identity): void {
  if (existing.fingerprint === fingerprint) return;
  throw new HttpError({
    status: 422, code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used for another request.', action: 'Use a new key for each request.',
  });
}
