/** Load balancers and their listeners, pools, members and health monitors. One function, one call. */
import { path, type Path } from './path.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

const at = (place: Path, key: string): Resource => ({ service: 'load-balancer', path: place, key });

/** While one part is PENDING_*, the whole load balancer is immutable: every change answers 409. */
export type ProvisioningStatus =
  'ACTIVE' | 'PENDING_CREATE' | 'PENDING_UPDATE' | 'PENDING_DELETE' | 'ERROR' | 'DELETED';
export type OperatingStatus = 'ONLINE' | 'OFFLINE' | 'DEGRADED' | 'ERROR' | 'DRAINING' | 'NO_MONITOR';

interface Part {
  id: string;
  name: string;
  description: string;
  project_id: string;
  tags: string[];
  admin_state_up: boolean;
  created_at: string;
  /** In whole seconds, UTC, without a zone; null before the first change. */
  updated_at: string | null;
  provisioning_status: ProvisioningStatus;
  operating_status: OperatingStatus;
}
interface Described { name?: string; description?: string; tags?: string[]; admin_state_up?: boolean }
/** `tags: 'a,b'` finds those that have all of them. */
type Common = {
  name?: string;
  description?: string;
  project_id?: string;
  tags?: string;
  'tags-any'?: string;
  provisioning_status?: ProvisioningStatus;
};

// Load balancers

export interface LoadBalancer extends Part {
  vip_address: string; vip_port_id: string; vip_subnet_id: string; vip_network_id: string; provider: string;
  listeners: { id: string }[]; pools: { id: string }[];
}
export interface LoadBalancerCreate extends Described {
  name: string;
  project_id?: string;
  vip_subnet_id?: string;
  vip_address?: string;
  vip_port_id?: string;
  vip_network_id?: string;
  provider?: string;
  flavor_id?: string;
  availability_zone?: string;
}
export type LoadBalancerQuery = Common & {
  provisioning_status?: ProvisioningStatus;
  vip_address?: string;
  vip_port_id?: string;
  vip_subnet_id?: string;
  vip_network_id?: string;
};

export function listLoadBalancers(session: Session, query: LoadBalancerQuery = {}): Promise<LoadBalancer[]> {
  return list<LoadBalancer>(session, { ...at(path`/lbaas/loadbalancers`, 'loadbalancers'), query });
}

export function getLoadBalancer(session: Session, loadBalancerId: string): Promise<LoadBalancer | undefined> {
  return get<LoadBalancer>(session, at(path`/lbaas/loadbalancers/${loadBalancerId}`, 'loadbalancer'));
}

interface StatusNode {
  id: string;
  name: string;
  provisioning_status: ProvisioningStatus;
  operating_status: OperatingStatus;
}
export interface PoolStatus extends StatusNode {
  health_monitor?: Omit<StatusNode, 'name'> & { name?: string; type: string };
  members: (StatusNode & { address: string; protocol_port: number })[];
}
export interface LoadBalancerStatus extends StatusNode { listeners: (StatusNode & { pools: PoolStatus[] })[] }

/** The states of the load balancer and of everything on it, in one call. */
export async function getLoadBalancerStatus(
  session: Session,
  loadBalancerId: string,
): Promise<LoadBalancerStatus | undefined> {
  const resource = at(path`/lbaas/loadbalancers/${loadBalancerId}/status`, 'statuses');
  return (await get<{ loadbalancer: LoadBalancerStatus }>(session, resource))?.loadbalancer;
}

/** Accepted, not made. 500 when the VIP's address is taken. Make listeners and pools afterwards, one at a time. */
export function createLoadBalancer(session: Session, loadBalancer: LoadBalancerCreate): Promise<LoadBalancer> {
  return write<LoadBalancer>(session, 'POST', at(path`/lbaas/loadbalancers`, 'loadbalancer'), loadBalancer);
}

export function updateLoadBalancer(session: Session, loadBalancerId: string, change: Described): Promise<LoadBalancer> {
  return write<LoadBalancer>(session, 'PUT', at(path`/lbaas/loadbalancers/${loadBalancerId}`, 'loadbalancer'), change);
}

