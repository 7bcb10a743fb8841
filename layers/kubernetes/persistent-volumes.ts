/** Persistent volumes of a cluster that Cinder's driver has made, as far as lifecycle steps look at them. */
import type { Kube } from './client.ts';
import { pathOf, type Reference } from './kinds.ts';

export const cinderDriver = 'cinder.csi.openstack.org';

export interface PersistentVolume {
  metadata: { name: string };
  spec: {
    csi?: { driver: string; volumeHandle: string };
    claimRef?: { namespace: string; name: string };
    persistentVolumeReclaimPolicy?: string;
  };
}

export const volumeReference = (name: string): Reference => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } });

/** Of the claim that it is bound to, or is kept for. */
export const claimReference = ({ spec: { claimRef } }: PersistentVolume): Reference | undefined =>
  claimRef && { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: claimRef.name, namespace: claimRef.namespace } };

export const getPersistentVolume = (kube: Kube, name: string): Promise<PersistentVolume | undefined> =>
  kube.get<PersistentVolume>(pathOf(volumeReference(name)));

interface VolumeAttachment { spec: { nodeName: string; source: { persistentVolumeName?: string } } }

/** Names of the nodes that have it, or are getting it or letting it go. */
export async function nodesOfVolume(kube: Kube, name: string): Promise<string[]> {
  const attachments = await kube.list<VolumeAttachment>('/apis/storage.k8s.io/v1/volumeattachments');
  return attachments.filter(({ spec }) => spec.source.persistentVolumeName === name).map(({ spec }) => spec.nodeName);
}
