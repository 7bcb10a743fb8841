/** Private keys and credentials of clusters: sealed before they reach the table, opened only where they are used. */
import { open, seal, type Sealed } from '../platform/encryption.ts';
import { Table, where } from './table.ts';

/** `version`: how often it has been changed; absent when it never was. */
interface SecretRow { clusterId: string; name: string; sealed: Sealed; version?: number }

const secrets = new Table<SecretRow>('secrets', { clusterId: { type: String, hashKey: true }, name: { type: String, rangeKey: true } });

const binding = (clusterId: string, name: string) => ({ cluster: clusterId, secret: name });

export async function getSecret<T>(clusterId: string, name: string): Promise<T | undefined> {
  const row = await secrets.get({ clusterId, name });
  return row && JSON.parse(await open(row.sealed, binding(clusterId, name))) as T;
}

export async function requireSecret<T>(clusterId: string, name: string): Promise<T> {
  const secret = await getSecret<T>(clusterId, name);
  if (secret === undefined) throw new Error(`The secret "${name}" of cluster ${clusterId} is missing.`);
  return secret;
}

/** The secret of that name; made by `make` if there is none. Of two who make it at once, both get the one that was written. */
export async function ensureSecret<T>(clusterId: string, name: string, make: () => Promise<T> | T): Promise<T> {
  const existing = await getSecret<T>(clusterId, name);
  if (existing !== undefined) return existing;
  const made = await make();
  const sealed = await seal(JSON.stringify(made), binding(clusterId, name));
  return await secrets.put({ clusterId, name, sealed }) ? made : requireSecret<T>(clusterId, name);
}

/**
 * Changes the secret as `change` says from what it is now; tried again with what another has written meanwhile. Without a change
 * (undefined) nothing is written. Throws when there is none.
 */
export async function changeSecret<T>(clusterId: string, name: string, change: (value: T) => Promise<T | undefined>): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const row = await secrets.get({ clusterId, name });
    if (!row) throw new Error(`The secret "${name}" of cluster ${clusterId} is missing.`);
    const changed = await change(JSON.parse(await open(row.sealed, binding(clusterId, name))) as T);
    if (changed === undefined) return;
    const { version } = row;
    const sealed = await seal(JSON.stringify(changed), binding(clusterId, name));
    const asRead = version === undefined ? where('clusterId').exists().and().attribute('version').not().exists() : where('version').eq(version);
    if (await secrets.update({ clusterId, name }, { sealed, version: (version ?? 0) + 1 }, asRead)) return;
  }
  throw new Error(`The secret "${name}" of cluster ${clusterId} is being written by too many at once; try again.`);
}

/** Writes the secret, whatever was there. */
export async function replaceSecret(clusterId: string, name: string, value: unknown): Promise<void> {
  await secrets.overwrite({ clusterId, name, sealed: await seal(JSON.stringify(value), binding(clusterId, name)) });
}

export async function removeSecret(clusterId: string, name: string): Promise<void> {
  await secrets.remove({ clusterId, name });
}
