/** Authorities and certificates of the user's cluster. */
import { addressIn } from '../kubernetes/spec.ts';
import { authorityLifeMs, newAuthority, newSigningKeys, type KeyPair } from './authority.ts';
import type { CertificatesInput, UserCertificates } from './certificates.ts';
import { encryptionKey, etcdMember, loopback, serviceNames, type Issue } from './cluster-leaves.ts';
import { users } from './users.ts';

/** Certificates of every component of the user's control plane. */
export async function userCertificates(input: CertificatesInput, issued: Issue): Promise<UserCertificates> {
  const [ca, etcdCa, frontProxyCa, konnectivityCa] = (await Promise.all(
    ['kubernetes', 'etcd', 'front-proxy', 'konnectivity'].map((noun) =>
      newAuthority(`${noun}-${input.clusterId}`, input.now),
    ),
  )) as [KeyPair, KeyPair, KeyPair, KeyPair];
  const client = (commonName: string) => issued(ca, { commonName, usage: 'client' });
  const etcd = await Promise.all(
    input.masters.map(async (master) => {
      const { etcdServer, etcdPeer } = await etcdMember(etcdCa, master, issued);
      return [master.name, { server: etcdServer, peer: etcdPeer }] as const;
    }),
  );
  const addresses = input.masters.map(({ address }) => address);
  return {
    ca,
    etcdCa,
    frontProxyCa,
    konnectivityCa,
    serviceAccount: await newSigningKeys(),
    encryptionKey: encryptionKey(),
    admin: await issued(ca, {
      commonName: 'moorage',
      organization: 'system:masters',
      usage: 'client',
      validForMs: authorityLifeMs,
    }),
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
      commonName: 'konnectivity-server',
      usage: 'server',
      names: ['konnectivity-server', 'localhost', ...input.apiNames],
      addresses: [...new Set([loopback, ...addresses, ...input.apiAddresses])],
    }),
    konnectivityClient: await client(users.konnectivityServer),
    cloudNode: await client(users.cloudNode),
    cloudService: await client(users.cloudService),
    cinderCsi: await client(users.cinderCsi),
    etcd: Object.fromEntries(etcd),
  };
}