/** Accepted, not done. Without `cascade` 400 while it has listeners or pools. */
export function deleteLoadBalancer(
  session: Session,
  loadBalancerId: string,
  query: { cascade?: boolean } = {},
): Promise<void> {
  return remove(session, { ...at(path`/lbaas/loadbalancers/${loadBalancerId}`, 'loadbalancer'), query });
}

// Listeners

export type ListenerProtocol = 'TCP' | 'UDP' | 'HTTP' | 'HTTPS' | 'TERMINATED_HTTPS' | 'SCTP' | 'PROMETHEUS';
export interface Listener extends Part {
  loadbalancers: { id: string }[]; protocol: ListenerProtocol; protocol_port: number; default_pool_id: string | null;
  /** Null lets everybody in. */
  allowed_cidrs: string[] | null;
  connection_limit: number; timeout_client_data: number; timeout_member_data: number;
}
export interface ListenerCreate extends Described {
  loadbalancer_id: string;
  protocol: ListenerProtocol;
  protocol_port: number;
  default_pool_id?: string;
  allowed_cidrs?: string[] | null;
  connection_limit?: number;
  timeout_client_data?: number;
  timeout_member_data?: number;
  timeout_member_connect?: number;
}
export type ListenerUpdate = Partial<
  Omit<ListenerCreate, 'loadbalancer_id' | 'protocol' | 'protocol_port' | 'default_pool_id'>
> & { default_pool_id?: string | null };
export type ListenerQuery = Common & { loadbalancer_id?: string; protocol_port?: number };

export function listListeners(session: Session, query: ListenerQuery = {}): Promise<Listener[]> {
  return list<Listener>(session, { ...at(path`/lbaas/listeners`, 'listeners'), query });
}

export function getListener(session: Session, listenerId: string): Promise<Listener | undefined> {
  return get<Listener>(session, at(path`/lbaas/listeners/${listenerId}`, 'listener'));
}

/** 409 when the load balancer has one for that protocol and port, or is immutable. */
export function createListener(session: Session, listener: ListenerCreate): Promise<Listener> {
  return write<Listener>(session, 'POST', at(path`/lbaas/listeners`, 'listener'), listener);
}

export function updateListener(session: Session, listenerId: string, change: ListenerUpdate): Promise<Listener> {
  return write<Listener>(session, 'PUT', at(path`/lbaas/listeners/${listenerId}`, 'listener'), change);
}

export function deleteListener(session: Session, listenerId: string): Promise<void> {
  return remove(session, at(path`/lbaas/listeners/${listenerId}`, 'listener'));
}

// Pools

export type PoolAlgorithm = 'ROUND_ROBIN' | 'LEAST_CONNECTIONS' | 'SOURCE_IP' | 'SOURCE_IP_PORT';
export type PoolProtocol = 'TCP' | 'UDP' | 'HTTP' | 'HTTPS' | 'PROXY' | 'PROXYV2' | 'SCTP';
export interface Pool extends Part {
  protocol: PoolProtocol; lb_algorithm: PoolAlgorithm; loadbalancers: { id: string }[]; listeners: { id: string }[];
  members: { id: string }[]; healthmonitor_id: string | null;
}
/** On a listener, as its default pool, or on the load balancer alone. */
export type PoolCreate = Described & { protocol: PoolProtocol; lb_algorithm: PoolAlgorithm } & (
    { listener_id: string } | { loadbalancer_id: string }
  );
export type PoolQuery = Common & { loadbalancer_id?: string };

export function listPools(session: Session, query: PoolQuery = {}): Promise<Pool[]> {
  return list<Pool>(session, { ...at(path`/lbaas/pools`, 'pools'), query });
}

export function getPool(session: Session, poolId: string): Promise<Pool | undefined> {
  return get<Pool>(session, at(path`/lbaas/pools/${poolId}`, 'pool'));
}

