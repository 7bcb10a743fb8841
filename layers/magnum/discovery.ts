/** What there is, for clients that ask first; no token is needed. */
import type { MagnumVersion, MagnumVersions } from '../../schemas/generated/types.ts';
import { linksOf } from './links.ts';
import { versions, versionText } from './range.ts';

export const apiVersions = async ({ base }: { base: string }): Promise<MagnumVersions> => ({
  name: 'OpenStack Magnum API',
  description: 'Kubernetes clusters of both generations, by Moorage.',
  versions: [{
    id: 'v1', status: 'CURRENT', max_version: versionText(versions.most), min_version: versionText(versions.least),
    links: [{ href: `${base}/v1/`, rel: 'self' }],
  }],
});

const resources = ['clustertemplates', 'clusters', 'quotas', 'certificates', 'mservices', 'stats', 'federations', 'credentials', 'baymodels', 'bays'];

export const apiVersion = async ({ base }: { base: string }): Promise<MagnumVersion> => ({
  id: 'v1',
  media_types: [{ base: 'application/json', type: 'application/vnd.openstack.magnum.v1+json' }],
  links: [
    { href: `${base}/v1/`, rel: 'self' },
    { href: 'https://docs.openstack.org/api-ref/container-infrastructure-management/', rel: 'describedby', type: 'text/html' },
  ],
  ...Object.fromEntries(resources.map((name) => [name, linksOf(base, name, '')])),
  nodegroups: linksOf(base, 'clusters', '{cluster_id}', 'nodegroups'),
}) as MagnumVersion;
