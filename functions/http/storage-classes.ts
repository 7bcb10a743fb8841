/** The types that disks can have, with the zones they are to be had in. */
import { endpoint } from '../../layers/http/endpoint.ts';
import { userSession } from '../../layers/http/sessions.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import type { StorageClasses } from '../../schemas/generated/types.ts';

/** Cinder's own, which it makes for clouds that have none: shown where there is nothing else. */
const placeholder = '__DEFAULT__';

export const list = endpoint('read', async ({ caller, requestId }): Promise<StorageClasses> => {
  const session = userSession(caller, requestId);
  const [types, zones] = await Promise.all([cinder.listVolumeTypes(session), cinder.listAvailabilityZones(session)]);
  const all = zones.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName);
  const chosen = types.length > 1 ? types.filter(({ name }) => name !== placeholder) : types;
  return { storage_classes: chosen.map((type) => ({ name: type.name, zones: zonesOf(type) ?? all })) };
});

/** A type may be limited to zones; Cinder tells users of it. */
const zonesOf = ({ extra_specs }: cinder.VolumeType): string[] | undefined =>
  extra_specs?.['RESKEY:availability_zones']?.split(',').map((zone) => zone.trim()).filter(Boolean);
