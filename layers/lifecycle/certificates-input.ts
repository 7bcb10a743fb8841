/** What a cluster's certificates follow from. */
import { apiAddress as vipAddress } from '../cluster/addresses.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { CertificatesInput } from '../pki/certificates.ts';
import type { Settings } from '../platform/settings.ts';
import { mastersOf } from './cluster-kube.ts';

/** Outputs of steps: the addresses by which the Kubernetes API is reached from outside. */
export interface ApiWays { apiAddress: { address: string }; userApiPort: { address?: string } }

export function certificatesInput(cluster: Cluster, settings: Settings, { apiAddress, userApiPort }: ApiWays, now: number): CertificatesInput {
  const { serviceCidr, systemServiceCidr, serviceSubnetCidr } = settings;
  const own = userApiPort.address;
  return {
    clusterId: cluster.id, masters: mastersOf(cluster, settings), serviceCidr, systemServiceCidr, now: new Date(now),
    apiAddresses: [apiAddress.address, vipAddress(serviceSubnetCidr), ...(own ? [own] : [])], apiNames: [],
  };
}
