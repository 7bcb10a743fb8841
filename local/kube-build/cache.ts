/** Where what `npm run kube:build` makes is kept: one folder for all clones of a machine, keyed by what went in. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** MOORAGE_KUBE_DIR, else /var/cache/moorage-kube for root and ~/.cache/moorage-kube for anyone else. */
export const kubeDirectory =
  process.env.MOORAGE_KUBE_DIR ?? (process.getuid?.() === 0 ? '/var/cache/moorage-kube' : join(homedir(), '.cache/moorage-kube'));

export const inKube = (...parts: string[]): string => join(kubeDirectory, ...parts);

/** One text for anything that JSON can hold: 16 hexadecimal digits. */
export const keyOf = (inputs: unknown): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);

const stampOf = (product: string): string => `${product}.made-of`;

/** Whether `product`, a file or a folder, is there and was made of what `key` stands for. */
export const isMade = (product: string, key: string): boolean =>
  existsSync(product) && existsSync(stampOf(product)) && readFileSync(stampOf(product), 'utf8') === key;

/**
 * Makes `product` unless it is there already; true when it was made now. A run that was interrupted leaves no stamp, so
 * the next one starts over with what the maker itself keeps.
 */
export async function ensureMade(product: string, key: string, make: () => Promise<void>): Promise<boolean> {
  if (isMade(product, key)) return false;
  mkdirSync(dirname(product), { recursive: true });
  rmSync(stampOf(product), { force: true });
  await make();
  writeFileSync(stampOf(product), key);
  return true;
}
