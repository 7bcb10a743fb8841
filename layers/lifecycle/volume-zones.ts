/** Zones of volumes, on clouds where they are not those of the machines. */
import { listAvailabilityZones } from '../openstack/cinder.ts';
import type { Context } from './context.ts';

/**
 * The Cinder zone that the cluster's persistent volumes are made in; undefined where Cinder has the zones of its machines, so that each
 * volume is made in its node's.
 */
export async function volumeZoneOf({ service, cluster }: Pick<Context, 'service' | 'cluster'>): Promise<string | undefined> {
  const zones = (await listAvailabilityZones(service)).filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName);
  return cluster.zones.every((zone) => zones.includes(zone)) ? undefined : zones[0];
}
