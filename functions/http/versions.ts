/** The versions of Kubernetes that clusters can have. */
import { offeredVersions } from '../../layers/admission/offered-versions.ts';
import { endpoint } from '../../layers/http/endpoint.ts';
import { platformSession } from '../../layers/http/platform-session.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import type { KubernetesVersions } from '../../schemas/generated/types.ts';

export const list = endpoint('read', async ({ event }): Promise<KubernetesVersions> => {
  const versions = await offeredVersions(platformSession(event.requestContext.requestId), requireSettings().imagePrefix);
  return { k8s_versions: versions.map((version) => ({ version })) };
});
