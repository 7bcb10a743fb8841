/** The authority by which pods know the API: a ConfigMap in every namespace, written by the controller manager. */
import type { Kube } from './client.ts';

/** Source: kubernetes, pkg/controller/certificates/rootcacertpublisher. */
const name = 'kube-root-ca.crt';

interface Published { data?: { 'ca.crt'?: string } }

/** Whether pods that start from now on are given that authority, in whichever namespace. */
export async function isPublished(kube: Kube, caPem: string): Promise<boolean> {
  const found = await kube.list<Published>('/api/v1/configmaps', { fieldSelector: `metadata.name=${name}` });
  return found.length > 0 && found.every(({ data }) => data?.['ca.crt']?.trim() === caPem.trim());
}
