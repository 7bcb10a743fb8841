/** Compute: servers and what hangs on them, groups, flavors, zones, quotas, capacity. One function, one call. */
import { path, type Path } from './path.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

/** Of Zed: tags at create and in lists, `policy` of server groups, flavors inside servers, a hostname of one's own. */
export const NOVA_MICROVERSION = '2.93';
/** The last one that sums up the hypervisors. */
const STATISTICS_MICROVERSION = '2.87';

const at = (place: Path, key: string): Resource => ({
  service: 'compute',
  path: place,
  key,
  microversion: NOVA_MICROVERSION,
});

// Servers

export interface Server {
  id: string;
  name: string;
  tenant_id: string;
  user_id: string;
  created: string;
  updated: string;
  status:
    | 'ACTIVE'
    | 'BUILD'
    | 'ERROR'
    | 'SHUTOFF'
    | 'DELETED'
    | 'REBOOT'
    | 'HARD_REBOOT'
    | 'PAUSED'
    | 'SUSPENDED'
    | 'UNKNOWN'
    | (string & {});
  metadata: Record<string, string>;
  tags: string[];
  locked: boolean;
  addresses: Record<
    string,
    { addr: string; version: 4 | 6; 'OS-EXT-IPS:type': 'fixed' | 'floating'; 'OS-EXT-IPS-MAC:mac_addr': string }[]
  >;
  flavor: { original_name: string; vcpus: number; ram: number; disk: number };
  /** Empty when it booted from a volume. */
  image: { id: string } | '';
  /** Why it is in ERROR, or what went wrong last. */
  fault?: { code: number; message: string; created: string };
  'OS-EXT-AZ:availability_zone': string;
  'OS-EXT-STS:task_state': string | null;
  'OS-EXT-STS:vm_state': string;
  'os-extended-volumes:volumes_attached': { id: string; delete_on_termination: boolean }[];
  /** Only where one server is asked for. */
  server_groups?: string[];
}

/** A disk: an existing volume, or one that Nova makes of an image. The one with `boot_index` 0 is booted from. */
export interface BlockDevice {
  uuid?: string;
  source_type: 'volume' | 'image' | 'blank';
  destination_type: 'volume' | 'local';
  /** 0 for the disk to boot from, -1 for every other one. */
  boot_index: number;
  volume_size?: number; volume_type?: string; delete_on_termination?: boolean; tag?: string;
}

export interface ServerCreate {
  name: string;
  flavorRef: string;
  imageRef?: string;
  networks: ({ port: string; tag?: string } | { uuid: string; tag?: string })[] | 'none' | 'auto';
  block_device_mapping_v2?: BlockDevice[];
  /** Base64, at most 65535 characters. */
  user_data?: string;
  metadata?: Record<string, string>;
  tags?: string[];
  availability_zone?: string;
  config_drive?: boolean;
  description?: string;
  hostname?: string;
}

/**
 * `name` is a regular expression that may match anywhere. `tags: 'a,b'` finds those that have all of them.
 * Other projects' servers come only with `all_tenants`; `project_id` is silently ignored without it.
 */
export type ServerQuery = {
  name?: string;
  tags?: string;
  'tags-any'?: string;
  all_tenants?: boolean;
  project_id?: string;
  status?: string;
  availability_zone?: string;
  'changes-since'?: string;
};

/** Ids and names alone. With more of them than that, Nova asks Neutron for the ports and security groups of all. */
export function listServerNames(session: Session, query: ServerQuery = {}): Promise<Pick<Server, 'id' | 'name'>[]> {
  return list<Pick<Server, 'id' | 'name'>>(session, { ...at(path`/servers`, 'servers'), query });
}

/** Of a server that is gone as well. */
export interface ServerAction { action: string; user_id: string | null; project_id: string | null; start_time: string; request_id: string }

/** What was done to a server and by whom, the newest first; empty where Nova knows no such server. */
export async function listServerActions(session: Session, serverId: string): Promise<ServerAction[]> {
  return await get<ServerAction[]>(session, at(path`/servers/${serverId}/os-instance-actions`, 'instanceActions')) ?? [];
}

/** With details. */
export function listServers(session: Session, query: ServerQuery = {}): Promise<Server[]> {
  return list<Server>(session, { ...at(path`/servers/detail`, 'servers'), query });
}

export function getServer(session: Session, serverId: string): Promise<Server | undefined> {
  return get<Server>(session, at(path`/servers/${serverId}`, 'server'));
}

/**
 * Accepted, not made: look at it until it is ACTIVE and its ports say that they are its own. 409 when a port is another
 * server's; two creates with the same port within a second may both be accepted and both come to nothing.
 */
export async function createServer(
  session: Session,
  server: ServerCreate,
  hints?: { group: string },
): Promise<{ id: string }> {
  const resource = at(path`/servers`, 'server');
  const body = { server, ...(hints && { 'os:scheduler_hints': hints }) };
  // The answer holds a password that nobody needs: only the id leaves this function.
  const { id } = unwrap<{ id: string }>(await session.request({ ...resource, method: 'POST', body }), resource, 'POST');
  return { id };
}

/** Accepted, not done: it is gone when it is no longer found. */
export function deleteServer(session: Session, serverId: string): Promise<void> {
  return remove(session, at(path`/servers/${serverId}`, 'server'));
}

/** 409 when it is not stopped. */
export function startServer(session: Session, serverId: string): Promise<void> {
  return act(session, serverId, { 'os-start': null });
}

/** 409 when it does not run. */
export function stopServer(session: Session, serverId: string): Promise<void> {
  return act(session, serverId, { 'os-stop': null });
}

async function act(session: Session, serverId: string, action: object): Promise<void> {
  await session.request({ ...at(path`/servers/${serverId}/action`, ''), method: 'POST', body: action });
}

