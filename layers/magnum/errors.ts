/** Errors in the Magnum API's form, which its clients take apart: a body of another form stops them altogether. */
import type { Problem } from '../admission/problem.ts';
import { refusalOf, type Answer } from '../http/error-answer.ts';
import { HttpError } from '../http/http-error.ts';
import { unsupportedCode, versions, versionText } from './range.ts';
import type { MagnumErrorAnswer } from '../../schemas/generated/types.ts';

const json = { 'content-type': 'application/json' };

/** The body of an answer with that status; `title` is what clients show. */
export function magnumErrorBody(status: number, title: string, detail: string, requestId: string): string {
  const code = status >= 500 ? 'server' : 'client';
  const answer: MagnumErrorAnswer = { errors: [{ request_id: requestId, code, status, title, detail, links: [] }] };
  return JSON.stringify(answer);
}

/** A refusal as Magnum words it: the title is the first sentence, the detail the whole. */
export const refused = (status: number, detail: string, headers?: Record<string, string>): HttpError =>
  new HttpError({ status, code: 'refused', message: detail, headers });

/** 400 for what is wrong with a request, each problem with its field. */
export function invalid(problems: readonly Problem[]): HttpError {
  const told = problems.map(({ path, message }) => `Invalid input for field/attribute ${fieldOf(path)}: ${message}.`);
  return refused(400, told.join(' '));
}

const fieldOf = (path: string): string => path.replace(/^\$\.?/, '') || 'request';

/** Other refusals of what is shared with the second generation's API: Magnum answers 400 where that answers 409. */
const notNow = new Set(['cluster_not_ready', 'cluster_changing', 'cluster_deleting', 'node_group_changing', 'node_group_deleting']);

/** Every error as the Magnum API answers it. */
export function magnumErrorAnswer(error: unknown, requestId: string): Answer {
  const { status: own, code, message, details, action, headers: all = {} } = refusalOf(error).refusal;
  const status = notNow.has(code) ? 400 : own;
  // magnumclient ends with a TypeError where an error tells when to come back: the words do instead.
  const { 'retry-after': retryAfter, ...headers } = all;
  if (status === 401) return unauthorised(headers);
  if (code === unsupportedCode) return unsupported(headers);
  if (details) return magnumErrorAnswer(new HttpError({ ...invalid(details).refusal, headers }), requestId);
  const detail = [message, action, retryAfter && `Wait ${retryAfter} s before that.`].filter(Boolean).join(' ');
  const title = code === 'refused' ? titleOf(message) : `[${code.toUpperCase()}] ${titleOf(message)}`;
  return { statusCode: status, headers: { ...json, ...headers }, body: magnumErrorBody(status, title, detail, requestId) };
}

const titleOf = (message: string): string => message.split(/\.(?:\s|$)/, 1)[0]!;

const versionsHelp = 'https://docs.openstack.org/api-guide/compute/microversions.html';

function unsupported(headers: Record<string, string> = {}): Answer {
  const answer: MagnumErrorAnswer = {
    errors: [{
      max_version: versionText(versions.most), min_version: versionText(versions.least), code: unsupportedCode,
      links: [{ rel: 'help', href: versionsHelp }], title: 'Requested microversion is unsupported',
    }],
  };
  return { statusCode: 406, headers: { ...json, ...headers }, body: JSON.stringify(answer) };
}

/** As Keystone's middleware answers in front of every OpenStack service. */
function unauthorised(headers: Record<string, string> = {}): Answer {
  const answer: MagnumErrorAnswer = {
    error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
  };
  return { statusCode: 401, headers: { ...json, ...headers }, body: JSON.stringify(answer) };
}
