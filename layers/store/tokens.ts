/** Keystone tokens, shared by all functions so that a cold start need not log in: sealed, and gone when they expire. */
import { open, seal, type Sealed } from '../platform/encryption.ts';
import { Table } from './table.ts';

interface TokenRow { key: string; sealed: Sealed; expiresAt: number }

const tokens = new Table<TokenRow>('tokens', { key: { type: String, hashKey: true } });

export async function getToken<T>(key: string): Promise<T | undefined> {
  const row = await tokens.get({ key });
  if (!row || row.expiresAt * 1_000 < Date.now()) return undefined;
  return JSON.parse(await open(row.sealed, { token: key })) as T;
}

/** `expiresAt` in epoch milliseconds. */
export async function putToken(key: string, value: unknown, expiresAt: number): Promise<void> {
  await tokens.overwrite({ key, sealed: await seal(JSON.stringify(value), { token: key }), expiresAt: Math.floor(expiresAt / 1_000) });
}
