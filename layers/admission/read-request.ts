/** Reads wishes out of the second generation's requests: the one place where its defaults are. */
import type { ClusterCreate, NodeGroupSpec, ScaleSpec, Taint } from '../../schemas/generated/types.ts';
import type { NodeGroup } from '../cluster/cluster.ts';
import type { Settings } from '../platform/settings.ts';
import type { ClusterPaths, ClusterWish, NodeGroupPaths, NodeGroupWish } from './wish.ts';

const usualPods = '10.100.0.0/16';
const usualChunk = 20;

const network = '$.network_config.engine.sprut_engine';
const octavia = '$.load_balancer_config.octavia_engine';
const zonal = '$.deployment_type.zonal_deployment.zone';
const regional = '$.deployment_type.multi_zonal_deployment.zones';

export function pathsOf({ deployment_type, network_config }: ClusterCreate): ClusterPaths {
  return {
    version: '$.version',
    masterFlavor: '$.master_spec.engine.nova_engine.flavor_id', masterCount: '$.master_spec.replicas',
    zones: deployment_type.zonal_deployment ? zonal : regional,
    pods: `$.network_config.plugin.${network_config.plugin.cilium ? 'cilium' : 'calico'}.pods_ipv4_cidr`,
    network: `${network}.network_id`, subnet: `${network}.subnet_id`, externalNetwork: `${network}.external_network_id`,
    apiSubnet: `${octavia}.loadbalancer_subnet_id`, allowedCidrs: `${octavia}.allowed_cidrs`,
    groups: (index) => groupPathsOf(`$.node_groups[${index}]`),
  };
}

/** Of a group's spec that stands at `base`. */
export const groupPathsOf = (base: string): NodeGroupPaths => ({
  name: `${base}.name`, flavor: `${base}.vm_engine.nova_engine.flavor_id`, zones: `${base}.zones`,
  size: `${base}.scale_spec`, minSize: `${base}.scale_spec.auto_scale.min_size`,
  labels: `${base}.labels`, taints: `${base}.taints`,
  diskType: `${base}.disk_type.cinder_volume_type.type`, diskSize: `${base}.disk_type.cinder_volume_type.size`,
});

export function clusterWish(body: ClusterCreate, settings: Settings): ClusterWish {
  const { deployment_type, network_config, load_balancer_config, master_spec } = body;
  const { zonal_deployment: zone, multi_zonal_deployment: zones } = deployment_type;
  const { calico, cilium } = network_config.plugin;
  const { network_id, subnet_id, external_network_id } = network_config.engine.sprut_engine;
  const { loadbalancer_subnet_id, enable_public_ip = false, allowed_cidrs = [] } = load_balancer_config.octavia_engine;
  return {
    name: body.name, description: body.description ?? '', version: body.version, labels: body.labels ?? {},
    masters: { flavorId: master_spec.engine.nova_engine.flavor_id, count: master_spec.replicas },
    zones: zone ? [zone.zone] : zones?.zones ?? [], regional: zone === undefined,
    plugin: cilium ? 'cilium' : 'calico', podsCidr: (cilium ?? calico)?.pods_ipv4_cidr ?? usualPods,
    networkId: network_id, subnetId: subnet_id, ...(external_network_id && { externalNetworkId: external_network_id }),
    api: {
      public: enable_public_ip, allowedCidrs: [...new Set(allowed_cidrs)],
      ...(loadbalancer_subnet_id && { subnetId: loadbalancer_subnet_id }),
    },
    insecureRegistries: body.insecure_registries ?? [],
    groups: (body.node_groups ?? []).map((spec) => nodeGroupWish(spec, settings)),
  };
}

export function nodeGroupWish(spec: NodeGroupSpec, { volumeType, bootDiskGiB }: Settings): NodeGroupWish {
  const { type, size } = spec.disk_type?.cinder_volume_type ?? {};
  return {
    name: spec.name, flavorId: spec.vm_engine.nova_engine.flavor_id, zones: spec.zones ?? [],
    ...scaleOf(spec.scale_spec), labels: spec.labels ?? {}, taints: taintsOf(spec.taints),
    disk: { type: type || volumeType, size: size ?? bootDiskGiB },
    parallelUpgradeChunk: spec.parallel_upgrade_chunk ?? usualChunk,
  };
}

export const taintsOf = (taints: readonly Taint[] = []): NodeGroup['taints'] =>
  taints.map(({ key, value = '', effect }) => ({ key, value, effect }));

/** Size and limits; a size that is not said is `now`, as far as the limits allow. */
export function scaleOf({ fixed_scale, auto_scale }: ScaleSpec, now = 0): Pick<NodeGroupWish, 'size' | 'limits'> {
  if (!auto_scale) return { size: fixed_scale?.size ?? now };
  const { min_size: min, max_size: max, size = Math.min(Math.max(now, min), max) } = auto_scale;
  return { size, limits: { min, max } };
}
