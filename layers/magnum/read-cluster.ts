/** Reads wishes for clusters of the second generation out of the Magnum API's requests: the one place of its defaults. */
import type { Problem } from '../admission/problem.ts';
import { groupPathsOf } from '../admission/read-request.ts';
import type { ClusterPaths, ClusterWish, NodeGroupWish } from '../admission/wish.ts';
import type { MagnumWords } from '../cluster/cluster.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';
import type { Settings } from '../platform/settings.ts';
import type { MagnumClusterCreate } from '../../schemas/generated/types.ts';
import { workerName } from './default-groups.ts';
import { labelsOf, limitsOf, listOf, meaningProblems, type Labels } from './labels.ts';
import { machineName, randomName } from './names.ts';
import { externalNetworkId, flavorIds, placeOf, Unresolved } from './resolve.ts';
import type { Template } from './templates.ts';

const usualPods = '10.100.0.0/16';
const usualChunk = 20;

/** Where in the request each wish stands. */
const group = { ...groupPathsOf('$'), flavor: '$.flavor_id', size: '$.node_count', minSize: '$.labels.min_node_count', diskType: '$.labels.boot_volume_type', diskSize: '$.docker_volume_size' };
export const clusterPaths: ClusterPaths = {
  version: '$.cluster_template_id', masterFlavor: '$.master_flavor_id', masterCount: '$.master_count', zones: '$.labels.availability_zone',
  pods: '$.labels.calico_ipv4pool', network: '$.fixed_network', subnet: '$.fixed_subnet', externalNetwork: '$.external_network_id',
  apiSubnet: '$.floating_ip_enabled', allowedCidrs: '$.labels.master_lb_allowed_cidrs', groups: () => group,
};

type Read = { wish: ClusterWish } | { problems: Problem[] };

/** The wish, or what could not be found. Names are looked up with the user's own token. */
export async function readCluster(body: MagnumClusterCreate, template: Template, projectId: string, user: Session, settings: Settings): Promise<Read> {
  const labels = labelsOf(template.labels, body.labels, body.merge_labels);
  const wrong = meaningProblems(labels);
  if (wrong.length > 0) return { problems: wrong };
  const masterFlavor = body.master_flavor_id ?? settings.templateMasterFlavor;
  const flavor = body.flavor_id ?? settings.templateFlavor;
  try {
    if (!flavor) throw new Unresolved('flavor_id', 'required', 'say which flavor the nodes are to have; the template has none');
    if (!masterFlavor) throw new Unresolved('master_flavor_id', 'required', 'say which flavor the masters are to have; the template has none');
    const [[masterFlavorId, flavorId], place, outside, zones] = await Promise.all([
      flavorIds(user, [masterFlavor, flavor]), placeOf(user, projectId, body.fixed_network, body.fixed_subnet),
      externalNetworkId(user, settings.externalNetwork), zonesOf(user, labels, template),
    ]);
    const words = wordsOf(body, template, { masterFlavor, flavor, network: place.networkId });
    const name = body.name ?? randomName();
    const isPublic = words.floatingIpEnabled;
    return {
      wish: {
        ...nameOf(name), magnum: words, description: '', version: template.version, labels,
        masters: { flavorId: masterFlavorId!, count: Math.max(body.master_count ?? 1, template.masters) }, zones, regional: template.regional,
        plugin: 'calico', podsCidr: labels.calico_ipv4pool ?? usualPods, ...place, externalNetworkId: outside,
        api: { public: isPublic, allowedCidrs: listOf(labels.master_lb_allowed_cidrs), ...(!isPublic && { subnetId: place.subnetId }) },
        insecureRegistries: [], groups: [workers(body, labels, flavorId!, settings)],
      },
    };
  } catch (error) {
    if (error instanceof Unresolved) return { problems: error.problems };
    throw error;
  }
}

function nameOf(name: string): { name: string; shownName?: string } {
  const machines = machineName(name);
  return machines === name ? { name } : { name: machines, shownName: name };
}

function workers(body: MagnumClusterCreate, labels: Labels, flavorId: string, settings: Settings): NodeGroupWish {
  const { node_count: size = 1, docker_volume_size: disk } = body;
  const limits = limitsOf(labels, size);
  return {
    name: workerName, flavorId, zones: [], size, ...(limits && { limits }), labels: {}, taints: [],
    disk: diskOf(labels, disk, settings), parallelUpgradeChunk: usualChunk,
  };
}

/** Of a node: the volume's size is the root disk's, since there is no other. */
export const diskOf = (labels: Labels, size: number | undefined, { volumeType, bootDiskGiB }: Settings): NodeGroupWish['disk'] =>
  ({ type: labels.boot_volume_type || volumeType, size: size ?? (Number(labels.boot_volume_size) || bootDiskGiB) });

/** Those that the label names; else as many of the cloud's as the topology needs. */
async function zonesOf(user: Session, labels: Labels, { regional }: Template): Promise<string[]> {
  if (labels.availability_zone) return listOf(labels.availability_zone);
  const zones = await nova.listAvailabilityZones(user);
  const names = zones.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName).toSorted();
  return names.slice(0, regional ? 3 : 1);
}

function wordsOf(body: MagnumClusterCreate, { uuid }: Template, { masterFlavor, flavor, network }: { masterFlavor: string; flavor: string; network: string }): MagnumWords {
  const { keypair, create_timeout, docker_volume_size, discovery_url, fixed_network = network, fixed_subnet, floating_ip_enabled = true } = body;
  return {
    templateId: uuid, masterFlavorId: masterFlavor, flavorId: flavor, fixedNetwork: fixed_network, floatingIpEnabled: floating_ip_enabled,
    ...(keypair !== undefined && { keypair }), ...(create_timeout !== undefined && { createTimeout: create_timeout }),
    ...(docker_volume_size !== undefined && { dockerVolumeSize: docker_volume_size }), ...(discovery_url && { discoveryUrl: discovery_url }),
    ...(fixed_subnet !== undefined && { fixedSubnet: fixed_subnet }),
  };
}
