/** Block storage: volumes, snapshots, volume types, zones, quotas. One function, one call. */
import { path, type Path, type Query } from './path.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

/** Of Train. The service is found only with a token of a project: its address has the project in it. */
export const CINDER_MICROVERSION = '3.59';

const at = (place: Path, key: string): Resource => ({
  service: 'block-storage',
  path: place,
  key,
  microversion: CINDER_MICROVERSION,
});

// Volumes

export interface Volume {
  id: string;
  name: string | null;
  description: string | null;
  size: number;
  volume_type: string;
  availability_zone: string;
  created_at: string;
  status:
    | 'creating'
    | 'available'
    | 'reserved'
    | 'attaching'
    | 'in-use'
    | 'detaching'
    | 'downloading'
    | 'deleting'
    | 'error'
    | 'error_deleting'
    | (string & {});
  bootable: 'true' | 'false';
  metadata: Record<string, string>;
  attachments: { server_id: string; device: string; volume_id: string; attachment_id: string }[];
  /** Only for administrators. */
  'os-vol-tenant-attr:tenant_id'?: string;
}
export interface VolumeCreate {
  name: string;
  size: number;
  description?: string;
  volume_type?: string;
  availability_zone?: string;
  imageRef?: string;
  snapshot_id?: string;
  metadata?: Record<string, string>;
}
/** `metadata`: has all of these. `project_id` counts with `all_tenants` only. */
export type VolumeQuery = {
  name?: string; status?: string; metadata?: Record<string, string>; all_tenants?: boolean; project_id?: string;
};

/** With details. */
export function listVolumes(session: Session, query: VolumeQuery = {}): Promise<Volume[]> {
  return list<Volume>(session, { ...at(path`/volumes/detail`, 'volumes'), query: wireQuery(query) });
}

export function getVolume(session: Session, volumeId: string): Promise<Volume | undefined> {
  return get<Volume>(session, at(path`/volumes/${volumeId}`, 'volume'));
}

/** Accepted, not made: look at it until it is available. */
export function createVolume(session: Session, volume: VolumeCreate): Promise<Volume> {
  return write<Volume>(session, 'POST', at(path`/volumes`, 'volume'), volume);
}

/** 400 while it is attached, or has snapshots and not `cascade`. */
export function deleteVolume(session: Session, volumeId: string, query: { cascade?: boolean } = {}): Promise<void> {
  return remove(session, { ...at(path`/volumes/${volumeId}`, 'volume'), query });
}

// Snapshots

export interface Snapshot {
  id: string;
  name: string | null;
  volume_id: string;
  size: number;
  status: string;
  created_at: string;
  metadata: Record<string, string>;
}
export type SnapshotQuery = Omit<VolumeQuery, 'metadata'> & { volume_id?: string; metadata?: Record<string, string> };

/** With details. */
export function listSnapshots(session: Session, query: SnapshotQuery = {}): Promise<Snapshot[]> {
  return list<Snapshot>(session, { ...at(path`/snapshots/detail`, 'snapshots'), query: wireQuery(query) });
}

export function deleteSnapshot(session: Session, snapshotId: string): Promise<void> {
  return remove(session, at(path`/snapshots/${snapshotId}`, 'snapshot'));
}

// Handing a volume over to another project

export interface VolumeTransfer { id: string; volume_id: string; name: string | null }

/** Begun in the token's project and not accepted yet, with details. */
export function listVolumeTransfers(session: Session): Promise<VolumeTransfer[]> {
  return list<VolumeTransfer>(session, { ...at(path`/volume-transfers/detail`, 'transfers'), linksKey: 'transfers_links' });
}

/**
 * The volume (with its snapshots) awaits somebody who has the key, which is told this once: nobody can attach or delete it until the
 * transfer is accepted or deleted. 400 unless it is available.
 */
