/** Claims of Cinder storage classes: a volume in the service project for each, bound when it is available. */
import * as cinder from '../../layers/openstack/cinder.ts';
import type { Api } from '../kubernetes/api.ts';
import { resources, type Pod } from '../kubernetes/controllers/kinds.ts';
import type { KubeObject } from '../kubernetes/objects.ts';
import type { CloudAccess } from './cloud-controllers.ts';

const driver = 'cinder.csi.openstack.org';
const manager = { manager: 'csi-provisioner' };

interface Claim extends KubeObject {
  spec: { storageClassName?: string; volumeName?: string; accessModes?: string[]; volumeMode?: string; resources?: { requests?: { storage?: string } } };
}
interface StorageClass extends KubeObject { provisioner?: string; parameters?: Record<string,
  string>; volumeBindingMode?: string; reclaimPolicy?: string }
interface Volume extends KubeObject {
  spec: { claimRef?: { uid: string }; csi?: { driver: string; volumeHandle: string }; persistentVolumeReclaimPolicy?: string };
}

const units: Record<string,
  number> = { '': 1, 'Ki': 2 ** 10, 'Mi': 2 ** 20, 'Gi': 2 ** 30, 'Ti': 2 ** 40, 'k': 1e3, 'M': 1e6, 'G': 1e9,
    'T': 1e12 };

/** Whole GiB that hold the quantity. */
export function gibOf(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Math.max(1, Math.ceil(Number(number) * (units[unit] ?? 1) / 2 ** 30));
}

const claimTarget = ({ metadata: { namespace, name } }: KubeObject) =>
  ({ resource: resources.claims, namespace, name });

/** A class that waits for it wants a pod that uses the claim to have its node first. */
function isDue(api: Api, { metadata: { namespace, name } }: Claim, { volumeBindingMode }: StorageClass): boolean {
  return volumeBindingMode !== 'WaitForFirstConsumer' || (api.list(resources.pods, namespace) as Pod[])
    .some(({ spec }) =>
    spec.nodeName && (spec.volumes ?? [])
      .some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name));
}

export class VolumeController {
  async step(api: Api, access: CloudAccess): Promise<void> {
    for (const claim of api.list(resources.claims) as Claim[]) await this.#provide(api, access, claim);
    for (const volume of api.list(resources.volumes) as Volume[]) await this.#reclaim(api, access, volume);
  }

  async #provide(api: Api, { session, clusterName }: CloudAccess, claim: Claim): Promise<void> {
    if (claim.spec.volumeName || claim.metadata.deletionTimestamp) return;
    const found = api.find({ resource: resources.storageClasses, name: claim.spec.storageClassName ?? '' });
    const storageClass = found as StorageClass | undefined;
    if (storageClass?.provisioner !== driver || !isDue(api, claim, storageClass)) return;
    const name = `pvc-${claim.metadata.uid}`;
    const [volume] = await cinder.listVolumes(session, { name });
    if (volume?.status === 'available') bind(api, claim, storageClass, volume.id, volume.size);
    else if (!volume) {
      const { type, availability } = storageClass.parameters ?? {};
      await cinder.createVolume(session, {
        name, size: gibOf(claim.spec.resources?.requests?.storage ?? '1Gi'),
          description: 'Created by OpenStack Cinder CSI driver',
        ...(type && { volume_type: type }), ...(availability && { availability_zone: availability }),
        metadata: {
          'cinder.csi.openstack.org/cluster': clusterName, 'csi.storage.k8s.io/pvc/name': claim.metadata.name,
          'csi.storage.k8s.io/pvc/namespace': claim.metadata.namespace ?? '', 'csi.storage.k8s.io/pv/name': name,
        },
      });
    }
  }

  /** A volume whose claim is gone goes too, unless its class keeps it. */
  async #reclaim(api: Api, { session }: CloudAccess, volume: Volume): Promise<void> {
    const { csi, claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
    if (csi?.driver !== driver || api.list(resources.claims)
      .some(({ metadata }) => metadata.uid === claimRef?.uid)) return;
    const target = { resource: resources.volumes, name: volume.metadata.name };
    if (policy !== 'Delete') {
      api.writeStatus(target, (status) => ({ ...status, phase: 'Released' }));
      return;
    }
    const found = await cinder.getVolume(session, csi.volumeHandle);
    if (!found) api.remove(target);
    else if (found.status !== 'deleting') await cinder.deleteVolume(session, csi.volumeHandle);
  }
}

function bind(api: Api, claim: Claim, { metadata, reclaimPolicy = 'Delete' }: StorageClass, volumeHandle: string,
  gib: number): void {
  const { namespace, name, uid } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  const capacity = { storage: `${gib}Gi` };
  const { accessModes = ['ReadWriteOnce'], volumeMode = 'Filesystem' } = claim.spec;
  if (!api.find({ resource: resources.volumes, name: volumeName })) {
    api.create(resources.volumes, undefined, {
      metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': driver } },
      spec: {
        capacity, accessModes, volumeMode, storageClassName: metadata.name,
          persistentVolumeReclaimPolicy: reclaimPolicy,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
          csi: { driver, volumeHandle, fsType: 'ext4' },
      },
    }, manager);
  }
  api.writeStatus({ resource: resources.volumes, name: volumeName }, (status) => ({ ...status, phase: 'Bound' }));
  api.patch(claimTarget(claim), (live) => ({ ...live, spec: { ...live.spec as object, volumeName } }), manager);
  api.writeStatus(claimTarget(claim), (status) => ({ ...status, phase: 'Bound', accessModes, capacity }));
}
