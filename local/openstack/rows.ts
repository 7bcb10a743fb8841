/** What the cloud remembers, table by table. Names are the wire's where a service shows them as they are. */

// Keystone

export interface DomainRow { id: string; name: string; description: string; enabled: boolean }

export interface ProjectRow {
  id: string;
  name: string;
  domain_id: string;
  parent_id: string;
  description: string;
  enabled: boolean;
  tags: string[];
}

export interface UserRow {
  id: string;
  name: string;
  domain_id: string;
  password: string | null;
  description: string | null;
  email: string | null;
  default_project_id: string | null;
  enabled: boolean;
}

export interface RoleRow { id: string; name: string; description: string | null; immutable: boolean }

/** A role of a user on a project, on a domain, or on all projects of a domain (inherited). */
export interface AssignmentRow {
  id: string;
  userId: string;
  roleId: string;
  scope: 'project' | 'domain' | 'inherited';
  scopeId: string;
}

export interface ApplicationCredentialRow {
  id: string;
  userId: string;
  project_id: string;
  name: string;
  secret: string;
  description: string | null;
  expires_at: string | null;
  roleIds: string[];
  unrestricted: boolean;
}

export interface ServiceRow { id: string; name: string; type: string; description: string | null; enabled: boolean }

export interface EndpointRow {
  id: string;
  service_id: string;
  interface: string;
  region_id: string;
  url: string;
  enabled: boolean;
}

// Neutron

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

// Nova

export interface BlockDevice {
  /** null until a volume has been made of the image. */
  volumeId: string | null;
  attachmentId: string;
  bootIndex: number;
  device: string;
  deleteOnTermination: boolean;
  fromImage: { imageId: string; sizeGb: number; volumeType: string | null } | null;
}

export interface ServerNetwork {
  portId: string | null;
  networkId: string | null;
  fixedIp: string | null;
  /** Made by Nova for this server, and removed with it. */
  ownPort: boolean;
}

export interface ServerRow {
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  flavor_id: string;
  image_id: string | null;
  status: string;
  vm_state: string;
  task_state: string | null;
  power_state: number;
  metadata: Record<string, string>;
  tags: string[];
  user_data: string | null;
  config_drive: boolean;
  key_name: string | null;
  availability_zone: string | null;
  description: string | null;
  group_id: string | null;
  networks: ServerNetwork[];
  devices: BlockDevice[];
  fault: { code: number; created: string; message: string } | null;
  /** Known while it is built: what it will end in, instead of ACTIVE. */
  doom: string | null;
  created: string;
  updated: string;
  launched_at: string | null;
  requestId: string | null;
  /** Increases with every create: servers are listed newest first. */
  order: number;
}

export interface ServerGroupRow {
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  policy: string;
  rules: Record<string, unknown>;
}

export interface FlavorRow {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
  extra_specs: Record<string, string>;
}

// Cinder, Glance

export interface VolumeRow {
  id: string;
  project_id: string;
  user_id: string;
  name: string | null;
  description: string | null;
  size: number;
  status: string;
  availability_zone: string;
  volume_type: string;
  metadata: Record<string, string>;
  bootable: boolean;
  image_id: string | null;
  snapshot_id: string | null;
  source_volid: string | null;
  attachments: { attachment_id: string; server_id: string; host_name: string; device: string; attached_at: string }[];
  created_at: string;
  updated_at: string | null;
  order: number;
}

export interface VolumeTypeRow { id: string; name: string; description: string | null; isDefault: boolean }

export interface ImageRow {
  id: string;
  name: string;
  status: string;
  visibility: string;
  owner: string;
  size: number;
  min_disk: number;
  min_ram: number;
  tags: string[];
  properties: Record<string, string>;
  created_at: string;
  updated_at: string;
}

// Octavia

/** What every part of a load balancer has. */
export interface BalancerPartRow {
  id: string;
  project_id: string;
  name: string;
  provisioning_status: string;
  operating_status: string;
  admin_state_up: boolean;
  tags: string[];
  created_at: string;
  updated_at: string | null;
  order: number;
}

export interface LoadBalancerRow extends BalancerPartRow {
  description: string;
  vip_address: string;
  vip_port_id: string;
  vip_subnet_id: string | null;
  vip_network_id: string;
  provider: string;
  flavor_id: string | null;
  availability_zone: string | null;
  /** Whether Octavia made the VIP port, and removes it with the load balancer. */
  ownPort: boolean;
  securityGroupId: string;
  vrrpPortId: string | null;
}

export interface ListenerRow extends BalancerPartRow {
  description: string;
  loadbalancer_id: string;
  protocol: string;
  protocol_port: number;
  connection_limit: number;
  default_pool_id: string | null;
  allowed_cidrs: string[] | null;
  insert_headers: Record<string, string>;
  timeout_client_data: number;
  timeout_member_connect: number;
  timeout_member_data: number;
  timeout_tcp_inspect: number;
}

export interface PoolRow extends BalancerPartRow {
  description: string;
  loadbalancer_id: string;
  protocol: string;
  lb_algorithm: string;
  session_persistence: Record<string, unknown> | null;
}

export interface MemberRow extends BalancerPartRow {
  pool_id: string;
  address: string;
  protocol_port: number;
  subnet_id: string | null;
  weight: number;
  backup: boolean;
  monitor_address: string | null;
  monitor_port: number | null;
}

export interface HealthMonitorRow extends BalancerPartRow {
  pool_id: string;
  type: string;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down: number;
  http_method: string | null;
  url_path: string | null;
  expected_codes: string | null;
}

// The cloud itself

/** Limits of one service that a project has other than the defaults; id is `<service>/<project>`. */
export interface QuotaRow { id: string; limits: Record<string, number> }

export interface JobRow {
  id: string;
  kind: string;
  target: string;
  readyAt: number;
  waitId: string | null;
  detail: unknown;
}

export interface WaitRow {
  id: string;
  resource: string;
  resourceId: string;
  name: string;
  projectId: string;
  requestId: string | null;
  startedAt: number;
  endedAt: number | null;
}

/** Single values: the key that signs tokens, the URL the catalogue was written with, counters. */
export interface MetaRow { id: string; value: string | number }

export interface Tables {
  domains: DomainRow;
  projects: ProjectRow;
  users: UserRow;
  roles: RoleRow;
  assignments: AssignmentRow;
  applicationCredentials: ApplicationCredentialRow;
  revokedTokens: { id: string };
  services: ServiceRow;
  endpoints: EndpointRow;
  networks: NetworkRow;
  subnets: SubnetRow;
  ports: PortRow;
  routers: RouterRow;
  securityGroups: SecurityGroupRow;
  securityGroupRules: SecurityGroupRuleRow;
  floatingIps: FloatingIpRow;
  trunks: TrunkRow;
  rbacPolicies: RbacPolicyRow;
  servers: ServerRow;
  serverGroups: ServerGroupRow;
  flavors: FlavorRow;
  volumes: VolumeRow;
  volumeTypes: VolumeTypeRow;
  images: ImageRow;
  loadBalancers: LoadBalancerRow;
  listeners: ListenerRow;
  pools: PoolRow;
  members: MemberRow;
  healthMonitors: HealthMonitorRow;
  quotas: QuotaRow;
  jobs: JobRow;
  waits: WaitRow;
  meta: MetaRow;
}
