/** What Neutron remembers. Names are the wire's where they are shown as they are. */

/** What every Neutron resource has. */
export interface StandardRow {
  id: string;
  project_id: string;
  name: string;
  description: string;
  tags: string[];
  created_at: string;
  updated_at: string;
  revision_number: number;
}

export interface NetworkRow extends StandardRow {
  admin_state_up: boolean;
  status: string;
  mtu: number;
  shared: boolean;
  external: boolean;
  port_security_enabled: boolean;
  availability_zone_hints: string[];
  segmentation_id: number | null;
}

export interface Pool { start: string; end: string }

export interface SubnetRow extends StandardRow {
  network_id: string;
  ip_version: number;
  cidr: string;
  gateway_ip: string | null;
  allocation_pools: Pool[];
  dns_nameservers: string[];
  host_routes: { destination: string; nexthop: string }[];
  enable_dhcp: boolean;
}

export interface FixedIp { subnet_id: string; ip_address: string }

export interface PortRow extends StandardRow {
  network_id: string;
  mac_address: string;
  admin_state_up: boolean;
  status: string;
  device_id: string;
  device_owner: string;
  fixed_ips: FixedIp[];
  allowed_address_pairs: { ip_address: string; mac_address: string }[];
  security_groups: string[];
  port_security_enabled: boolean;
  host_id: string;
  vnic_type: string;
}

export interface RouterRow extends StandardRow {
  admin_state_up: boolean;
  external_gateway_info: { network_id: string; external_fixed_ips: FixedIp[]; enable_snat: boolean } | null;
  routes: { destination: string; nexthop: string }[];
  availability_zone_hints: string[];
}

export interface SecurityGroupRow extends StandardRow { stateful: boolean }

export interface SecurityGroupRuleRow extends StandardRow {
  security_group_id: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  /** Made with its group, not by a call of its own: shown with a null description. */
  initial: boolean;
}

export interface FloatingIpRow extends StandardRow {
  floating_network_id: string;
  floating_ip_address: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: string;
}

export interface SubPort { port_id: string; segmentation_type: string; segmentation_id: number }

export interface TrunkRow extends StandardRow {
  port_id: string;
  admin_state_up: boolean;
  status: string;
  sub_ports: SubPort[];
}

export interface RbacPolicyRow {
  id: string;
  project_id: string;
  object_type: string;
  object_id: string;
  target_tenant: string;
  action: string;
}
