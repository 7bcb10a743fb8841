/** Network: networks, routers, security groups, ports, trunks, floating addresses, quotas. One function, one call. */
import { path, type Path } from './path.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

const at = (place: Path, key: string): Resource => ({ service: 'network', path: place, key });

/** What every listing can be narrowed by. `tags: 'a,b'` finds those that have all of them; a list means "one of". */
type Common = {
  id?: string | readonly string[];
  name?: string;
  description?: string;
  project_id?: string;
  tags?: string;
  'tags-any'?: string;
};

interface Owned {
  id: string;
  name: string;
  description: string;
  project_id: string;
  tags: string[];
  created_at: string;
}

// Tags

export type Taggable = 'networks' | 'subnets' | 'routers' | 'security-groups' | 'ports' | 'trunks' | 'floatingips';

/** Sets the whole list. Neutron takes no tags at create: what is found by its tag alone may not be all there is. */
export function setTags(session: Session, resource: Taggable, id: string, tags: readonly string[]): Promise<string[]> {
  return write<string[]>(session, 'PUT', at(path`/${resource}/${id}/tags`, 'tags'), tags);
}

// Networks

export interface Network extends Owned {
  status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR'; admin_state_up: boolean; mtu: number; subnets: string[];
  shared: boolean; 'router:external': boolean; port_security_enabled?: boolean; availability_zone_hints: string[];
}
export interface NetworkCreate {
  name: string;
  description?: string;
  project_id?: string;
  mtu?: number;
  port_security_enabled?: boolean;
}
export type NetworkQuery = Common & { 'router:external'?: boolean; shared?: boolean };

export function listNetworks(session: Session, query: NetworkQuery = {}): Promise<Network[]> {
  return list<Network>(session, { ...at(path`/networks`, 'networks'), query });
}

export function getNetwork(session: Session, networkId: string): Promise<Network | undefined> {
  return get<Network>(session, at(path`/networks/${networkId}`, 'network'));
}

export function createNetwork(session: Session, network: NetworkCreate): Promise<Network> {
  return write<Network>(session, 'POST', at(path`/networks`, 'network'), network);
}

export function updateNetwork(
  session: Session,
  networkId: string,
  change: Partial<Omit<NetworkCreate, 'project_id'>>,
): Promise<Network> {
  return write<Network>(session, 'PUT', at(path`/networks/${networkId}`, 'network'), change);
}

/** Takes subnets along; 409 `NetworkInUse` while there are ports. */
export function deleteNetwork(session: Session, networkId: string): Promise<void> {
  return remove(session, at(path`/networks/${networkId}`, 'network'));
}

// Subnets

export interface AllocationPool { start: string; end: string }
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

export function listSubnets(session: Session, query: SubnetQuery = {}): Promise<Subnet[]> {
  return list<Subnet>(session, { ...at(path`/subnets`, 'subnets'), query });
}

export function getSubnet(session: Session, subnetId: string): Promise<Subnet | undefined> {
  return get<Subnet>(session, at(path`/subnets/${subnetId}`, 'subnet'));
}

export function createSubnet(session: Session, subnet: SubnetCreate): Promise<Subnet> {
  return write<Subnet>(session, 'POST', at(path`/subnets`, 'subnet'), subnet);
}

export function updateSubnet(session: Session, subnetId: string, change: SubnetUpdate): Promise<Subnet> {
  return write<Subnet>(session, 'PUT', at(path`/subnets/${subnetId}`, 'subnet'), change);
}

export function deleteSubnet(session: Session, subnetId: string): Promise<void> {
  return remove(session, at(path`/subnets/${subnetId}`, 'subnet'));
}

// Routers

