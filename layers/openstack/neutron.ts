/** Network: networks, routers, security groups, ports, trunks, floating addresses, quotas. One function, one call. */
import { path, type Path } from './path.ts';
import type {
  Common,
  FloatingIp,
  FloatingIpCreate,
  FloatingIpQuery,
  Network,
  NetworkCreate,
  NetworkQuery,
  Port,
  PortCreate,
  PortQuery,
  PortUpdate,
  Quota,
  QuotaDetail,
  QuotaName,
  Router,
  RouterCreate,
  RouterInterface,
  SecurityGroup,
  SecurityGroupCreate,
  SecurityGroupRule,
  SecurityGroupRuleCreate,
  SecurityGroupRuleQuery,
  SubPort,
  Subnet,
  SubnetCreate,
  SubnetQuery,
  SubnetUpdate,
  Taggable,
  Trunk,
  TrunkCreate,
  TrunkQuery,
} from './neutron-types.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

export type * from './neutron-types.ts';

const at = (place: Path, key: string): Resource => ({ service: 'network', path: place, key });

// Tags

/** Sets the whole list. Neutron takes no tags at create: what is found by its tag alone may not be all there is. */
export function setTags(session: Session, resource: Taggable, id: string, tags: readonly string[]): Promise<string[]> {
  return write<string[]>(session, 'PUT', at(path`/${resource}/${id}/tags`, 'tags'), tags);
}

// Networks

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
