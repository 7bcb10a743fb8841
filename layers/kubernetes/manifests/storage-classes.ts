/** Storage classes of the user's cluster: volume types of the cloud. */
import type { StorageClassSpec } from '../inputs.ts';
import { driverName } from './cinder-csi-node.ts';
import { manifest, type Manifest } from './manifest.ts';

/** Volumes are made where the pod that wants them is put, and can grow. */
export const storageClasses = (classes: readonly StorageClassSpec[]): Manifest[] =>
  classes.map(({ name, volumeType, zone, isDefault, reclaimPolicy }) =>
    manifest(
      'storage.k8s.io/v1',
      'StorageClass',
      {
        name,
        annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault ?? false) },
      },
      {
        provisioner: driverName,
        parameters: { type: volumeType, ...(zone && { availability: zone }) },
        reclaimPolicy: reclaimPolicy ?? 'Delete',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
      },
    ),
  );
