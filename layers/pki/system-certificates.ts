/** Authorities and certificates of the system cluster. */
import { addressIn } from '../kubernetes/spec.ts';
import { authorityLifeMs, newAuthority, newSigningKeys } from './authority.ts';
import type { CertificatesInput, SystemCertificates } from './certificates.ts';
import { encryptionKey, etcdMember, loopback, serviceNames, type Issue } from './cluster-leaves.ts';
import { users } from './users.ts';

/** Certificates of every master, and those that the masters share. */
export async function systemCertificates(input: CertificatesInput, issued: Issue): Promise<SystemCertificates> {
  const ca = await newAuthority(`moorage-system-${input.clusterId}`, input.now);
  const etcdCa = await newAuthority(`moorage-system-etcd-${input.clusterId}`, input.now);
  const client = (commonName: string, organization?: string) =>
    issued(ca, { commonName, usage: 'client', ...(organization && { organization }) });
  const masters = await Promise.all(
    input.masters.map(
      async ({ name, address }) =>
        [
          name,
          {
            apiserver: await issued(ca, {
              commonName: 'kube-apiserver',
              usage: 'server',
              names: [...serviceNames, name, ...input.apiNames],
              addresses: [
                ...new Set([addressIn(input.systemServiceCidr, 1), loopback, address, ...input.apiAddresses]),
              ],
            }),
            kubelet: await client(`system:node:${name}`, 'system:nodes'),
            kubeletServing: await issued(ca, {
              commonName: `system:node:${name}`,
              organization: 'system:nodes',
              usage: 'server',
              names: [name],
              addresses: [address],
            }),
            ...(await etcdMember(etcdCa, { name, address }, issued)),
          },
        ] as const,
    ),
  );
  return {
    ca,
    etcdCa,
    serviceAccount: await newSigningKeys(),
    encryptionKey: encryptionKey(),
    admin: await issued(ca, {
      commonName: 'moorage',
      organization: 'system:masters',
      usage: 'client',
      validForMs: authorityLifeMs,
    }),
    apiserverKubeletClient: await client(users.kubeletClient),
    apiserverEtcdClient: await issued(etcdCa, { commonName: 'kube-apiserver-etcd-client', usage: 'client' }),
    controllerManager: await client('system:kube-controller-manager'),
    scheduler: await client('system:kube-scheduler'),
    masters: Object.fromEntries(masters),
  };
}
