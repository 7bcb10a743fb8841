/**
 * The clouds that Moorage runs on from a working copy, by name: its own stand-in, the lab of the tests, and any other.
 * The functions are the same on all of them; what differs is what is told here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Scope } from '../layers/openstack/token.ts';
import { loginOf, placesOfClouds, readClouds, requireCloud, requireClouds, type Clouds } from './clouds-yaml.ts';

export type CloudName = 'local' | 'lab' | 'env';

/** How somebody logs in, and what their tokens are for: a project, or (Moorage's) a domain. */
export interface Login {
  username: string;
  password: string;
  userDomainName: string;
  projectName?: string;
  projectDomainName?: string;
  domainName?: string;
}

export interface CloudAccess {
  name: CloudName;
  authUrl: string;
  regionName: string;
  /** Of the functions: which cloud, as whom, and what of it to use. */
  env: Record<string, string>;
  /** Moorage's own, for its domain. */
  platform: Login;
  /** Sees everything: for demonstrations and tests, which count what is left. Moorage never has it. */
  admin?: Login;
  /** Somebody who wants a cluster. */
  user?: Login;
  /** Of a lab whose servers are virtual machines: its folder. */
  vmLabDir?: string;
}

export type Environment = Record<string, string | undefined>;

/** What is deployed waits longer: here creates land at once, and changes are to be noticed before one's eyes. */
const brisk = { LEASE_MS: '60000', WATCH_EVERY_MS: '10000' };

/** Where `npm start` has the stand-in. */
const localCloudPort = 5001;

/** The cloud's name, from the command line. Throws when it is none. */
export function cloudName(text: string): CloudName {
  if (text === 'local' || text === 'lab' || text === 'env') return text;
  throw new Error(`There is no cloud "${text}": --cloud takes local, lab or env.`);
}

/** How to reach a cloud and use it. Throws, saying what to do, where that is not known; asks the cloud nothing. */
export function readCloud(name: CloudName, env: Environment = process.env): CloudAccess {
  switch (name) {
    case 'local': return localCloud({ authUrl: `http://127.0.0.1:${localCloudPort}/identity/v3`, credentials: standInLogins });
    case 'lab': return labCloud(env);
    case 'env': return envCloud(env);
  }
}

const inDefault = (username: string, projectName: string): Login => ({ username, password: 'secret', userDomainName: 'Default', projectName, projectDomainName: 'Default' });
const standInLogins = {
  admin: inDefault('admin', 'admin'), demo: inDefault('demo', 'demo'),
  moorage: { username: 'moorage', password: 'secret', userDomainName: 'moorage', domainName: 'moorage' },
};

/** A stand-in that runs somewhere: what `startCloud` returns is enough. */
export function localCloud({ authUrl, credentials }: { authUrl: string; credentials: Record<'admin' | 'demo' | 'moorage', Login> }): CloudAccess {
  const access = { name: 'local' as const, authUrl, regionName: 'RegionOne', platform: credentials.moorage, admin: credentials.admin, user: credentials.demo };
  return { ...access, env: { ...loginSettings(access), EXTERNAL_NETWORK: 'public', PLATFORM_CIDRS: '127.0.0.0/8', TEMPLATE_FLAVOR: 'lab.small', ...brisk } };
}

/**
 * Where servers are virtual machines under emulation: the only image is theirs, disks are small, calls reach floating addresses
 * from the lab's end of the external network, and everything takes long.
 */
const virtualMachines = {
  PLATFORM_CIDRS: '198.51.100.1/32', IMAGE_PREFIX: 'debian-12-kube-', BOOT_DISK_GIB: '12', ETCD_DISK_GIB: '4', WATCH_EVERY_MS: '60000',
  LEASE_MS: '180000', OPERATION_DEADLINE_MS: '14400000', KUBERNETES_TIMEOUT_MS: '120000',
};

