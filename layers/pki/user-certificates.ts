/** Authorities and certificates of the user's cluster. */
import { newAuthority, newSigningKeys, type KeyPair } from './authority.ts';
import type { CertificatesInput, UserCertificates } from './certificates.ts';
import { encryptionKey, etcdMember, loopback, type Issue } from './cluster-leaves.ts';
import { userLeaves } from './user-leaves.ts';
import { users } from './users.ts';

/** Certificates of every component of the user's control plane. */
export async function userCertificates(input: CertificatesInput, issued: Issue): Promise<UserCertificates> {
  const [ca, etcdCa, frontProxyCa, konnectivityCa] = (await Promise.all(
    ['kubernetes', 'etcd', 'front-proxy', 'konnectivity'].map((noun) =>
      newAuthority(`${noun}-${input.clusterId}`, input.now),
    ),
  )) as [KeyPair, KeyPair, KeyPair, KeyPair];
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
    ...await userLeaves(input, ca, issued),
    apiserverEtcdClient: await issued(etcdCa, { commonName: 'kube-apiserver-etcd-client', usage: 'client' }),
    frontProxyClient: await issued(frontProxyCa, { commonName: users.frontProxy, usage: 'client' }),
    konnectivityServer: await issued(konnectivityCa, {
      commonName: 'konnectivity-server',
      usage: 'server',
      names: ['konnectivity-server', 'localhost', ...input.apiNames],
      addresses: [...new Set([loopback, ...addresses, ...input.apiAddresses])],
    }),
    etcd: Object.fromEntries(etcd),
  };
}
