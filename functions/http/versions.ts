/** The versions of Kubernetes that there are images for, and manifests to go with them. */
import { publicImages } from '../../layers/admission/cloud-facts.ts';
import { endpoint } from '../../layers/http/endpoint.ts';
import { platformSession } from '../../layers/http/platform-session.ts';
import { isSupported } from '../../layers/kubernetes/images.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import type { KubernetesVersions } from '../../schemas/generated/types.ts';

const pattern = /^v\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const rank = (version: string): number =>
  version.slice(1).split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0);

export const list = endpoint('read', async ({ event }): Promise<KubernetesVersions> => {
  const { imagePrefix } = requireSettings();
  const images = await publicImages(platformSession(event.requestContext.requestId));
  const versions = images
    .filter(({ name, os_hidden }) => !os_hidden && name?.startsWith(imagePrefix))
    .map(({ name }) => name.slice(imagePrefix.length))
    .filter((version) => pattern.test(version) && isSupported(version));
  const newestFirst = [...new Set(versions)].toSorted((a, b) => rank(b) - rank(a));
  return { k8s_versions: newestFirst.map((version) => ({ version })) };
});
