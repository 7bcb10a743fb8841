/** The storage classes of a cluster: one for each of the cloud's public volume types; the installation's own is the default. */
import type { StorageClassSpec } from '../kubernetes/inputs.ts';
import { listVolumeTypes } from '../openstack/cinder.ts';
import type { Context } from './context.ts';
import { volumeZoneOf } from './volume-zones.ts';

export async function storageClassesOf({ service, cluster }: Pick<Context, 'service' | 'cluster'>): Promise<StorageClassSpec[]> {
  const [all, zone] = await Promise.all([listVolumeTypes(service), volumeZoneOf({ service, cluster })]);
  const types = all.filter((type) => type.is_public && type.name !== '__DEFAULT__');
  return types.map(({ name }, index) => ({
    name: kubernetesName(name), volumeType: name, ...(zone && { zone }),
    isDefault: types.some((type) => type.name === cluster.volumeType) ? name === cluster.volumeType : index === 0,
  }));
}

/** A volume type's name as Kubernetes takes it. */
export const kubernetesName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9.-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
