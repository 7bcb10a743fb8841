/** What went wrong with a call to a Kubernetes API: it answered with an error, or it could not be asked. */

/** The API answered, and not with success. */
export class KubernetesError extends Error {
  override name = 'KubernetesError';
  readonly status: number;
  /** The API's own word: NotFound, Conflict, Forbidden, TooManyRequests … */
  readonly reason: string;
  readonly path: string;
  readonly retryAfterMs: number | undefined;
  constructor(method: string, path: string, status: number, reason: string, message: string, retryAfterMs?: number) {
    super(`${method} ${path}: ${status} ${reason}: ${message}`);
    this.status = status;
    this.reason = reason;
    this.path = path;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Unreachable = 'refused' | 'timeout' | 'closed' | 'untrusted';

/** No answer. `untrusted`: something answers that does not hold a certificate of the cluster's authority. */
export class KubernetesUnreachable extends Error {
  override name = 'KubernetesUnreachable';
  readonly why: Unreachable;
  readonly path: string;
  constructor(method: string, path: string, why: Unreachable, cause: Error) {
    super(`${method} ${path}: ${why}: ${cause.message}`, { cause });
    this.why = why;
    this.path = path;
  }
}

const refused = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|ALTNAME/;

/**
 * Sorts an error of the connection. A load balancer without members accepts and closes: that is `closed`, as a
 * handshake cut short is.
 */
export function unreachable(method: string, path: string, error: Error & { code?: string }): KubernetesUnreachable {
  const code = error.code ?? '';
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || code === 'ETIMEDOUT')
    return new KubernetesUnreachable(method, path, 'timeout', error);
  if (refused.has(code)) return new KubernetesUnreachable(method, path, 'refused', error);
  if (untrusted.test(code)) return new KubernetesUnreachable(method, path, 'untrusted', error);
  return new KubernetesUnreachable(method, path, 'closed', error);
}

/** Whether waiting may help by itself: not up yet, overloaded, or without its leader just now. */
export function isNotYet(error: unknown): boolean {
  if (error instanceof KubernetesUnreachable) return error.why !== 'untrusted';
  return error instanceof KubernetesError && (error.status === 429 || error.status >= 500);
}
