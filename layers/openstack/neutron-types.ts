/** What Neutron's resources look like on the wire, as far as they are used. */

/** What every listing can be narrowed by. `tags: 'a,b'` finds those that have all of them; a list means "one of". */
export type Common = {
  id?: string | readonly string[];
  name?: string;
  description?: string;
  project_id?: string;
  tags?: string;
  'tags-any'?: string;
};

export interface Owned {
  id: string;
  name: string;
  description: string;
  project_id: string;
  tags: string[];
  created_at: string;
}

// Tags

export type Taggable = 'networks' | 'subnets' | 'routers' | 'security-groups' | 'ports' | 'trunks' | 'floatingips';

// Networks

export interface Network extends Owned {
  status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR';
  admin_state_up: boolean;
  mtu: number;
  subnets: string[];
  shared: boolean;
  'router:external': boolean;
  port_security_enabled?: boolean;
  availability_zone_hints: string[];
}

export interface NetworkCreate {
  name: string;
  description?: string;
  project_id?: string;
  mtu?: number;
  port_security_enabled?: boolean;
}

export type NetworkQuery = Common & { 'router:external'?: boolean; shared?: boolean };

// Subnets

export interface AllocationPool {
  start: string;
  end: string;
}

export interface Subnet extends Owned {
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  dns_nameservers: string[];
  allocation_pools: AllocationPool[];
  host_routes: { destination: string; nexthop: string }[];
}

export interface SubnetCreate {
  name: string;
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  description?: string;
  project_id?: string;
  gateway_ip?: string | null;
  enable_dhcp?: boolean;
  dns_nameservers?: string[];
  allocation_pools?: AllocationPool[];
}

export type SubnetUpdate = Partial<
  Pick<SubnetCreate, 'name' | 'description' | 'gateway_ip' | 'enable_dhcp' | 'dns_nameservers' | 'allocation_pools'>
>;

export type SubnetQuery = Common & { network_id?: string; cidr?: string };

// Routers

export interface ExternalGateway {
  network_id: string;
  enable_snat?: boolean;
  external_fixed_ips?: { subnet_id?: string; ip_address?: string }[];
}

export interface Router extends Owned {
  status: string;
  admin_state_up: boolean;
  external_gateway_info: ExternalGateway | null;
}

export interface RouterCreate {
  name: string;
  description?: string;
  project_id?: string;
  external_gateway_info?: ExternalGateway | null;
}

export interface RouterInterface {
  id: string;
  subnet_id: string;
  port_id: string;
}

// Security groups

export interface SecurityGroupRule {
  id: string;
  security_group_id: string;
  project_id: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  description: string;
}

/** Null and left out are the same: any. */
export interface SecurityGroupRuleCreate {
  security_group_id: string;
  direction: 'ingress' | 'egress';
  ethertype?: 'IPv4' | 'IPv6';
  protocol?: string | null;
  port_range_min?: number | null;
  port_range_max?: number | null;
  remote_ip_prefix?: string | null;
  remote_group_id?: string | null;
  description?: string;
  project_id?: string;
}

export interface SecurityGroup extends Owned {
  security_group_rules: SecurityGroupRule[];
  stateful: boolean;
}

export interface SecurityGroupCreate {
  name: string;
  description?: string;
  project_id?: string;
}

export type SecurityGroupRuleQuery = Pick<Common, 'id' | 'project_id' | 'description'> & {
  security_group_id?: string;
  direction?: 'ingress' | 'egress';
  remote_group_id?: string;
};

// Ports

export interface FixedIp {
  subnet_id: string;
  ip_address: string;
}

export interface Port extends Owned {
  network_id: string;
  mac_address: string;
  fixed_ips: FixedIp[];
  status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR';
  admin_state_up: boolean;
  device_id: string;
  device_owner: string;
  security_groups: string[];
  port_security_enabled?: boolean;
  allowed_address_pairs: { ip_address: string; mac_address?: string }[];
  /** On the parent of a trunk. */
  trunk_details?: { trunk_id: string; sub_ports: (SubPort & { mac_address: string })[] };
}

export interface PortCreate {
  name: string;
  network_id: string;
  description?: string;
  project_id?: string;
  fixed_ips?: Partial<FixedIp>[];
  mac_address?: string;
  security_groups?: string[];
  admin_state_up?: boolean;
  port_security_enabled?: boolean;
  device_id?: string;
  device_owner?: string;
  allowed_address_pairs?: { ip_address: string; mac_address?: string }[];
}

export type PortUpdate = Partial<Omit<PortCreate, 'network_id' | 'project_id' | 'mac_address'>>;

/** `fixed_ips: 'ip_address=10.0.0.5'` or `'subnet_id=…'`; a list of them must all hold. */
export type PortQuery = Common & {
  network_id?: string;
  device_id?: string | readonly string[];
  device_owner?: string;
  mac_address?: string;
  status?: string;
  fixed_ips?: string | readonly string[];
  security_groups?: string;
};

// Trunks

export interface SubPort {
  port_id: string;
  segmentation_type: 'vlan';
  segmentation_id: number;
}

export interface Trunk extends Owned {
  port_id: string;
  status: string;
  admin_state_up: boolean;
  sub_ports: SubPort[];
}

export interface TrunkCreate {
  name: string;
  port_id: string;
  description?: string;
  project_id?: string;
  sub_ports?: SubPort[];
}

export type TrunkQuery = Common & { port_id?: string };

// Floating addresses

export interface FloatingIp extends Omit<Owned, 'name'> {
  floating_ip_address: string;
  floating_network_id: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: 'ACTIVE' | 'DOWN' | 'ERROR';
}

export interface FloatingIpCreate {
  floating_network_id: string;
  description?: string;
  project_id?: string;
  port_id?: string;
  fixed_ip_address?: string;
  floating_ip_address?: string;
}

export type FloatingIpQuery = Omit<Common, 'name'> & {
  floating_network_id?: string;
  floating_ip_address?: string;
  port_id?: string | readonly string[];
  router_id?: string;
  status?: string;
};

// Quotas

export type QuotaName =
  | 'network'
  | 'subnet'
  | 'router'
  | 'port'
  | 'floatingip'
  | 'security_group'
  | 'security_group_rule'
  | 'trunk'
  | 'rbac_policy';

/** -1 is no limit. A cloud has only the names of what it has loaded. */
export type Quota = Partial<Record<QuotaName, number>>;

export interface QuotaDetail {
  limit: number;
  used: number;
  reserved: number;
}
