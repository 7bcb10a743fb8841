/** Clusters of the second generation as the Magnum API shows them. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { addressesOf, shownName } from '../http/views/cluster.ts';
import type { MagnumCluster, MagnumClusterSummary } from '../../schemas/generated/types.ts';
import { defaultWorker } from './default-groups.ts';
import { linksOf } from './links.ts';
import type { Microversion } from './microversion.ts';
import { clusterStatus, groupReason, statusReason } from './status.ts';
import { templateName, templateUuid, type Template } from './templates.ts';

export interface ViewOf { base: string; version: Microversion }

/** In lists: what the cluster's row tells. Nothing of what is only the platform's business. */
export function clusterSummary(cluster: Cluster, { base, version }: ViewOf): MagnumClusterSummary {
  const { uuid, masters, labels, workers, magnum, health } = cluster;
  const stack = version.minor >= 13 ? { cluster_id: uuid } : { stack_id: uuid };
  return {
    uuid, name: shownName(cluster), cluster_template_id: templateIdOf(cluster), keypair: magnum?.keypair ?? null,
    node_count: Object.values(workers).reduce((sum, { size }) => sum + size, 0), master_count: masters.count,
    docker_volume_size: magnum?.dockerVolumeSize ?? null, labels,
    master_flavor_id: magnum?.masterFlavorId ?? masters.flavorId, flavor_id: magnum?.flavorId ?? oldestFlavor(cluster),
    create_timeout: magnum?.createTimeout ?? 60, links: linksOf(base, 'clusters', uuid), ...stack,
    status: clusterStatus(cluster), health_status: healthOf(health), merge_labels: false,
  };
}

/** With everything that is known of it. */
export function clusterView(cluster: Cluster, groups: readonly NodeGroup[], of: ViewOf, template: Template | undefined): MagnumCluster {
  const { network, api, magnum, version, projectId, createdBy, createdAt, updatedAt, phase, changed } = cluster;
  const summary = clusterSummary(cluster, of);
  const isFailed = summary.status?.endsWith('_FAILED') ?? false;
  const { external, internal, url } = addressesOf(cluster);
  return {
    ...summary,
    flavor_id: magnum?.flavorId ?? defaultWorker(groups)?.flavorId ?? null,
    status_reason: statusReason(cluster), health_status_reason: healthReasons(cluster),
    discovery_url: magnum?.discoveryUrl ?? null, api_address: url || null,
    coe_version: phase === 'creating' ? null : version, container_version: null,
    project_id: projectId, user_id: createdBy,
    node_addresses: groups.flatMap(addressesOfNodes), master_addresses: [external || internal].filter(Boolean),
    fixed_network: magnum?.fixedNetwork ?? network.networkId, fixed_subnet: magnum?.fixedSubnet ?? network.subnetId,
    floating_ip_enabled: api.public, master_lb_enabled: true, merge_labels: false,
    ...labelsDiff(template?.labels ?? {}, cluster.labels),
    created_at: createdAt, updated_at: phase !== 'creating' || changed ? updatedAt : null,
    ...(isFailed && { faults: faultsOf(cluster, groups) }),
  };
}

/** Where labels come from: the parent's with another value, new ones, and the parent's that were not taken over. */
export function labelsDiff(parent: Record<string, string>, labels: Record<string, string>) {
  const pick = (of: Record<string, string>, isPart: (key: string) => boolean): Record<string, string> =>
    Object.fromEntries(Object.entries(of).filter(([key]) => isPart(key)));
  return {
    labels_overridden: pick(parent, (key) => key in labels && labels[key] !== parent[key]),
    labels_added: pick(labels, (key) => !(key in parent)),
    labels_skipped: pick(parent, (key) => !(key in labels)),
  };
}

/** On the user's network. */
export const addressesOfNodes = ({ nodes }: NodeGroup): string[] =>
  nodes.flatMap(({ address, leaving }) => (address === undefined || leaving ? [] : [address]));

/** The one it was made from; what was made in the second generation's API has the one that is like it. */
export const templateIdOf = ({ magnum, version, regional, masters }: Cluster): string =>
  magnum?.templateId ?? templateUuid(templateName(version, regional, masters.count));

const healthOf = (health: Cluster['health']): 'HEALTHY' | 'UNHEALTHY' | null =>
  health ? (health.status === 'healthy' ? 'HEALTHY' : 'UNHEALTHY') : null;

/** A flat map, as clients expect it: of a healthy cluster its API, of another one what the watch has found. */
function healthReasons({ health }: Cluster): Record<string, string> {
  if (!health) return {};
  if (health.status === 'healthy') return { api: 'ok' };
  return Object.fromEntries(health.reasons.map((reason, index) => [`finding.${index}`, reason]));
}

function faultsOf(cluster: Cluster, groups: readonly NodeGroup[]): Record<string, string> {
  const ofGroups = groups.flatMap((group) => {
    const reason = groupReason(group, cluster);
    return reason ? [[group.name, reason] as const] : [];
  });
  const own = statusReason(cluster);
  return Object.fromEntries(ofGroups.length > 0 || own === null ? ofGroups : [['cluster', own]]);
}

function oldestFlavor({ workers }: Cluster): string | null {
  const [oldest] = Object.values(workers).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  return oldest?.flavorId ?? null;
}
