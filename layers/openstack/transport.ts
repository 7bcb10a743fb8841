import { DelegateBackoff, handleWhen, retry, type IRetryBackoffContext } from 'cockatiel';
import { OpenStackError, isOpenStackError, type Method, type Service } from './error.ts';
import { createExchange, type Incoming } from './exchange.ts';
import { readFault } from './fault.ts';
import type { Path } from './path.ts';
import { secretsIn, withoutSecrets } from './secrets.ts';

export interface TransportOptions {
  /** PEM of the authority behind the cloud's endpoints, where it is not a public one. */
  ca?: string | undefined;
  connectTimeoutMs?: number;
  /** For a whole call: all attempts and the pauses between them. */
  timeoutMs?: number;
  /** Attempts after the first, for what may be repeated. */
  retries?: number;
  /** Whom every request passes first. */
  gate?: Gate | undefined;
  /** Mean pause before the second attempt is half of this; it doubles from attempt to attempt. */
  backoffMs?: number;
}

/** Decides when a service may be asked: shared by all who ask it. */
export interface Gate {
  /** Resolves when it may. Throws an OpenStackError of type `Paced`, with `retryAfterMs`, when that will not be soon. */
  enter(request: Pick<TransportRequest, 'service' | 'method' | 'path' | 'headers' | 'projectId'>): Promise<void>;
  /** What became of the request; `status` 0: no answer. */
  left(request: Pick<TransportRequest, 'service'>, outcome: { ms: number; status: number; retryAfterMs: number | undefined }): Promise<void>;
}

export interface TransportRequest {
  service: Service;
  method: Method;
  /** What `path` is below. */
  endpoint: string;
  path: Path;
  /** With its question mark, or empty. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
  /** A PUT that acts instead of setting: not to be repeated. */
  once?: boolean | undefined;
  /** Whose cluster it is about. */
  projectId?: string | undefined;
  onCall?: ((call: CallRecord) => void) | undefined;
}

/** One request that went over the wire, for counting. `path` has `{id}` in place of ids; status 0: no answer. */
export interface CallRecord {
  service: Service;
  method: Method;
  path: string;
  status: number;
  ms: number;
  requestId?: string;
}

export interface TransportAnswer { status: number; headers: Incoming['headers']; body: unknown }

/** A request whose body goes as it is, whatever it is. */
export interface PassedRequest extends Omit<TransportRequest, 'body'> { text?: string | undefined }

/** Sends requests and turns everything that goes wrong into an OpenStackError. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportAnswer>;
  /** The service's own answer, a refusal too; an error only where the service itself gave none: status 0, 502 to 504. */
  pass(request: PassedRequest): Promise<Incoming>;
}