export interface ExternalGateway {
  network_id: string; enable_snat?: boolean; external_fixed_ips?: { subnet_id?: string; ip_address?: string }[];
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

export function listRouters(session: Session, query: Common = {}): Promise<Router[]> {
  return list<Router>(session, { ...at(path`/routers`, 'routers'), query });
}

export function getRouter(session: Session, routerId: string): Promise<Router | undefined> {
  return get<Router>(session, at(path`/routers/${routerId}`, 'router'));
}

export function createRouter(session: Session, router: RouterCreate): Promise<Router> {
  return write<Router>(session, 'POST', at(path`/routers`, 'router'), router);
}

export function updateRouter(
  session: Session,
  routerId: string,
  change: Partial<Omit<RouterCreate, 'project_id'>>,
): Promise<Router> {
  return write<Router>(session, 'PUT', at(path`/routers/${routerId}`, 'router'), change);
}

/** 409 `RouterInUse` while it has interfaces. */
export function deleteRouter(session: Session, routerId: string): Promise<void> {
  return remove(session, at(path`/routers/${routerId}`, 'router'));
}

export interface RouterInterface { id: string; subnet_id: string; port_id: string }

/** By subnet the interface gets the subnet's gateway address. 400 when it is there already. */
export function addRouterInterface(
  session: Session, routerId: string, target: { subnet_id: string } | { port_id: string },
): Promise<RouterInterface> {
  return session.request<RouterInterface>({
    service: 'network', method: 'PUT', path: path`/routers/${routerId}/add_router_interface`, body: target, once: true,
  });
}

/** 404 when there is no such interface: look at the router's ports first. */
export function removeRouterInterface(
  session: Session, routerId: string, target: { subnet_id: string } | { port_id: string },
): Promise<RouterInterface> {
  return session.request<RouterInterface>({
    service: 'network',
    method: 'PUT',
    path: path`/routers/${routerId}/remove_router_interface`,
    body: target,
    once: true,
  });
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
export interface SecurityGroup extends Owned { security_group_rules: SecurityGroupRule[]; stateful: boolean }
export interface SecurityGroupCreate { name: string; description?: string; project_id?: string }
export type SecurityGroupRuleQuery = Pick<Common, 'id' | 'project_id' | 'description'>
  & { security_group_id?: string; direction?: 'ingress' | 'egress'; remote_group_id?: string };

export function listSecurityGroups(session: Session, query: Common = {}): Promise<SecurityGroup[]> {
  return list<SecurityGroup>(session, { ...at(path`/security-groups`, 'security_groups'), query });
}

export function getSecurityGroup(session: Session, groupId: string): Promise<SecurityGroup | undefined> {
  return get<SecurityGroup>(session, at(path`/security-groups/${groupId}`, 'security_group'));
}

/** Comes with two rules that let everything out. */
export function createSecurityGroup(session: Session, group: SecurityGroupCreate): Promise<SecurityGroup> {
  return write<SecurityGroup>(session, 'POST', at(path`/security-groups`, 'security_group'), group);
}

export function updateSecurityGroup(
  session: Session, groupId: string, change: Partial<Omit<SecurityGroupCreate, 'project_id'>>,
): Promise<SecurityGroup> {
  return write<SecurityGroup>(session, 'PUT', at(path`/security-groups/${groupId}`, 'security_group'), change);
}

/** 409 `SecurityGroupInUse` while a port or another group's rule names it. */
export function deleteSecurityGroup(session: Session, groupId: string): Promise<void> {
  return remove(session, at(path`/security-groups/${groupId}`, 'security_group'));
}

export function listSecurityGroupRules(
  session: Session,
  query: SecurityGroupRuleQuery = {},
): Promise<SecurityGroupRule[]> {
  return list<SecurityGroupRule>(session, { ...at(path`/security-group-rules`, 'security_group_rules'), query });
}

/** 409 `SecurityGroupRuleExists` when the group has it. */
export function createSecurityGroupRule(session: Session, rule: SecurityGroupRuleCreate): Promise<SecurityGroupRule> {
  return write<SecurityGroupRule>(session, 'POST', at(path`/security-group-rules`, 'security_group_rule'), rule);
}

/** All or none: 409 `SecurityGroupRuleExists` when the group has one of them. */
export function createSecurityGroupRules(
  session: Session,
  rules: readonly SecurityGroupRuleCreate[],
): Promise<SecurityGroupRule[]> {
  return write<SecurityGroupRule[]>(session, 'POST', at(path`/security-group-rules`, 'security_group_rules'), rules);
}

export function deleteSecurityGroupRule(session: Session, ruleId: string): Promise<void> {
  return remove(session, at(path`/security-group-rules/${ruleId}`, 'security_group_rule'));
}

// Ports

export interface FixedIp { subnet_id: string; ip_address: string }
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

export function listPorts(session: Session, query: PortQuery = {}): Promise<Port[]> {
  return list<Port>(session, { ...at(path`/ports`, 'ports'), query });
}

export function getPort(session: Session, portId: string): Promise<Port | undefined> {
  return get<Port>(session, at(path`/ports/${portId}`, 'port'));
}

/** 409 `IpAddressAlreadyAllocated` when the subnet has given away an address that is asked for. */
export function createPort(session: Session, port: PortCreate): Promise<Port> {
  return write<Port>(session, 'POST', at(path`/ports`, 'port'), port);
}

/** All or none. */
export function createPorts(session: Session, ports: readonly PortCreate[]): Promise<Port[]> {
  return write<Port[]>(session, 'POST', at(path`/ports`, 'ports'), ports);
}

export function updatePort(session: Session, portId: string, change: PortUpdate): Promise<Port> {
  return write<Port>(session, 'PUT', at(path`/ports/${portId}`, 'port'), change);
}

/** 409 `PortInUseAsSubPort` or `PortInUseAsTrunkParent` while a trunk holds it; a server does not. */
export function deletePort(session: Session, portId: string): Promise<void> {
  return remove(session, at(path`/ports/${portId}`, 'port'));
}

// Trunks

export interface SubPort { port_id: string; segmentation_type: 'vlan'; segmentation_id: number }
export interface Trunk extends Owned { port_id: string; status: string; admin_state_up: boolean; sub_ports: SubPort[] }
export interface TrunkCreate {
  name: string;
  port_id: string;
  description?: string;
  project_id?: string;
  sub_ports?: SubPort[];
}
export type TrunkQuery = Common & { port_id?: string };

export function listTrunks(session: Session, query: TrunkQuery = {}): Promise<Trunk[]> {
  return list<Trunk>(session, { ...at(path`/trunks`, 'trunks'), query });
}

export function getTrunk(session: Session, trunkId: string): Promise<Trunk | undefined> {
  return get<Trunk>(session, at(path`/trunks/${trunkId}`, 'trunk'));
}

/** 409 when the port is the parent of one. An administrator's may have sub-ports of another project. */
export function createTrunk(session: Session, trunk: TrunkCreate): Promise<Trunk> {
  return write<Trunk>(session, 'POST', at(path`/trunks`, 'trunk'), trunk);
}

/** 409 `TrunkInUse` while its parent port belongs to a running server. */
export function deleteTrunk(session: Session, trunkId: string): Promise<void> {
  return remove(session, at(path`/trunks/${trunkId}`, 'trunk'));
}

/** 409 when a VLAN of the trunk is given away or a port is used. Returns the whole trunk. */
export function addSubports(session: Session, trunkId: string, subPorts: readonly SubPort[]): Promise<Trunk> {
  return session.request<Trunk>({
    service: 'network',
    method: 'PUT',
    path: path`/trunks/${trunkId}/add_subports`,
    body: { sub_ports: subPorts },
    once: true,
  });
}

/** 404 when one of them is no sub-port of the trunk. Returns the whole trunk. */
export function removeSubports(
  session: Session,
  trunkId: string,
  subPorts: readonly Pick<SubPort, 'port_id'>[],
): Promise<Trunk> {
  return session.request<Trunk>({
    service: 'network',
    method: 'PUT',
    path: path`/trunks/${trunkId}/remove_subports`,
    body: { sub_ports: subPorts },
    once: true,
  });
}

// Floating addresses

export interface FloatingIp extends Omit<Owned, 'name'> {
  floating_ip_address: string; floating_network_id: string; port_id: string | null; fixed_ip_address: string | null;
  router_id: string | null; status: 'ACTIVE' | 'DOWN' | 'ERROR';
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

export function listFloatingIps(session: Session, query: FloatingIpQuery = {}): Promise<FloatingIp[]> {
  return list<FloatingIp>(session, { ...at(path`/floatingips`, 'floatingips'), query });
}

export function getFloatingIp(session: Session, floatingIpId: string): Promise<FloatingIp | undefined> {
  return get<FloatingIp>(session, at(path`/floatingips/${floatingIpId}`, 'floatingip'));
}

export function createFloatingIp(session: Session, floatingIp: FloatingIpCreate): Promise<FloatingIp> {
  return write<FloatingIp>(session, 'POST', at(path`/floatingips`, 'floatingip'), floatingIp);
}

/** `port_id: null` takes it off its port. */
export function updateFloatingIp(
  session: Session,
  floatingIpId: string,
  change: { port_id?: string | null; fixed_ip_address?: string; description?: string },
): Promise<FloatingIp> {
  return write<FloatingIp>(session, 'PUT', at(path`/floatingips/${floatingIpId}`, 'floatingip'), change);
}

export function deleteFloatingIp(session: Session, floatingIpId: string): Promise<void> {
  return remove(session, at(path`/floatingips/${floatingIpId}`, 'floatingip'));
}

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
export interface QuotaDetail { limit: number; used: number; reserved: number }

export function getQuota(session: Session, projectId: string): Promise<Quota> {
  return requireQuota<Quota>(session, path`/quotas/${projectId}`);
}

/** With what is used. */
export function getQuotaDetails(session: Session, projectId: string): Promise<Partial<Record<QuotaName, QuotaDetail>>> {
  return requireQuota(session, path`/quotas/${projectId}/details.json`);
}

export function updateQuota(session: Session, projectId: string, quota: Quota): Promise<Quota> {
  return write<Quota>(session, 'PUT', at(path`/quotas/${projectId}`, 'quota'), quota);
}

/** Back to the cloud's defaults. */
export function deleteQuota(session: Session, projectId: string): Promise<void> {
  return remove(session, at(path`/quotas/${projectId}`, 'quota'));
}

/** A project without a quota of its own has the defaults, so there is always one. */
async function requireQuota<T>(session: Session, place: Path): Promise<T> {
  const resource = at(place, 'quota');
  return unwrap<T>(await session.request({ ...resource, method: 'GET' }), resource, 'GET');
}
