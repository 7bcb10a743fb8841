/** What kubelets answer through the API: their health, and nothing else. */
import { ApiError, noSuchPath } from './api-error.ts';
import type { KubeObject } from './objects.ts';

type Conditions = { type: string; status: string }[];

/** Throws 503 when the node's kubelet is silent, 404 for any other path. */
export function askKubelet({ status }: KubeObject, { pathname }: URL): string {
  if (!pathname.endsWith('/proxy/healthz')) throw noSuchPath();
  const { conditions = [] } = (status ?? {}) as { conditions?: Conditions };
  if (conditions.some((each) => each.type === 'Ready' && each.status === 'True')) return 'ok';
  throw new ApiError(503, 'ServiceUnavailable', 'error trying to reach service: No agent available');
}
