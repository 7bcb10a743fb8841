/** clouds.yaml, where OpenStack's tools keep who logs in where. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Environment, Login } from './clouds.ts';

type Auth = Partial<Record<
  'auth_url' | 'username' | 'password' | 'user_domain_name' | 'project_name' | 'project_domain_name' | 'domain_name' | 'domain_id', string
>>;
/** By name. */
export type Clouds = Record<string, { auth?: Auth; region_name?: string; cacert?: string }>;

/** Where OpenStack's own tools look, in their order. */
export const placesOfClouds = (env: Environment): string[] => env.OS_CLIENT_CONFIG_FILE
  ? [env.OS_CLIENT_CONFIG_FILE]
  : ['clouds.yaml', join(homedir(), '.config/openstack/clouds.yaml'), '/etc/openstack/clouds.yaml'];

/** The first that exists, with the passwords that secure.yaml keeps beside it. */
export function readClouds(places: readonly string[]): Clouds | undefined {
  for (const place of places) {
    const clouds = cloudsIn(place);
    if (!clouds) continue;
    const secure = cloudsIn(place.replace(/clouds(\.ya?ml)$/, 'secure$1')) ?? {};
    return Object.fromEntries(Object.entries(clouds).map(([name, cloud]) => [name, { ...cloud, auth: { ...cloud.auth, ...secure[name]?.auth } }]));
  }
  return undefined;
}

function cloudsIn(file: string): Clouds | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return (parse(text) as { clouds?: Clouds } | null)?.clouds ?? {};
}

/** Throws where no file was found. */
export function requireClouds(clouds: Clouds | undefined): Clouds {
  if (!clouds) throw new Error('There is no clouds.yaml: not in this directory, not in ~/.config/openstack, not in /etc/openstack.');
  return clouds;
}

/** The entry of that name. Throws when there is none, or when one cannot log in with it. */
export function requireCloud(clouds: Clouds, name: string): Clouds[string] & { auth: Auth } {
  const cloud = clouds[name];
  if (!cloud) throw new Error(`clouds.yaml has no cloud "${name}"; it has: ${Object.keys(clouds).join(', ') || 'none'}.`);
  const auth = cloud.auth ?? {};
  const missing = (['auth_url', 'username', 'password', 'user_domain_name'] as const).filter((key) => !auth[key]);
  if (missing.length > 0) throw new Error(`The cloud "${name}" of clouds.yaml lacks ${missing.join(', ')}: logging in takes a user name and a password.`);
  return { ...cloud, auth };
}

/** Who logs in by that entry, and for what. */
export function loginOf(clouds: Clouds, name: string): Login {
  const { auth } = requireCloud(clouds, name);
  return {
    username: auth.username!, password: auth.password!, userDomainName: auth.user_domain_name!,
    ...(auth.project_name && { projectName: auth.project_name, projectDomainName: auth.project_domain_name ?? auth.user_domain_name! }),
    ...(auth.domain_name && { domainName: auth.domain_name }),
  };
}
