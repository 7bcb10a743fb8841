/** The versions of Kubernetes that there are images for, and manifests to go with them. */
import { isSupported } from '../kubernetes/images.ts';
import type { Session } from '../openstack/session.ts';
import { publicImages } from './cloud-facts.ts';

const pattern = /^v\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const rank = (version: string): number =>
  version.slice(1).split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0);

/** Newest first. `imagePrefix`: what the images' names begin with. */
export async function offeredVersions(session: Session, imagePrefix: string): Promise<string[]> {
  const images = await publicImages(session);
  const versions = images
    .filter(({ name, os_hidden }) => !os_hidden && name?.startsWith(imagePrefix))
    .map(({ name }) => name.slice(imagePrefix.length))
    .filter((version) => pattern.test(version) && isSupported(version));
  return [...new Set(versions)].toSorted((a, b) => rank(b) - rank(a));
}