function labCloud(env: Environment): CloudAccess {
  const dir = env.LAB_DIR ?? '/tmp/moorage-lab';
  const file = join(dir, 'clouds.yaml');
  const clouds = readClouds([file]);
  if (!clouds) throw new Error(`There is no lab: ${file} does not exist. Bring it up with: npm run lab:up`);
  const access = { ...accessOf(clouds, 'moorage'), name: 'lab' as const, admin: loginOf(clouds, 'admin'), user: loginOf(clouds, 'demo') };
  const machines = join(dir, 'machines');
  const hasVms = existsSync(machines) && readFileSync(machines, 'utf8').trim() === 'vm';
  return {
    ...access, ...(hasVms && { vmLabDir: dir }),
    env: {
      ...loginSettings(access), EXTERNAL_NETWORK: 'public', PLATFORM_CIDRS: '127.0.0.0/8', VOLUME_TYPE: 'standard', TEMPLATE_FLAVOR: 'lab.small', ...brisk,
      ...(hasVms && virtualMachines),
    },
  };
}

/**
 * `OS_CLOUD` names Moorage's entry in clouds.yaml; without it the OS_* variables are Moorage's login. In clouds.yaml
 * MOORAGE_ADMIN_CLOUD and MOORAGE_USER_CLOUD name the other two. What else the environment says of the functions counts.
 */
function envCloud(env: Environment): CloudAccess {
  const clouds = readClouds(placesOfClouds(env));
  const own = env.OS_CLOUD ? accessOf(requireClouds(clouds), env.OS_CLOUD) : accessOfVariables(env);
  const { MOORAGE_ADMIN_CLOUD: admin, MOORAGE_USER_CLOUD: user } = env;
  const access = {
    ...own, name: 'env' as const,
    ...(admin && { admin: loginOf(requireClouds(clouds), admin) }), ...(user && { user: loginOf(requireClouds(clouds), user) }),
  };
  const told = Object.fromEntries(settingNames().flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  return { ...access, env: { ...told, ...loginSettings(access), ...own.ca } };
}

interface Own { authUrl: string; regionName: string; platform: Login; ca?: Record<string, string> }

const loginSettings = ({ authUrl, regionName, platform }: Own): Record<string, string> => ({
  OS_AUTH_URL: authUrl, OS_REGION_NAME: regionName, OS_USERNAME: platform.username, OS_PASSWORD: platform.password,
  OS_USER_DOMAIN_NAME: platform.userDomainName, SERVICE_DOMAIN_NAME: platform.domainName ?? platform.userDomainName,
});

function accessOfVariables(env: Environment): Own {
  const missing = ['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD'].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(`Not set: ${missing.join(', ')}. Set OS_CLOUD to an entry of clouds.yaml, or the OS_* variables to Moorage's own login.`);
  }
  const userDomainName = env.OS_USER_DOMAIN_NAME || 'moorage';
  return {
    authUrl: env.OS_AUTH_URL!, regionName: env.OS_REGION_NAME || 'RegionOne', ...caOf(env.OS_CACERT),
    platform: { username: env.OS_USERNAME!, password: env.OS_PASSWORD!, userDomainName, domainName: env.SERVICE_DOMAIN_NAME || userDomainName },
  };
}

function accessOf(clouds: Clouds, name: string): Own {
  const { auth, region_name, cacert } = requireCloud(clouds, name);
  const { username, password, userDomainName, domainName = userDomainName } = loginOf(clouds, name);
  return {
    authUrl: auth.auth_url!, regionName: region_name ?? 'RegionOne', ...caOf(cacert),
    platform: { username, password, userDomainName, domainName },
  };
}

const caOf = (file: string | undefined): { ca?: Record<string, string> } => (file ? { ca: { OS_CA_CERTIFICATE: readFileSync(file, 'utf8') } } : {});

/** Every setting that can be given when packaging, as the list of the deployed functions' environment has it. */
function settingNames(): string[] {
  const file = join(import.meta.dirname, '../layers/platform/environment.yml');
  const entries = Object.entries(parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) as Record<string, unknown>);
  return entries.flatMap(([name, value]) => (typeof value === 'string' && value.includes('${env:') ? [name] : []));
}

/** What a login's tokens are for, as sessions take it. */
export function scopeOf({ projectName, projectDomainName, userDomainName, domainName }: Login): Scope | undefined {
  if (projectName) return { projectName, projectDomainName: projectDomainName ?? userDomainName };
  return domainName ? { domainName } : undefined;
}
