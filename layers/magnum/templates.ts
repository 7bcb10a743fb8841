/**
 * The operator's templates of the second generation: one for each Kubernetes version and topology, out of the settings.
 * Their label `moorage_generation` tells them from the first generation's, which live in Magnum.
 */
import { offeredVersions } from '../admission/offered-versions.ts';
import { platformSession } from '../http/platform-session.ts';
import { logger } from '../platform/logger.ts';
import { requireSettings, type Settings } from '../platform/settings.ts';
import { uuidFrom } from '../platform/uuid.ts';
import type { MagnumTemplate } from '../../schemas/generated/types.ts';
import type { MagnumRequest } from './api.ts';
import { linksOf } from './links.ts';

export const generationLabel = 'moorage_generation';

export interface Template {
  uuid: string; name: string; version: string; regional: boolean;
  /** The least that its clusters have. */
  masters: number;
  labels: Record<string, string>;
}

/** Images come seldom; every request would ask. */
const keepMs = 60_000;
let known: { versions: string[]; until: number } | undefined;

/** All of them, the newest version first; the ones last known when the images cannot be listed. */
export async function listTemplates({ event, now }: Pick<MagnumRequest, 'event' | 'now'>): Promise<Template[]> {
  const settings = requireSettings();
  if (settings.templateVersions.length > 0) return templatesOf(settings.templateVersions, settings);
  if (!known || known.until <= now) {
    try {
      const versions = await offeredVersions(platformSession(event.requestContext.requestId), settings.imagePrefix);
      known = { versions, until: now + keepMs };
    } catch (error) {
      logger.error('The images of Kubernetes cannot be listed', { cause: error as Error });
    }
  }
  return templatesOf(known?.versions ?? [], settings);
}

/** By name or uuid. */
export const findTemplate = async (request: Pick<MagnumRequest, 'event' | 'now'>, ident: string): Promise<Template | undefined> =>
  (await listTemplates(request)).find(({ uuid, name }) => uuid === ident || name === ident);

/** For tests: the images are asked for again. */
export const forgetTemplates = (): void => { known = undefined; };

const templatesOf = (versions: readonly string[], { templateTopologies }: Settings): Template[] =>
  versions.flatMap((version) => templateTopologies.map((topology) => templateOf(version, topology)));

/** The template that clusters made in the second generation's own API are shown with. */
export const templateUuid = (name: string): string => uuidFrom(`moorage-template/${name}`);

export function templateName(version: string, regional: boolean, masters: number): string {
  return `kubernetes-${version}-${regional ? 'regional' : 'zonal'}-${masters}`;
}

/** `topology`: zonal or regional, and the number of masters. */
function templateOf(version: string, topology: string): Template {
  const [kind, masters = '1'] = topology.split(':');
  const regional = kind === 'regional';
  const name = templateName(version, regional, Number(masters));
  const labels = { [generationLabel]: '2', kube_tag: version, topology: regional ? 'regional' : 'zonal' };
  return { uuid: templateUuid(name), name, version, regional, masters: Number(masters), labels };
}

export function templateView({ uuid, name, version, labels }: Template, base: string): MagnumTemplate {
  const { imagePrefix, templateFlavor, templateMasterFlavor, externalNetwork } = requireSettings();
  return {
    uuid, name, coe: 'kubernetes', image_id: `${imagePrefix}${version}`, cluster_distro: 'ubuntu', server_type: 'vm',
    flavor_id: templateFlavor || null, master_flavor_id: templateMasterFlavor || null, keypair_id: null,
    external_network_id: externalNetwork, fixed_network: null, fixed_subnet: null, dns_nameserver: null,
    network_driver: 'calico', volume_driver: 'cinder', docker_volume_size: null, docker_storage_driver: null,
    apiserver_port: null, http_proxy: null, https_proxy: null, no_proxy: null, registry_enabled: false,
    insecure_registry: null, labels, tls_disabled: false, public: true, hidden: false, master_lb_enabled: true,
    floating_ip_enabled: true, project_id: null, user_id: null, tags: null, links: linksOf(base, 'clustertemplates', uuid),
    created_at: null, updated_at: null,
  };
}
