/**
 * Moorage in Keystone's catalogue: as the second generation's API, and as the cloud's Magnum, whose own endpoints step
 * aside to a second type. Whatever is asked for twice is there once, and taken back it leaves what was there before.
 */
import * as keystone from '../../layers/openstack/keystone.ts';
import type { Session } from '../../layers/openstack/session.ts';

export interface Place {
  /** Of Moorage, without a slash at the end. */
  url: string;
  region: string;
  /** Where the cloud's own Magnum is found afterwards. */
  magnumType: string;
}

/** What was done, in words. */
type Say = (line: string) => void;

const MAGNUM = 'container-infra';
const INTERFACES = ['public', 'internal', 'admin'] as const;
/**
 * Type, name as clients look for it (the cluster autoscaler wants `magnum`), description, and what our URL ends with. What
 * tells ours from others' comes last, so that it still does after a run that was broken off.
 */
const OURS = [
  { type: MAGNUM, name: 'magnum', description: 'Container infrastructure: both generations, by Moorage', path: '/v1' },
  { type: 'managed-k8s', name: 'moorage', description: 'Managed Kubernetes', path: '/v2' },
] as const;

/** Safe to repeat, also with another URL: then our endpoints move there. */
export async function register(session: Session, place: Place, say: Say): Promise<void> {
  await moveEndpoints(session, MAGNUM, place.magnumType, place, say);
  for (const ours of OURS) {
    const service = await ensureService(session, ours, say);
    await ensureEndpoints(session, service, place, ours.path, say);
  }
}

/** Safe to repeat. Our endpoints go, Magnum's come back, and services that are left without any go too. */
export async function unregister(session: Session, place: Place, say: Say): Promise<void> {
  for (const { type } of OURS) {
    for (const endpoint of await endpointsOf(session, type, place.region)) {
      if (!await isOurs(session, endpoint, place)) continue;
      await keystone.deleteEndpoint(session, endpoint.id);
      say(`Removed: ${type} ${endpoint.interface} ${endpoint.url}`);
    }
  }
  await moveEndpoints(session, place.magnumType, MAGNUM, place, say);
  for (const type of [place.magnumType, ...OURS.map((ours) => ours.type)]) await removeIfEmpty(session, type, say);
}

/** Endpoints of this region that are not ours get another service; ids, URLs and other regions stay as they are. */
async function moveEndpoints(session: Session, from: string, to: string, place: Place, say: Say): Promise<void> {
  const theirs: keystone.Endpoint[] = [];
  for (const endpoint of await endpointsOf(session, from, place.region)) {
    if (!await isOurs(session, endpoint, place)) theirs.push(endpoint);
  }
  if (theirs.length === 0) return;
  const service = await ensureService(session, { type: to, name: 'magnum', description: 'Container infrastructure' }, say);
  for (const endpoint of theirs) {
    await keystone.updateEndpoint(session, endpoint.id, { service_id: service.id });
    say(`Moved: ${endpoint.interface} ${endpoint.url} from ${from} to ${to}`);
  }
}

/** Moorage's are known by the place that the second generation's have: `/v1` and `/v2` of one URL, whichever it was. */
async function isOurs(session: Session, { url }: keystone.Endpoint, place: Place): Promise<boolean> {
  const managed = await endpointsOf(session, 'managed-k8s', place.region);
  const places = new Set([place.url, ...managed.map((endpoint) => endpoint.url.replace(/\/v2$/, ''))]);
  return places.has(url.replace(/\/v[12]$/, ''));
}

async function endpointsOf(session: Session, type: string, region: string): Promise<keystone.Endpoint[]> {
  const services = await keystone.listServices(session, { type });
  const lists = await Promise.all(services.map(({ id }) => keystone.listEndpoints(session, { service_id: id, region_id: region })));
  return lists.flat();
}

async function ensureService(
  session: Session, { type, name, description }: keystone.ServiceEntryCreate, say: Say,
): Promise<keystone.ServiceEntry> {
  const found = await keystone.listServices(session, { type });
  const service = found.find((entry) => entry.name === name) ?? found[0];
  if (service) {
    if (service.name !== name) say(`Note: the service of type ${type} is named "${service.name}"; the cluster autoscaler looks for "${name}"`);
    return service;
  }
  say(`Added: service ${type} (${name})`);
  return keystone.createService(session, { type, name, ...(description !== undefined && { description }) });
}

async function ensureEndpoints(session: Session, service: keystone.ServiceEntry, place: Place, path: string, say: Say): Promise<void> {
  const url = `${place.url}${path}`;
  const there = await keystone.listEndpoints(session, { service_id: service.id, region_id: place.region });
  for (const face of INTERFACES) {
    const [existing, ...doubles] = there.filter((endpoint) => endpoint.interface === face);
    for (const double of doubles) await keystone.deleteEndpoint(session, double.id);
    if (!existing) {
      await keystone.createEndpoint(session, { service_id: service.id, interface: face, region_id: place.region, url });
    } else if (existing.url !== url) {
      await keystone.updateEndpoint(session, existing.id, { url });
    } else continue;
    say(`${existing ? 'Changed' : 'Added'}: ${service.type} ${face} ${url}`);
  }
}

async function removeIfEmpty(session: Session, type: string, say: Say): Promise<void> {
  for (const { id } of await keystone.listServices(session, { type })) {
    if ((await keystone.listEndpoints(session, { service_id: id })).length > 0) continue;
    await keystone.deleteService(session, id);
    say(`Removed: service ${type}`);
  }
}
