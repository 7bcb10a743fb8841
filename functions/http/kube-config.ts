/** Kubeconfigs: a client certificate that ends by itself, since none can be called back. */
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { endpoint, type Request } from '../../layers/http/endpoint.ts';
import { conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { Text } from '../../layers/http/open.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { addressesOf, shownName } from '../../layers/http/views/cluster.ts';
import { kubeconfig } from '../../layers/kubernetes/kubeconfig.ts';
import { issueClientCertificate } from '../../layers/pki/authority.ts';
import type { ClusterCertificates } from '../../layers/pki/certificates.ts';
import { logger } from '../../layers/platform/logger.ts';
import { putEvent } from '../../layers/store/events.ts';
import { requireSecret } from '../../layers/store/secrets.ts';
import { listRecords } from '../../layers/store/steps.ts';

/** Bound to cluster-admin in the cluster. */
const admins = 'moorage:admins';
const ttlS = { least: 600, usual: 86_400, most: 604_800 };

export const issue = endpoint('change', async (request) => {
  const { caller, part, now } = request;
  const validForMs = ttlOf(request) * 1_000;
  const cluster = await requireOwnCluster(caller, part('id'));
  await requireControlPlane(cluster);
  const { user } = await requireSecret<ClusterCertificates>(cluster.id, 'certificates');
  const name = kubernetesUser(caller.userName);
  const wanted = { commonName: name, organization: admins, validForMs, now: new Date(now) };
  const pair = await issueClientCertificate(user.ca, wanted);
  await tell(cluster, caller.userName, now + validForMs, now);
  const [clusterName, server] = [shownName(cluster), addressesOf(cluster).url];
  return new Text(kubeconfig({ clusterName, server, caPem: user.ca.certPem, ...pair, user: name }), 'application/yaml');
});

function ttlOf({ query: { ttl } }: Request): number {
  if (ttl === undefined) return ttlS.usual;
  const seconds = Number(ttl);
  if (Number.isInteger(seconds) && seconds >= ttlS.least && seconds <= ttlS.most) return seconds;
  const message = `must be a whole number of seconds from ${ttlS.least} to ${ttlS.most}`;
  throw wrongRequest([{ path: '$.ttl', code: 'out_of_range', message }]);
}

/** There is something to talk to: while the cluster is being created, from its control plane's first moment. */
async function requireControlPlane({ phase, createOperationId, addresses }: Cluster): Promise<void> {
  if (phase === 'deleting') throw conflict('cluster_deleting', 'The cluster is being deleted.');
  const isUp = phase === 'ready' || (addresses.external !== undefined
    && (await listRecords(createOperationId)).some(({ key, status }) => key === 'controlPlane' && status === 'done'));
  if (isUp) return;
  const action = 'Wait until the cluster is RUNNING.';
  throw conflict('control_plane_not_ready', 'The cluster\'s control plane is not there yet.', { action });
}

/** Names that begin so are Kubernetes' own; nobody gets one by being called that in Keystone. */
const kubernetesUser = (name: string): string => name.startsWith('system:') ? `keystone:${name}` : name;

async function tell({ id }: Cluster, userName: string, until: number, now: number): Promise<void> {
  const message = `A kubeconfig was issued to ${userName}, valid until ${new Date(until).toISOString()}`;
  try {
    await putEvent({ clusterId: id, level: 'normal', reason: 'KubeconfigIssued', message }, now);
  } catch (error) {
    logger.error('An event could not be written', { clusterId: id, cause: error as Error });
  }
}