export function createVolumeTransfer(session: Session, transfer: { volume_id: string; name: string }): Promise<VolumeTransfer & { auth_key: string }> {
  return write<VolumeTransfer & { auth_key: string }>(session, 'POST', at(path`/volume-transfers`, 'transfer'), transfer);
}

/** The volume belongs to the token's project from now on, and counts in its quota; 413 where that has no room. */
export async function acceptVolumeTransfer(session: Session, transferId: string, authKey: string): Promise<void> {
  const { key: _, ...call } = at(path`/volume-transfers/${transferId}/accept`, 'transfer');
  await session.request({ ...call, method: 'POST', body: { accept: { auth_key: authKey } } });
}

/** The volume is available again, where it was. */
export function deleteVolumeTransfer(session: Session, transferId: string): Promise<void> {
  return remove(session, at(path`/volume-transfers/${transferId}`, 'transfer'));
}

// What volumes are made of and where

export interface VolumeType {
  id: string;
  name: string;
  description: string | null;
  is_public: boolean;
  extra_specs?: Record<string, string>;
}
export interface AvailabilityZone { zoneName: string; zoneState: { available: boolean } }

/** Those that the token may use. */
export function listVolumeTypes(session: Session): Promise<VolumeType[]> {
  return list<VolumeType>(session, { ...at(path`/types`, 'volume_types'), linksKey: 'volume_type_links' });
}

export function listAvailabilityZones(session: Session): Promise<AvailabilityZone[]> {
  return list<AvailabilityZone>(session, {
    ...at(path`/os-availability-zone`, 'availabilityZoneInfo'),
    paging: 'none',
  });
}

// Quotas

/** Each of these also for every volume type by itself: `gigabytes_fast`. -1 is no limit. */
export type QuotaSet = {
  volumes?: number;
  gigabytes?: number;
  snapshots?: number;
  per_volume_gigabytes?: number;
  [ofType: string]: number | undefined;
};
export interface QuotaUsage { limit: number; in_use: number; reserved: number }
/** -1 is no limit. For the token's own project; any user may ask. */
export interface Limits {
  maxTotalVolumes: number; maxTotalVolumeGigabytes: number; maxTotalSnapshots: number;
  totalVolumesUsed: number; totalGigabytesUsed: number; totalSnapshotsUsed: number;
}

export async function getQuotaSet(session: Session, projectId: string): Promise<QuotaSet> {
  const { id: _, ...quota } = await ask<QuotaSet & { id: never }>(
    session,
    at(path`/os-quota-sets/${projectId}`, 'quota_set'),
  );
  return quota;
}

/** With what is used. */
export async function getQuotaUsage(session: Session, projectId: string): Promise<Record<string, QuotaUsage>> {
  const resource = at(path`/os-quota-sets/${projectId}`, 'quota_set');
  const { id: _, ...usage } = await ask<Record<string, QuotaUsage> & { id: never }>(session, resource, { usage: true });
  return usage;
}

export function updateQuotaSet(session: Session, projectId: string, quota: QuotaSet): Promise<QuotaSet> {
  return write<QuotaSet>(session, 'PUT', at(path`/os-quota-sets/${projectId}`, 'quota_set'), quota);
}

/** Back to the cloud's defaults. */
export function deleteQuotaSet(session: Session, projectId: string): Promise<void> {
  return remove(session, at(path`/os-quota-sets/${projectId}`, 'quota_set'));
}

export async function getLimits(session: Session): Promise<Limits> {
  return (await ask<{ absolute: Limits }>(session, at(path`/limits`, 'limits'))).absolute;
}

async function ask<T>(session: Session, resource: Resource, query: Query = {}): Promise<T> {
  return unwrap<T>(await session.request({ ...resource, method: 'GET', query }), resource, 'GET');
}

function wireQuery({ metadata, ...query }: SnapshotQuery): Query {
  return { ...query, ...(metadata && { metadata: JSON.stringify(metadata) }) };
}
