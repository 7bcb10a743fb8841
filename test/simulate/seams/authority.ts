/** In place of layers/pki/authority.ts: keys that cost nothing, each of them a secret that is looked for everywhere. */
import { randomBytes } from 'node:crypto';
import type { KeyPair, LeafInput, SigningKeys } from '../../../layers/pki/authority.ts';
import { world } from './world.ts';

export type { KeyPair, LeafInput, SigningKeys };

const dayMs = 86_400_000;
export const authorityLifeMs = 3650 * dayMs;
export const leafLifeMs = 365 * dayMs;

function secretPem(): string {
  const text = randomBytes(24).toString('base64url');
  world().secrets.add(text);
  return `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`;
}

const certificate = (text: string): string => `-----BEGIN CERTIFICATE-----\n${Buffer.from(text).toString('base64')}\n-----END CERTIFICATE-----\n`;
/** What stands in the certificate for who has signed it. */
const signed = (by: KeyPair, name: string): string => certificate(JSON.stringify({ name, by: by.certPem.split('\n')[1] }));

/** No two are alike: a second one of the same name is another one. */
export const newAuthority = async (commonName: string): Promise<KeyPair> => ({ certPem: certificate(`${commonName} ${randomBytes(6).toString('hex')}`), keyPem: secretPem() });
export const crossSign = async (authority: KeyPair, by: KeyPair): Promise<string> => signed(by, authority.certPem.split('\n')[1]!);
export const certify = async (authority: KeyPair, _key: unknown, { commonName }: LeafInput): Promise<string> => signed(authority, commonName);
export const issue = async (authority: KeyPair, { commonName }: LeafInput): Promise<KeyPair> => ({ certPem: signed(authority, commonName), keyPem: secretPem() });
export const issueClientCertificate = issue as (authority: KeyPair, input: { commonName: string }) => Promise<KeyPair>;
export const newSigningKeys = async (): Promise<SigningKeys> => ({ publicPem: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', privatePem: secretPem() });
