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

const pair = (name: string): KeyPair => ({ certPem: `-----BEGIN CERTIFICATE-----\n${Buffer.from(name).toString('base64')}\n-----END CERTIFICATE-----\n`, keyPem: secretPem() });

export const newAuthority = async (commonName: string): Promise<KeyPair> => pair(commonName);
export const certify = async (_authority: KeyPair, _key: unknown, { commonName }: LeafInput): Promise<string> => pair(commonName).certPem;
export const issue = async (_authority: KeyPair, { commonName }: LeafInput): Promise<KeyPair> => pair(commonName);
export const issueClientCertificate = async (_authority: KeyPair, { commonName }: { commonName: string }): Promise<KeyPair> => pair(commonName);
export const newSigningKeys = async (): Promise<SigningKeys> => ({ publicPem: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', privatePem: secretPem() });
