/** What an error means for a step, in words for the user: whether to try again, and what they can do. */
import { Setback, TerminalError, type Verdict } from '../engine/failure.ts';
import { KubernetesError, KubernetesUnreachable } from '../kubernetes/errors.ts';
import { isOpenStackError, type OpenStackError } from '../openstack/error.ts';
import { LostCreate, StillLanding } from './creates.ts';
import { landsWithinMs } from './lease.ts';

const retryIt = 'Retry the operation; if it fails again, hand the cause and the request id to the platform\'s operator.';

export function judge(error: unknown): Verdict {
  if (error instanceof TerminalError) return { terminal: true, failure: { code: error.code, cause: error.message, action: error.action } };
  if (error instanceof Setback) return { terminal: false, cost: 10, failure: { code: 'cloud_resource_failed', cause: error.message, action: retryIt } };
  if (error instanceof LostCreate) return { ...judge(error.cause), mayLandMs: landsWithinMs };
  if (error instanceof StillLanding) {
    return { terminal: false, cost: 0, retryAfterMs: 20_000, failure: { code: 'cloud_unavailable', cause: error.message, action: retryIt } };
  }
  if (isOpenStackError(error)) return judgeCloud(error);
  if (error instanceof KubernetesError || error instanceof KubernetesUnreachable) {
    return { terminal: false, failure: { code: 'kubernetes_error', cause: `Kubernetes: ${error.message}`, action: retryIt } };
  }
  const cause = error instanceof Error ? error.message : String(error);
  return { terminal: false, failure: { code: 'internal_error', cause, action: retryIt } };
}

function judgeCloud(error: OpenStackError): Verdict {
  const { service, method, path, status, type, requestId, retryAfterMs } = error;
  const cause = type === 'Paced' ? `${error.message}.` : `${service} answered ${method} ${path} with ${status || 'nothing'}: ${error.message}${requestId ? ` (${requestId})` : ''}`;
  if (error.quota) {
    // Once more before it is final: in the service project, room for a change of the same moment may just be being made.
    return { terminal: false, cost: 15, retryAfterMs: 3_000, failure: { code: 'quota_exceeded', cause, action: 'Free something in the project or have its quota raised, then retry the operation.' } };
  }
  // Who was asked to wait has not failed: the step's own time bounds it.
  if (status === 429 && retryAfterMs !== undefined) return { terminal: false, cost: 0, retryAfterMs, failure: { code: 'cloud_unavailable', cause, action: retryIt } };
  const code = status === 0 || status >= 500 || status === 429 ? 'cloud_unavailable' : 'cloud_refused';
  // What the cloud refuses will mostly be refused again; still, its services contradict one another for moments.
  return { terminal: false, cost: code === 'cloud_refused' ? 4 : 1, failure: { code, cause, action: retryIt }, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