// What hangs on a server

export interface VolumeAttachment {
  volumeId: string;
  serverId: string;
  device: string;
  delete_on_termination: boolean;
  tag: string | null;
}
export interface InterfaceAttachment {
  port_id: string;
  net_id: string;
  mac_addr: string;
  port_state: string;
  fixed_ips: { subnet_id: string; ip_address: string }[];
}

export function listVolumeAttachments(session: Session, serverId: string): Promise<VolumeAttachment[]> {
  return list<VolumeAttachment>(session, at(path`/servers/${serverId}/os-volume_attachments`, 'volumeAttachments'));
}

export function attachVolume(
  session: Session, serverId: string, attachment: { volumeId: string; delete_on_termination?: boolean; tag?: string },
): Promise<VolumeAttachment> {
  return write<VolumeAttachment>(
    session,
    'POST',
    at(path`/servers/${serverId}/os-volume_attachments`, 'volumeAttachment'),
    attachment,
  );
}

export function listInterfaces(session: Session, serverId: string): Promise<InterfaceAttachment[]> {
  return list<InterfaceAttachment>(session, {
    ...at(path`/servers/${serverId}/os-interface`, 'interfaceAttachments'),
    paging: 'none',
  });
}

// Server groups

export type ServerGroupPolicy = 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';
export interface ServerGroup {
  id: string;
  name: string;
  policy: ServerGroupPolicy;
  members: string[];
  project_id: string;
  user_id: string;
}

/** There is no filter: those of the token's project, or of all. */
export function listServerGroups(session: Session, query: { all_projects?: boolean } = {}): Promise<ServerGroup[]> {
  return list<ServerGroup>(session, { ...at(path`/os-server-groups`, 'server_groups'), query, paging: 'offset' });
}

export function createServerGroup(
  session: Session,
  group: { name: string; policy: ServerGroupPolicy },
): Promise<ServerGroup> {
  return write<ServerGroup>(session, 'POST', at(path`/os-server-groups`, 'server_group'), group);
}

export function deleteServerGroup(session: Session, groupId: string): Promise<void> {
  return remove(session, at(path`/os-server-groups/${groupId}`, 'server_group'));
}

// What servers are made of and where

export interface Flavor {
  id: string; name: string; vcpus: number; ram: number; disk: number; description: string | null;
  'os-flavor-access:is_public': boolean; 'OS-FLV-DISABLED:disabled': boolean; extra_specs?: Record<string, string>;
}
export interface AvailabilityZone { zoneName: string; zoneState: { available: boolean } }

/** Those that the token may use, with details. `is_public: 'none'` gives an administrator all. */
export function listFlavors(
  session: Session,
  query: { is_public?: boolean | 'none'; minRam?: number; minDisk?: number } = {},
): Promise<Flavor[]> {
  return list<Flavor>(session, { ...at(path`/flavors/detail`, 'flavors'), query });
}

/** By id; undefined also when it is not for this token's project. */
export function getFlavor(session: Session, flavorId: string): Promise<Flavor | undefined> {
  return get<Flavor>(session, at(path`/flavors/${flavorId}`, 'flavor'));
}

export function listAvailabilityZones(session: Session): Promise<AvailabilityZone[]> {
  return list<AvailabilityZone>(session, {
    ...at(path`/os-availability-zone`, 'availabilityZoneInfo'),
    paging: 'none',
  });
}

// Quotas and capacity

export type QuotaName =
  'cores' | 'instances' | 'ram' | 'server_groups' | 'server_group_members' | 'key_pairs' | 'metadata_items';
export type QuotaSet = Record<QuotaName, number>;
/** -1 is no limit. */
export interface QuotaUsage { limit: number; in_use: number; reserved: number }
/** -1 is no limit. For the token's own project; any user may ask. */
export interface Limits {
  maxTotalInstances: number;
  maxTotalCores: number;
  maxTotalRAMSize: number;
  maxServerGroups: number;
  maxServerGroupMembers: number;
  totalInstancesUsed: number;
  totalCoresUsed: number;
  totalRAMUsed: number;
  totalServerGroupsUsed: number;
}
export interface HypervisorStatistics {
  count: number; running_vms: number; vcpus: number; vcpus_used: number; memory_mb: number; memory_mb_used: number;
}

/** With what is used. */
export function getQuotaSet(session: Session, projectId: string): Promise<Record<QuotaName, QuotaUsage>> {
  return ask(session, at(path`/os-quota-sets/${projectId}/detail`, 'quota_set'));
}

/** 400 when a limit is below what is used, unless `force`. */
export function updateQuotaSet(
  session: Session,
  projectId: string,
  quota: Partial<QuotaSet> & { force?: boolean },
): Promise<QuotaSet> {
  return write<QuotaSet>(session, 'PUT', at(path`/os-quota-sets/${projectId}`, 'quota_set'), quota);
}

/** Back to the cloud's defaults. */
export function deleteQuotaSet(session: Session, projectId: string): Promise<void> {
  return remove(session, at(path`/os-quota-sets/${projectId}`, 'quota_set'));
}

export async function getLimits(session: Session): Promise<Limits> {
  return (await ask<{ absolute: Limits }>(session, at(path`/limits`, 'limits'))).absolute;
}

/** The whole region, for administrators. What hypervisors have, without the cloud's overcommit. */
export function getHypervisorStatistics(session: Session): Promise<HypervisorStatistics> {
  return ask(session, {
    ...at(path`/os-hypervisors/statistics`, 'hypervisor_statistics'),
    microversion: STATISTICS_MICROVERSION,
  });
}

async function ask<T>(session: Session, resource: Resource): Promise<T> {
  return unwrap<T>(await session.request({ ...resource, method: 'GET' }), resource, 'GET');
}
