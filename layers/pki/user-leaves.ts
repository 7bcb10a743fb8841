/** What the authority of the user's cluster signs for the platform's own: issued with it, and anew when another takes its place. */
import { addressIn } from '../kubernetes/spec.ts';
import { authorityLifeMs, type KeyPair } from './authority.ts';
import type { CertificatesInput, UserCertificates } from './certificates.ts';
import { loopback, serviceNames, type Issue } from './cluster-leaves.ts';
import { users } from './users.ts';

/** Certificates of the user's cluster that its authority has signed; all others are of authorities of their own. */
export type UserLeaves = Pick<UserCertificates, 'admin' | 'apiserver' | 'apiserverKubeletClient' | 'controllerManager' | 'scheduler'
  | 'konnectivityClient' | 'cloudNode' | 'cloudService' | 'cinderCsi'>;

export async function userLeaves(input: CertificatesInput, ca: KeyPair, issued: Issue): Promise<UserLeaves> {
  const client = (commonName: string) => issued(ca, { commonName, usage: 'client' });
  const addresses = input.masters.map(({ address }) => address);
  return {
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
    controllerManager: await client('system:kube-controller-manager'),
    scheduler: await client('system:kube-scheduler'),
    konnectivityClient: await client(users.konnectivityServer),
    cloudNode: await client(users.cloudNode),
    cloudService: await client(users.cloudService),
    cinderCsi: await client(users.cinderCsi),
  };
}
