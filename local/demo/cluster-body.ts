/** The request for a cluster with one node group, as a client of the API would write it. */
import type { Choice } from './user.ts';

interface Wanted { version: string; masters: number; workers: number; choice: Choice; name?: string }

export const clusterBody = ({ version, masters, workers, choice, name = 'harbour' }: Wanted): object => ({
  uuid: crypto.randomUUID(), name, description: 'made by the demo', version, labels: {},
  master_spec: { engine: { nova_engine: { flavor_id: choice.masterFlavorId ?? choice.flavorId } }, replicas: masters },
  deployment_type: { zonal_deployment: { zone: choice.zones[0] }, multi_zonal_deployment: null },
  network_config: {
    plugin: { calico: { pods_ipv4_cidr: '10.100.0.0/16' }, cilium: null },
    engine: { sprut_engine: { network_id: choice.networkId, subnet_id: choice.subnetId, external_network_id: choice.externalNetworkId } },
  },
  load_balancer_config: { octavia_engine: { loadbalancer_subnet_id: '', enable_public_ip: true, allowed_cidrs: [] } },
  insecure_registries: [],
  node_groups: [{
    name: 'berths', vm_engine: { nova_engine: { flavor_id: choice.flavorId } }, zones: [choice.zones[0]], scale_spec: { fixed_scale: { size: workers } },
    labels: { tier: 'demo' }, taints: [], parallel_upgrade_chunk: 20,
  }],
});
