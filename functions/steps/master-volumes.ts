/** The masters' disks: one to boot from, and one of its own for etcd, so that a master can be replaced without its data. */
import { markMetadata } from '../../layers/cluster/names.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { ensureVolumes, removeVolumes } from '../../layers/lifecycle/volumes.ts';

export const bootVolumeName = (server: string): string => `${server}-boot`;
export const etcdVolumeName = (server: string): string => `${server}-etcd`;

/** Ids by name. */
export type Volumes = Record<string, string>;

export const masterVolumes = step({
  name: 'masterVolumes',
  title: 'Disks of the masters',
  async run({ service, cluster, settings }, _needs: { quotas: object }) {
    const common = { metadata: markMetadata(cluster.id), ...(cluster.volumeType && { volume_type: cluster.volumeType }) };
    return ensureVolumes(service, mastersOf(cluster, settings).flatMap(({ name }) => [
      { ...common, name: bootVolumeName(name), size: settings.bootDiskGiB, imageRef: cluster.imageId },
      { ...common, name: etcdVolumeName(name), size: settings.etcdDiskGiB },
    ]));
  },
  async undo({ service, cluster, settings }) {
    const names = new Set(mastersOf(cluster, settings).flatMap(({ name }) => [bootVolumeName(name), etcdVolumeName(name)]));
    return removeVolumes(service, (volume) => names.has(volume.name ?? ''));
  },
});

export const handler = stepFunction(masterVolumes);
