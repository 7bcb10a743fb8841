/** Identifiers: 27 characters of base 62, as the second-generation API's clients know them. */
import { createHash, randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function encode(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 27; i++) {
    text = alphabet[Number(rest % 62n)]! + text;
    rest /= 62n;
  }
  return text;
}

/** A new one: the first bytes are the time in seconds, so that they sort by age. */
export function newId(now: number): string {
  const time = Buffer.alloc(4);
  time.writeUInt32BE(Math.floor(now / 1_000) % 2 ** 32);
  return encode(Buffer.concat([time, randomBytes(16)]));
}

/** The same for the same parts: what makes a repeated request find the first one's result. */
export const idFrom = (...parts: string[]): string =>
  encode(createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 20));
