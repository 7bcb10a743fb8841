/** Every key and certificate of a cluster, as plain JSON: issued once, stored sealed. */
import { addressIn, type Master } from '../kubernetes/spec.ts';
import { authorityLifeMs, issue, newAuthority, newSigningKeys, type KeyPair, type LeafInput, type SigningKeys } from './authority.ts';

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

export interface ClusterCertificates { system: SystemCertificates; user: UserCertificates }

/** Users of the clusters' components whose rights are ours to bind; the others have theirs built in. */
export const users = {
  kubeletClient: 'kube-apiserver-kubelet-client',
  konnectivityServer: 'system:konnectivity-server',
  cloudNode: 'moorage:cloud-node-controller',
  cloudService: 'moorage:cloud-service-controller',
  cinderCsi: 'moorage:cinder-csi-controller',
  frontProxy: 'front-proxy-client',
} as const;

const loopback = '127.0.0.1';
const serviceNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];
const encryptionKey = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');

type Issue = (authority: KeyPair, leaf: Omit<LeafInput, 'now'>) => Promise<KeyPair>;

async function systemCertificates(input: CertificatesInput, issued: Issue): Promise<SystemCertificates> {
  const ca = await newAuthority(`moorage-system-${input.clusterId}`, input.now);
  const etcdCa = await newAuthority(`moorage-system-etcd-${input.clusterId}`, input.now);
  const client = (commonName: string, organization?: string) =>
    issued(ca, { commonName, usage: 'client', ...(organization && { organization }) });
  const masters = await Promise.all(input.masters.map(async ({ name, address }) => [name, {
    apiserver: await issued(ca, {
      commonName: 'kube-apiserver',
      usage: 'server',
      names: [...serviceNames, name, ...input.apiNames],
      addresses: [...new Set([addressIn(input.systemServiceCidr, 1), loopback, address, ...input.apiAddresses])],
    }),
    kubelet: await client(`system:node:${name}`, 'system:nodes'),
    kubeletServing: await issued(ca, {
      commonName: `system:node:${name}`, organization: 'system:nodes', usage: 'server', names: [name], addresses: [address],
    }),
    ...await etcdMember(etcdCa, { name, address }, issued),
  }] as const));
  return {
    ca,
    etcdCa,
    serviceAccount: await newSigningKeys(),
    encryptionKey: encryptionKey(),
    admin: await issued(ca, { commonName: 'moorage', organization: 'system:masters', usage: 'client', validForMs: authorityLifeMs }),
    apiserverKubeletClient: await client(users.kubeletClient),
    apiserverEtcdClient: await issued(etcdCa, { commonName: 'kube-apiserver-etcd-client', usage: 'client' }),
    controllerManager: await client('system:kube-controller-manager'),
    scheduler: await client('system:kube-scheduler'),
    masters: Object.fromEntries(masters),
  };
}

/** etcd's listeners are clients too: members dial one another, and its gateway dials the server with the server's certificate. */
async function etcdMember(etcdCa: KeyPair, { name, address }: Master, issued: Issue) {
  const leaf = { commonName: name, usage: 'peer', names: [name, 'localhost'], addresses: [address, loopback] } as const;
  return { etcdServer: await issued(etcdCa, leaf), etcdPeer: await issued(etcdCa, leaf) };
}

async function userCertificates(input: CertificatesInput, issued: Issue): Promise<UserCertificates> {
  const [ca, etcdCa, frontProxyCa, konnectivityCa] = await Promise.all(
    ['kubernetes', 'etcd', 'front-proxy', 'konnectivity'].map((noun) => newAuthority(`${noun}-${input.clusterId}`, input.now)),
  ) as [KeyPair, KeyPair, KeyPair, KeyPair];
  const client = (commonName: string) => issued(ca, { commonName, usage: 'client' });
  const etcd = await Promise.all(input.masters.map(async (master) => {
    const { etcdServer, etcdPeer } = await etcdMember(etcdCa, master, issued);
    return [master.name, { server: etcdServer, peer: etcdPeer }] as const;
  }));
  const addresses = input.masters.map(({ address }) => address);
  return {
    ca,
    etcdCa,
    frontProxyCa,
    konnectivityCa,
    serviceAccount: await newSigningKeys(),
    encryptionKey: encryptionKey(),
    admin: await issued(ca, { commonName: 'moorage', organization: 'system:masters', usage: 'client', validForMs: authorityLifeMs }),
    apiserver: await issued(ca, {
      commonName: 'kube-apiserver',
      usage: 'server',
      names: [...serviceNames, ...input.apiNames],
      addresses: [...new Set([addressIn(input.serviceCidr, 1), loopback, ...addresses, ...input.apiAddresses])],
    }),
    apiserverKubeletClient: await client(users.kubeletClient),
    apiserverEtcdClient: await issued(etcdCa, { commonName: 'kube-apiserver-etcd-client', usage: 'client' }),
    frontProxyClient: await issued(frontProxyCa, { commonName: users.frontProxy, usage: 'client' }),
    controllerManager: await client('system:kube-controller-manager'),
    scheduler: await client('system:kube-scheduler'),
    konnectivityServer: await issued(konnectivityCa, {
      commonName: 'konnectivity-server', usage: 'server', names: ['konnectivity-server', 'localhost', ...input.apiNames],
      addresses: [...new Set([loopback, ...addresses, ...input.apiAddresses])],
    }),
    konnectivityClient: await client(users.konnectivityServer),
    cloudNode: await client(users.cloudNode),
    cloudService: await client(users.cloudService),
    cinderCsi: await client(users.cinderCsi),
    etcd: Object.fromEntries(etcd),
  };
}

/** New authorities, keys and certificates for both clusters. Nothing in it is older than this call: keep what it returns. */
export async function issueCertificates(input: CertificatesInput): Promise<ClusterCertificates> {
  const issued: Issue = (authority, leaf) => issue(authority, { ...leaf, now: input.now });
  return { system: await systemCertificates(input, issued), user: await userCertificates(input, issued) };
}
