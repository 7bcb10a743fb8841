/** Every key and certificate of a cluster, as plain JSON: issued once, stored sealed. */
import type { Master } from '../kubernetes/spec.ts';
import { issue, type KeyPair, type SigningKeys } from './authority.ts';
import type { Issue } from './cluster-leaves.ts';
import type { Rotation } from './rotate-authority.ts';
import { systemCertificates } from './system-certificates.ts';
import { userCertificates } from './user-certificates.ts';

export interface CertificatesInput {
  clusterId: string;
  masters: Master[];
  /** Addresses by which the APIs are reached from outside the masters: floating, VIP, VIP on the user's network. */
  apiAddresses: string[];
  apiNames: string[];
  serviceCidr: string;
  systemServiceCidr: string;
  now: Date;
}

/** What one master presents, as machine of the system cluster. */
export interface MasterCertificates {
  apiserver: KeyPair;
  /** Client certificate of its kubelet, system:node:<name>. */
  kubelet: KeyPair;
  kubeletServing: KeyPair;
  etcdServer: KeyPair;
  etcdPeer: KeyPair;
}

export interface SystemCertificates {
  ca: KeyPair;
  etcdCa: KeyPair;
  serviceAccount: SigningKeys;
  /** 32 random bytes, base64: encrypts Secrets in etcd. */
  encryptionKey: string;
  /** The platform's own: group system:masters, as long-lived as the authority beside which it is kept. */
  admin: KeyPair;
  apiserverKubeletClient: KeyPair;
  apiserverEtcdClient: KeyPair;
  controllerManager: KeyPair;
  scheduler: KeyPair;
  /** By the master's name. */
  masters: Record<string, MasterCertificates>;
}

export interface UserCertificates {
  ca: KeyPair;
  /** While an authority takes the place of another: the other one's certificate, PEM. Its clients are let in as well. */
  alsoTrusted?: string;
  etcdCa: KeyPair;
  frontProxyCa: KeyPair;
  konnectivityCa: KeyPair;
  serviceAccount: SigningKeys;
  encryptionKey: string;
  admin: KeyPair;
  /** One for all API servers: a pod cannot know beforehand on which master it will run. */
  apiserver: KeyPair;
  apiserverKubeletClient: KeyPair;
  apiserverEtcdClient: KeyPair;
  frontProxyClient: KeyPair;
  controllerManager: KeyPair;
  scheduler: KeyPair;
  konnectivityServer: KeyPair;
  /** Client certificate by which the konnectivity server asks the API about its agents' tokens. */
  konnectivityClient: KeyPair;
  cloudNode: KeyPair;
  cloudService: KeyPair;
  cinderCsi: KeyPair;
  /** By the master's name. */
  etcd: Record<string, { server: KeyPair; peer: KeyPair }>;
}

export interface ClusterCertificates {
  system: SystemCertificates;
  user: UserCertificates;
  /** The last rotation of the user's cluster's authority, if there was one. */
  rotation?: Rotation;
}

/**
 * New authorities, keys and certificates for both clusters. Nothing in it is older than this call: keep what it
 * returns.
 */
export async function issueCertificates(input: CertificatesInput): Promise<ClusterCertificates> {
  const issued: Issue = (authority, leaf) => issue(authority, { ...leaf, now: input.now });
  return { system: await systemCertificates(input, issued), user: await userCertificates(input, issued) };
}
