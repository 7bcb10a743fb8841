/** Clusters as the second-generation API shows them. */
import type { Cluster, NodeGroup } from '../../cluster/cluster.ts';
import { failureOf, statusOf } from '../../cluster/status.ts';
import { ports } from '../../kubernetes/spec.ts';
import type { Settings } from '../../platform/settings.ts';
import type {
  Cluster as ClusterView, ClusterSummary, DeploymentTypeAnswer, Failure, NetworkConfigAnswer,
} from '../../../schemas/generated/types.ts';
import { nodeGroupView } from './node-group.ts';

interface Addresses { external: string; internal: string; url: string }

/** Where users find the Kubernetes API: what of it they asked for. */
export function addressesOf({ api, addresses }: Pick<Cluster, 'api' | 'addresses'>): Addresses {
  const external = api.public ? addresses.external ?? '' : '';
  const internal = api.subnetId ? addresses.internal ?? '' : '';
  const host = external || internal;
  return { external, internal, url: host && `https://${host}:${ports.user.api}` };
}

/** What a cluster is called now. */
export const shownName = ({ name, renamedTo }: Pick<Cluster, 'name' | 'renamedTo'>): string => renamedTo ?? name;

export function clusterView(cluster: Cluster, groups: readonly NodeGroup[], settings: Settings): ClusterView {
  const { masters, volumeType, insecureRegistries, api, health } = cluster;
  const { external, internal, url } = addressesOf(cluster);
  return {
    ...common(cluster),
    ...(health && { health }),
    insecure_registries: insecureRegistries,
    deployment_type: deploymentOf(cluster),
    network_config: networkOf(cluster),
    load_balancer_config: {
      octavia_engine: {
        loadbalancer_subnet_id: api.subnetId ?? '', enable_public_ip: api.public, allowed_cidrs: api.allowedCidrs,
      },
    },
    master: {
      vm_engine: { nova_engine: { flavor_id: masters.flavorId } }, replicas: masters.count,
      disks: [settings.bootDiskGiB, settings.etcdDiskGiB].map((size) => ({ type: volumeType, size })),
    },
    node_groups: groups.filter(({ phase }) => phase !== 'deleted').map((group) => nodeGroupView(group, cluster)),
    external_ip: external, internal_ip: internal, api_address: url,
  };
}

/** In lists: what one row of the table tells. */
export const clusterSummary = (cluster: Cluster): ClusterSummary => ({
  ...common(cluster), api_address: addressesOf(cluster).url,
  master_count: cluster.masters.count, node_group_count: Object.keys(cluster.groups).length,
});

function common(cluster: Cluster) {
  const { id, uuid, description, version, createdAt, updatedAt, projectId, labels } = cluster;
  const status = statusOf(cluster);
  const error = status === 'ERROR' ? errorOf(cluster) : undefined;
  return {
    id, uuid, name: shownName(cluster), description, version, created_at: createdAt, updated_at: updatedAt, status,
    project_id: projectId, labels, ...(error && { error }),
  };
}

function errorOf(cluster: Cluster): Failure {
  const unknown = { code: 'unknown', cause: 'An operation is held.', action: 'Retry the operation.' };
  const { operationId, ...failure } = failureOf(cluster) ?? {};
  return { ...unknown, ...failure, ...(operationId && { operation_id: operationId }) };
}

const deploymentOf = ({ regional, zones }: Cluster): DeploymentTypeAnswer => regional
  ? { zonal_deployment: null, multi_zonal_deployment: { zones } }
  : { zonal_deployment: { zone: zones[0] ?? '' }, multi_zonal_deployment: null };

function networkOf({ network }: Cluster): NetworkConfigAnswer {
  const { plugin, podsCidr, networkId, subnetId, externalNetworkId = '' } = network;
  const pods = { pods_ipv4_cidr: podsCidr };
  return {
    plugin: { calico: plugin === 'calico' ? pods : null, cilium: plugin === 'cilium' ? pods : null },
    engine: { sprut_engine: { network_id: networkId, subnet_id: subnetId, external_network_id: externalNetworkId } },
  };
}
