/** What the certificates of the system cluster and of the user's have in common. */
import type { Master } from '../kubernetes/spec.ts';
import type { KeyPair, LeafInput } from './authority.ts';

export const loopback = '127.0.0.1';
/** Names by which a cluster's own pods and machines know its API. */
export const serviceNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
];
/** 32 random bytes, base64. */
export const encryptionKey = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');

/** Issues a leaf as of the one moment that all certificates of a cluster share. */
export type Issue = (authority: KeyPair, leaf: Omit<LeafInput, 'now'>) => Promise<KeyPair>;

/**
 * etcd's listeners are clients too: members dial one another, and its gateway dials the server with the server's
 * certificate.
 */
export async function etcdMember(etcdCa: KeyPair, { name, address }: Master, issued: Issue) {
  const leaf = { commonName: name, usage: 'peer', names: [name, 'localhost'], addresses: [address, loopback] } as const;
  return { etcdServer: await issued(etcdCa, leaf), etcdPeer: await issued(etcdCa, leaf) };
}
