/** The way to a cluster's two Kubernetes APIs, with the platform's own certificates. */
import { apiAddress, masterAddress } from '../cluster/addresses.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { masterName } from '../cluster/names.ts';
import { wait, type Outcome } from '../engine/step.ts';
import { openKube, type Kube } from '../kubernetes/client.ts';
import { isNotYet } from '../kubernetes/errors.ts';
import { ports, type KubernetesSpec } from '../kubernetes/spec.ts';
import type { ClusterCertificates } from '../pki/certificates.ts';
import type { Settings } from '../platform/settings.ts';
import { requireSecret } from '../store/secrets.ts';

/** For one call of a Kubernetes API. */
const timeoutMs = Number(process.env.KUBERNETES_TIMEOUT_MS || 10_000);

export const certificatesOf = (clusterId: string): Promise<ClusterCertificates> => requireSecret(clusterId, 'certificates');

/** The system cluster's API, by the service load balancer's floating address. */
export async function systemKube({ id }: Cluster, address: string): Promise<Kube> {
  const { system } = await certificatesOf(id);
  return openKube({ server: `https://${address}:${ports.system.api}`, caPem: system.ca.certPem, certPem: system.admin.certPem, keyPem: system.admin.keyPem, timeoutMs });
}

/** The user's API, by the same address. */
export async function userKube({ id }: Cluster, address: string): Promise<Kube> {
  const { user } = await certificatesOf(id);
  return openKube({ server: `https://${address}:${ports.user.api}`, caPem: user.ca.certPem, certPem: user.admin.certPem, keyPem: user.admin.keyPem, timeoutMs });
}

/** What `act` comes to on that API, or a wait while the API, called so in its reason, does not answer. It is closed in the end. */
export async function onKube<T>(kube: Kube, act: (kube: Kube) => Promise<Outcome<T>>, api = 'the Kubernetes API'): Promise<Outcome<T>> {
  try {
    return await act(kube);
  } catch (error) {
    if (isNotYet(error)) return wait(`${api} does not answer`);
    throw error;
  } finally {
    kube.close();
  }
}

/** What manifests and cloud-init data follow from. */
export function specOf(cluster: Cluster, settings: Settings): KubernetesSpec {
  const { serviceSubnetCidr, serviceCidr, systemServiceCidr, systemPodsCidr } = settings;
  return {
    clusterId: cluster.id, clusterName: cluster.name, version: cluster.version,
    masters: mastersOf(cluster, settings),
    apiAddress: apiAddress(serviceSubnetCidr),
    podsCidr: cluster.network.podsCidr, serviceCidr, systemPodsCidr, systemServiceCidr,
    networkPlugin: cluster.network.plugin,
    insecureRegistries: cluster.insecureRegistries,
  };
}

/** Names and addresses of the masters, in index order. */
export const mastersOf = (cluster: Cluster, { serviceSubnetCidr }: Settings): { name: string; address: string }[] =>
  Array.from({ length: cluster.masters.count }, (_, index) => ({ name: masterName(cluster, index), address: masterAddress(serviceSubnetCidr, index) }));