/** 409 when the listener has one, or the load balancer is immutable. */
export function createPool(session: Session, pool: PoolCreate): Promise<Pool> {
  return write<Pool>(session, 'POST', at(path`/lbaas/pools`, 'pool'), pool);
}

export function deletePool(session: Session, poolId: string): Promise<void> {
  return remove(session, at(path`/lbaas/pools/${poolId}`, 'pool'));
}

// Members

export interface Member extends Part {
  address: string; protocol_port: number; subnet_id: string | null; weight: number; backup: boolean;
  monitor_address: string | null; monitor_port: number | null;
}
/** A `subnet_id` must be visible to the caller; without one the VIP's network must have a way there. */
export interface MemberCreate extends Described {
  address: string;
  protocol_port: number;
  subnet_id?: string;
  weight?: number;
  backup?: boolean;
  monitor_address?: string;
  monitor_port?: number;
}

export function listMembers(
  session: Session,
  poolId: string,
  query: Common & { address?: string } = {},
): Promise<Member[]> {
  return list<Member>(session, { ...at(path`/lbaas/pools/${poolId}/members`, 'members'), query });
}

/** The whole set at once: who is not named goes. What stays the same is not touched. */
export async function replaceMembers(
  session: Session,
  poolId: string,
  members: readonly MemberCreate[],
): Promise<void> {
  await session.request({ ...at(path`/lbaas/pools/${poolId}/members`, 'members'), method: 'PUT', body: { members } });
}

// Health monitors

export type HealthMonitorType = 'TCP' | 'HTTP' | 'HTTPS' | 'TLS-HELLO' | 'PING' | 'UDP-CONNECT' | 'SCTP';
export interface HealthMonitor extends Part {
  type: HealthMonitorType;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down: number;
  pools: { id: string }[];
  http_method: string | null;
  url_path: string | null;
  expected_codes: string | null;
}
/** `delay` and `timeout` in seconds. */
export interface HealthMonitorCreate extends Described {
  pool_id: string;
  type: HealthMonitorType;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down?: number;
  http_method?: string;
  url_path?: string;
  expected_codes?: string;
}
export type HealthMonitorQuery = Common & { pool_id?: string };

export function listHealthMonitors(session: Session, query: HealthMonitorQuery = {}): Promise<HealthMonitor[]> {
  return list<HealthMonitor>(session, { ...at(path`/lbaas/healthmonitors`, 'healthmonitors'), query });
}

export function getHealthMonitor(session: Session, monitorId: string): Promise<HealthMonitor | undefined> {
  return get<HealthMonitor>(session, at(path`/lbaas/healthmonitors/${monitorId}`, 'healthmonitor'));
}

/** 409 when the pool has one, or the load balancer is immutable. */
export function createHealthMonitor(session: Session, monitor: HealthMonitorCreate): Promise<HealthMonitor> {
  return write<HealthMonitor>(session, 'POST', at(path`/lbaas/healthmonitors`, 'healthmonitor'), monitor);
}

export function deleteHealthMonitor(session: Session, monitorId: string): Promise<void> {
  return remove(session, at(path`/lbaas/healthmonitors/${monitorId}`, 'healthmonitor'));
}

// Quotas

/** -1 is no limit. */
export interface Quota {
  load_balancer: number;
  listener: number;
  pool: number;
  member: number;
  health_monitor: number;
  l7policy?: number;
  l7rule?: number;
}

/** The limits alone: Octavia tells nobody what is used. */
export async function getQuota(session: Session, projectId: string): Promise<Quota> {
  const resource = at(path`/lbaas/quotas/${projectId}`, 'quota');
  return unwrap<Quota>(await session.request({ ...resource, method: 'GET' }), resource, 'GET');
}

export function updateQuota(session: Session, projectId: string, quota: Partial<Quota>): Promise<Quota> {
  return write<Quota>(session, 'PUT', at(path`/lbaas/quotas/${projectId}`, 'quota'), quota);
}

/** Back to the cloud's defaults. */
export function deleteQuota(session: Session, projectId: string): Promise<void> {
  return remove(session, at(path`/lbaas/quotas/${projectId}`, 'quota'));
}
