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
  'container-infra': { types: ['container-infra'], version: 'v1' },
  'orchestration': { types: ['orchestration'], version: 'v1' },
};

export function flatten(catalog: readonly CatalogService[]): CatalogueEndpoint[] {
  return catalog.flatMap(({ type, endpoints }) => endpoints.map(({ interface: face, region_id, url }) => (
    { type, interface: face, region: region_id ?? '', url }
  )));
}

export interface Wanted { service: Service; interface: Interface; region: string | undefined }

/** What the service's paths are appended to: with version, without a slash at the end. Throws when there is none. */
export function requireEndpoint(
  catalogue: readonly CatalogueEndpoint[],
  { service, interface: face, region }: Wanted,
): string {
  const { types, version } = SERVICES[service];
  const found = types.flatMap((type) =>
    catalogue.filter(
      (endpoint) =>
        endpoint.type === type && endpoint.interface === face && (region === undefined || endpoint.region === region),
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

/** Catalogues name some services with their version and some without. */
export function withVersion(url: string, version: string): string {
  const bare = url.replace(/\/+$/, '');
  return /\/v\d+(\.\d+)?(\/|$)/.test(new URL(bare).pathname) ? bare : `${bare}/${version}`;
}
