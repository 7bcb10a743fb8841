/** What an installation sets: read from the function's environment once, checked, and never again looked up by name. */
import { serviceNames, type Service } from '../openstack/error.ts';

export interface Settings {
  /** Keystone, with /v3. */
  authUrl: string;
  username: string;
  userDomainName: string;
  regionName: string;
  /** PEM of the authority behind the cloud's endpoints, where it is not a public one. */
  caCertificate?: string;
  /** Domain that holds the service projects and the clusters' users. */
  serviceDomainName: string;
  /** Network (name or id) that the service routers and the addresses of Kubernetes APIs come from. */
  externalNetwork: string;
  /** Address plan of every service network; must not be in use where clusters are. At least a /22. */
  serviceSubnetCidr: string;
  serviceDnsServers: string[];
  /** Service addresses inside the user's cluster, and inside the system cluster. */
  serviceCidr: string;
  systemServiceCidr: string;
  systemPodsCidr: string;
  /** Where Moorage itself calls Kubernetes APIs from. */
  platformCidrs: string[];
  /** Images of the image-builder, by name; the version follows. */
  imagePrefix: string;
  volumeType: string;
  bootDiskGiB: number;
  etcdDiskGiB: number;
  /** How many persistent volumes a cluster may have, and how large all of them together. */
  persistentVolumes: number;
  persistentGiB: number;
  /** Role names on the two projects. */
  serviceProjectRoles: string[];
  userProjectRoles: string[];
  /** Types under which the catalogue may have the Magnum of the first generation. */
  magnumTypes: string[];
  /** How many requests a project may make in a minute; 0: any number. */
  requestsPerMinute: number;
  /** Calls that OpenStack's services may have from all functions together, on average at once and in a second; 0: any number. */
  cloudCallsAtOnce: Record<Service, number>;
  cloudCallsPerSecond: Record<Service, number>;
  stage: string;
  /** Of the second generation's templates: Kubernetes versions (empty: those that there are images for), topologies, flavors. */
  templateVersions: string[];
  templateTopologies: string[];
  templateFlavor: string;
  templateMasterFlavor: string;
  /** Clusters of both generations that a project may have, where Magnum has no other quota for it. */
  clustersPerProject: number;
  /** How long client certificates last that are signed by the Magnum API. */
  certificateDays: number;
}

let settings: Settings | undefined;

/** The installation's settings. Throws, naming each missing one, when the environment is incomplete. */
export function requireSettings(): Settings {
  settings ??= readSettings(process.env);
  return settings;
}

/** Exported for tests. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const missing: string[] = [];
  const need = (name: string): string => env[name] || (missing.push(name), '');
  const list = (name: string, otherwise: string): string[] => (env[name] ?? otherwise).split(',').map((item) => item.trim()).filter(Boolean);
  const read: Settings = {
    authUrl: need('OS_AUTH_URL'),
    username: need('OS_USERNAME'),
    userDomainName: env.OS_USER_DOMAIN_NAME || 'moorage',
    regionName: env.OS_REGION_NAME || 'RegionOne',
    ...(env.OS_CA_CERTIFICATE && { caCertificate: env.OS_CA_CERTIFICATE }),
    serviceDomainName: env.SERVICE_DOMAIN_NAME || 'moorage',
    externalNetwork: need('EXTERNAL_NETWORK'),
    serviceSubnetCidr: env.SERVICE_SUBNET_CIDR || '100.96.0.0/20',
    serviceDnsServers: list('SERVICE_DNS_SERVERS', ''),
    serviceCidr: env.SERVICE_CIDR || '10.254.0.0/16',
    systemServiceCidr: env.SYSTEM_SERVICE_CIDR || '100.112.0.0/16',
    systemPodsCidr: env.SYSTEM_PODS_CIDR || '100.113.0.0/16',
    platformCidrs: list('PLATFORM_CIDRS', '127.0.0.0/8'),
    imagePrefix: env.IMAGE_PREFIX || 'ubuntu-2404-kube-',
    volumeType: env.VOLUME_TYPE || '',
    bootDiskGiB: Number(env.BOOT_DISK_GIB || 30),
    etcdDiskGiB: Number(env.ETCD_DISK_GIB || 10),
    persistentVolumes: Number(env.PERSISTENT_VOLUMES || 200),
    persistentGiB: Number(env.PERSISTENT_GIB || 10_000),
    serviceProjectRoles: list('SERVICE_PROJECT_ROLES', 'member,load-balancer_member'),
    userProjectRoles: list('USER_PROJECT_ROLES', 'member,load-balancer_member'),
    magnumTypes: list('MAGNUM_SERVICE_TYPES', 'container-infra-magnum,container-infra'),
    requestsPerMinute: Number(env.REQUESTS_PER_MINUTE || 3_000),
    cloudCallsAtOnce: byService('CLOUD_CALLS_AT_ONCE', env.CLOUD_CALLS_AT_ONCE ?? '100'),
    cloudCallsPerSecond: byService('CLOUD_CALLS_PER_SECOND', env.CLOUD_CALLS_PER_SECOND ?? ''),
    stage: env.STAGE || 'dev',
    templateVersions: list('TEMPLATE_VERSIONS', ''),
    templateTopologies: list('TEMPLATE_TOPOLOGIES', 'zonal:1,zonal:3,regional:3'),
    templateFlavor: env.TEMPLATE_FLAVOR || '',
    templateMasterFlavor: env.TEMPLATE_MASTER_FLAVOR || env.TEMPLATE_FLAVOR || '',
    clustersPerProject: Number(env.CLUSTERS_PER_PROJECT || 20),
    certificateDays: Number(env.CERTIFICATE_DAYS || 365),
  };
  if (missing.length > 0) throw new Error(`Not set in the environment: ${missing.join(', ')}. docs/operate.md says what each is.`);
  return read;
}

/** `100`, `compute=40,network=60` or both: `compute=40,100`. Throws, naming the setting, where a service or a number is none. */
function byService(setting: string, text: string): Record<Service, number> {
  const parts = text.split(',').map((part) => part.trim()).filter(Boolean).map((part) => /^(?:([a-z-]+)=)?(\d+(?:\.\d+)?)$/.exec(part) ?? part);
  const wrong = parts.find((part) => typeof part === 'string' || (part[1] !== undefined && !serviceNames.includes(part[1] as Service)));
  if (wrong) throw new Error(`${setting} has "${typeof wrong === 'string' ? wrong : wrong[0]}": it takes a number, or service=number with one of ${serviceNames.join(', ')}.`);
  const numbers = new Map((parts as RegExpExecArray[]).map(([, service = 'others', number]) => [service, Number(number)]));
  return Object.fromEntries(serviceNames.map((service) => [service, numbers.get(service) ?? numbers.get('others') ?? 0])) as Record<Service, number>;
}