/** A longer wish to be left alone is the caller's to grant: a function that sleeps is paid for. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * GET, PUT and DELETE are tried again after connection errors, 502, 503, 504 and a short Retry-After; POST and PATCH
 * never: a create whose answer was lost may have happened, so the step's next run looks first.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { ca, connectTimeoutMs = 5_000, timeoutMs = 30_000, retries = 2, backoffMs = 400, gate } = options;
  const exchange = createExchange({ ca, connectTimeoutMs });
  const policy = retry(handleWhen(isWorthRepeating), {
    maxAttempts: retries,
    backoff: new DelegateBackoff((context) => pause(context, backoffMs)),
  });

  /** One request over the wire, counted. */
  async function exchanged(request: PassedRequest, signal: AbortSignal): Promise<Incoming> {
    const { service, method, path, text: body, onCall } = request;
    await gate?.enter(request);
    const started = performance.now();
    const count = async (status: number, requestId?: string, retryAfter?: string): Promise<void> => {
      const ms = Math.round(performance.now() - started);
      onCall?.({ service, method, path: path.template, status, ms, ...(requestId && { requestId }) });
      await gate?.left(request, { ms, status, retryAfterMs: retryAfterMs(retryAfter) });
    };
    try {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const headers = { accept: 'application/json', ...type, ...request.headers };
      const answer = await exchange({ method, url: request.endpoint + path.text + request.query, headers, body, signal });
      await count(answer.status, requestIdOf(answer), answer.headers['retry-after']);
      return answer;
    } catch (cause) {
      await count(0);
      throw noAnswer(request, cause, signal, timeoutMs);
    }
  }

  async function attempt(request: TransportRequest, signal: AbortSignal): Promise<TransportAnswer> {
    const { body, ...rest } = request;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await exchanged({ ...rest, text }, signal);
    if (answer.status >= 400) throw refusal(request, answer);
    return { status: answer.status, headers: answer.headers, body: parse(request, answer) };
  }

  async function attemptPass(request: PassedRequest, signal: AbortSignal): Promise<Incoming> {
    const answer = await exchanged(request, signal);
    if ([502, 503, 504].includes(answer.status)) throw refusal(request, answer);
    return answer;
  }

  function repeatedly<T>({ method, once }: PassedRequest, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    const repeatable = ['GET', 'PUT', 'DELETE'].includes(method) && !once;
    return repeatable ? policy.execute(() => act(signal), signal) : act(signal);
  }

  return {
    send: (request) => repeatedly(request, (signal) => attempt(request, signal)),
    pass: (request) => repeatedly(request, (signal) => attemptPass(request, signal)),
  };
}

function isWorthRepeating(error: unknown): boolean {
  if (!isOpenStackError(error) || error.type === 'Paced' || (error.retryAfterMs ?? 0) > LONGEST_PAUSE_MS) return false;
  if (error.status === 429) return error.retryAfterMs !== undefined;
  return [0, 502, 503, 504].includes(error.status);
}

/** What the service asked for, else exponential with full jitter: who failed together shall not return together. */
function pause({ attempt, result }: IRetryBackoffContext<unknown>, backoffMs: number): number {
  const asked = 'error' in result && isOpenStackError(result.error) ? result.error.retryAfterMs : undefined;
  return asked ?? Math.random() * Math.min(LONGEST_PAUSE_MS, backoffMs * 2 ** (attempt - 1));
}

function noAnswer(request: TransportRequest, cause: unknown, signal: AbortSignal, timeoutMs: number): OpenStackError {
  const { service, method, path } = request;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'ECONNECTION';
  const type = signal.aborted ? 'ETIMEDOUT' : code;
  const why = signal.aborted ? `no answer within ${timeoutMs} ms` : (cause instanceof Error && cause.message) || code;
  const message = withoutSecrets(
    `${service} at ${new URL(request.endpoint).host} cannot be reached: ${why}`,
    secretsOf(request),
  );
  return new OpenStackError({ service, method, path: path.text, status: 0, type, message });
}

function refusal(request: TransportRequest, answer: Incoming): OpenStackError {
  const { service, method, path } = request;
  const { type, message, quota } = readFault(service, answer.status, answer.body);
  return new OpenStackError({
    service, method, path: path.text, status: answer.status, type, quota, requestId: requestIdOf(answer),
    message: withoutSecrets(message, secretsOf(request)),
    // Cinder asks to be tried again in no time when a quota is spent; it will not help.
    retryAfterMs: quota ? undefined : retryAfterMs(answer.headers['retry-after']),
  });
}

function parse(request: TransportRequest, answer: Incoming): unknown {
  if (answer.body === '') return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    const { service, method, path } = request;
    throw new OpenStackError({
      service, method, path: path.text, status: answer.status, type: 'NotJson', requestId: requestIdOf(answer),
      message: `${service} answered ${answer.status} with something that is not JSON`,
    });
  }
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function requestIdOf({ headers }: Incoming): string | undefined {
  const id = headers['x-openstack-request-id'];
  return Array.isArray(id) ? id[0] : id;
}

const secretsOf = ({ headers, body }: TransportRequest): string[] => [...secretsIn(headers), ...secretsIn(body)];
