/** What the clouds say about a wish: everything asked at once, once, and most of it with the user's own token. */
import * as cinder from '../openstack/cinder.ts';
import * as glance from '../openstack/glance.ts';
import * as neutron from '../openstack/neutron.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';
import type { Sessions } from './admit-cluster.ts';

export interface Questions {
  projectId: string;
  imageName?: string;
  flavorIds: readonly string[];
  networkIds: readonly string[];
  subnetIds: readonly string[];
  volumeTypes: readonly string[];
  zones: readonly string[];
}

export interface CloudFacts {
  image?: glance.Image;
  /** By id; those that the user can see. */
  flavors: Map<string, nova.Flavor>;
  networks: Map<string, neutron.Network>;
  subnets: Map<string, neutron.Subnet>;
  /** By name; those that can be used. */
  zones: Set<string>;
  volumeTypes: Set<string>;
  quota: Awaited<ReturnType<typeof neutron.getQuotaDetails>>;
  /** What the whole cloud has; unknown when it does not tell. */
  capacity?: nova.HypervisorStatistics;
}

/** Throws an OpenStackError where a service does not answer; only the capacity may stay unknown. */
export async function cloudFacts({ user, lookups, platform }: Sessions, asked: Questions): Promise<CloudFacts> {
  const [images, flavors, networks, subnets, zones, volumeTypes, quota, capacity] = await Promise.all([
    asked.imageName ? publicImages(lookups, { name: asked.imageName }) : [],
    Promise.all([...new Set(asked.flavorIds)].map((id) => nova.getFlavor(lookups, id))),
    asked.networkIds.length > 0 ? neutron.listNetworks(lookups, { id: [...new Set(asked.networkIds)] }) : [],
    asked.subnetIds.length > 0 ? neutron.listSubnets(lookups, { id: [...new Set(asked.subnetIds)] }) : [],
    asked.zones.length > 0 ? nova.listAvailabilityZones(lookups) : [],
    asked.volumeTypes.length > 0 ? cinder.listVolumeTypes(lookups) : [],
    neutron.getQuotaDetails(user, asked.projectId),
    nova.getHypervisorStatistics(platform).catch(() => undefined),
  ]);
  const [image] = images.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
  return {
    ...(image && { image }),
    flavors: byId(flavors.filter((flavor) => flavor !== undefined).filter(isEnabled)),
    networks: byId(networks), subnets: byId(subnets),
    zones: new Set(zones.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName)),
    volumeTypes: new Set(volumeTypes.map(({ name }) => name)),
    quota, ...(capacity && { capacity }),
  };
}

/** Public ones only: anyone can name an image of their own as ours are named. */
export const publicImages = (session: Session, query: { name?: string } = {}): Promise<glance.Image[]> =>
  glance.listImages(session, { ...query, visibility: 'public', status: 'active' });

const isEnabled = (flavor: nova.Flavor): boolean => !flavor['OS-FLV-DISABLED:disabled'];
const byId = <T extends { id: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.id, item]));
