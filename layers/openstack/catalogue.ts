import { OpenStackError, type Service } from './error.ts';

/** The part of Keystone's catalogue that is used, flat. */
export interface CatalogueEndpoint { type: string; interface: string; region: string; url: string }

/** What Keystone puts into a token's `catalog`. */
export interface CatalogService {
  type: string;
  endpoints: { interface: string; region_id: string | null; url: string }[];
}

export type Interface = 'public' | 'internal' | 'admin';

/** Names that clouds use for the same service, and the version we speak, as it stands in a URL. */
const SERVICES: Record<Service, { types: readonly string[]; version: string }> = {
  'identity': { types: ['identity'], version: 'v3' },
  'compute': { types: ['compute'], version: 'v2.1' },
  'network': { types: ['network'], version: 'v2.0' },
  'block-storage': { types: ['volumev3', 'block-storage', 'block-store'], version: 'v3' },
  'load-balancer': { types: ['load-balancer'], version: 'v2' },
  'image': { types: ['image'], version: 'v2' },
  // Where Moorage is registered as the cloud's Magnum, the one behind it has moved to the first of these.
  'container-infra': { types: ['container-infra-magnum', 'container-infra'], version: 'v1' },
  'orchestration': { types: ['orchestration'], version: 'v1' },
};

export function flatten(catalog: readonly CatalogService[]): CatalogueEndpoint[] {
  return catalog.flatMap(({ type, endpoints }) => endpoints.map(({ interface: face, region_id, url }) => (
    { type, interface: face, region: region_id ?? '', url }
  )));
}

export interface Wanted {
  service: Service;
  interface: Interface;
  region: string | undefined;
  /** Types to look for, instead of the service's usual ones; the first that is there counts. */
  types?: readonly string[] | undefined;
}

/** What the service's paths are appended to: with version, without a slash at the end. Throws when there is none. */
export function requireEndpoint(
  catalogue: readonly CatalogueEndpoint[],
  { service, interface: face, region, types = SERVICES[service].types }: Wanted,
): string {
  const { version } = SERVICES[service];
  const found = types.flatMap((type) =>
    catalogue.filter(
      (endpoint) =>
        endpoint.type === type && endpoint.interface === face && (region === undefined || endpoint.region === region)
        && !(service === 'container-infra' && isMoorage(catalogue, endpoint)),
    ),
  )[0];
  if (found) return withVersion(found.url, version);
  const where = region === undefined ? '' : ` in region ${region}`;
  throw new OpenStackError({
    service,
    method: 'GET',
    path: '',
    status: 0,
    type: 'EndpointNotFound',
    message:
      `Keystone's catalogue has no ${face} endpoint of type ${types.join(' or ')}${where} for this token; ` +
      'some services are listed only for tokens of a project',
  });
}

/** A Magnum that stands where the second generation's API stands is Moorage itself: calling it would go round in circles. */
function isMoorage(catalogue: readonly CatalogueEndpoint[], { url }: CatalogueEndpoint): boolean {
  return catalogue.some((other) => other.type === 'managed-k8s' && new URL(other.url).origin === new URL(url).origin);
}

/** Catalogues name some services with their version and some without. */
export function withVersion(url: string, version: string): string {
  const bare = url.replace(/\/+$/, '');
  return /\/v\d+(\.\d+)?(\/|$)/.test(new URL(bare).pathname) ? bare : `${bare}/${version}`;
}
