/** What is not ours goes to Magnum as it came, with the user's own token, and its answer back as it is. */
import { HttpError } from '../http/http-error.ts';
import { userSession } from '../http/sessions.ts';
import { isOpenStackError, type OpenStackError } from '../openstack/error.ts';
import { passOn, type MagnumAnswer, type MagnumRequest as Passed } from '../openstack/magnum.ts';
import { logger } from '../platform/logger.ts';
import { Reply, type MagnumRequest } from './api.ts';
import { refused } from './errors.ts';
import { ourLink, withOurLinks } from './links.ts';
import { versions } from './range.ts';

/**
 * Magnum's answer. `absent`: what to say where the cloud has no Magnum, so that what is asked for cannot exist. `named`:
 * what the request is about and is none of ours. While Magnum is away it is not said to be missing: a client that manages
 * what it has made, as Terraform does, would forget it and make it again.
 */
export async function toMagnum(request: MagnumRequest, absent: () => HttpError = nothingHere, named?: string): Promise<Reply> {
  const passed = passedOf(request);
  requirePatch(passed);
  try {
    return replyOf(await askMagnum(request, passed), request.base);
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    if (isAbsent(error)) throw absent();
    if (error.status === 404) throw refused(404, error.message);
    logger.warn('Magnum does not answer', { status: error.status, type: error.type, cloudMessage: error.message });
    throw unavailable(error, named);
  }
}

/** A Zed Magnum answers a patch whose parts are no objects with an error of its own, 500; it is refused before. */
function requirePatch({ method, body }: Omit<Passed, 'microversion'>): void {
  if (method !== 'PATCH' || !body) return;
  const parts = readJson(body);
  if (!Array.isArray(parts)) return;
  const wrong = parts.findIndex((part) => typeof part !== 'object' || part === null || Array.isArray(part));
  if (wrong >= 0) throw refused(400, `Invalid input for field/attribute patch. Part ${wrong} of it is no object.`);
}

/** Undefined for what is no JSON: Magnum says so itself. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Any request of Magnum. One that speaks only older microversions is asked in its own newest one: what it lacks of ours
 * it could not have answered anyway.
 */
export async function askMagnum({ caller, requestId, version }: MagnumRequest, passed: Omit<Passed, 'microversion'>): Promise<MagnumAnswer> {
  const session = userSession(caller, requestId);
  const ask = (minor: number) => passOn(session, { ...passed, microversion: `container-infra 1.${minor}` });
  const asked = Math.min(version.minor, newest);
  const answer = await ask(asked);
  newest = newestOf(answer) ?? newest;
  return answer.status === 406 && newest < asked ? ask(newest) : answer;
}

/** The newest minor version that Magnum speaks, as it told last: every one of its answers does. */
let newest = versions.most;

const newestOf = ({ headers }: MagnumAnswer): number | undefined => {
  const minor = Number(/ 1\.(\d+)$/.exec(headers['openstack-api-maximum-version'] ?? '')?.[1]);
  return Number.isNaN(minor) ? undefined : minor;
};

/** Whether this cloud has no first generation at all: nothing is missing then. */
export const isAbsent = (error: OpenStackError): boolean => error.type === 'EndpointNotFound';

/** 503: the first generation is away; the second is not concerned. */
export function unavailable({ retryAfterMs = 5_000 }: Pick<OpenStackError, 'retryAfterMs'>, named?: string): HttpError {
  return new HttpError({
    status: 503, code: 'magnum_unavailable',
    message: named === undefined ? 'The Magnum of the first generation does not answer.'
      : `${named} is none of the second generation, and the Magnum of the first, which may know it, does not answer.`,
    action: 'Clusters of the second generation are not concerned. Try again later.',
    headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) },
  });
}

function nothingHere(): HttpError {
  return refused(404, 'There is nothing here: this cloud has no Magnum of the first generation.');
}

function passedOf({ event, below, header }: MagnumRequest): Omit<Passed, 'microversion'> {
  const { rawQueryString, requestContext, body, isBase64Encoded } = event;
  const contentType = header('content-type');
  return {
    method: requestContext.http.method as Passed['method'], path: below, query: rawQueryString ? `?${rawQueryString}` : '',
    ...(contentType !== undefined && { contentType }),
    ...(body && { body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body }),
  };
}

function replyOf({ status, headers, body }: MagnumAnswer, base: string): Reply {
  const { location } = headers;
  const version = headers['openstack-api-version'];
  return new Reply(status, withOurLinks(body, base), {
    ...(version && { 'OpenStack-API-Version': version }),
    ...(headers['www-authenticate'] && { 'www-authenticate': headers['www-authenticate'] }),
    ...(location && { Location: ourLink(location, base) }),
  });
}
