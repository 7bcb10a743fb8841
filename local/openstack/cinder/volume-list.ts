/** Cinder's lists of volumes, and what a volume looks like. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { VolumeRow } from './rows.ts';
import type { Attributes, Call, Reply } from '../service.ts';

const FILTERS = ['name', 'status', 'availability_zone', 'bootable', 'volume_type', 'id'] as const;
const PAGE = 1000;

/** One page, newest first; `all_tenants` means something to admins alone. */
export function listVolumes(core: Core, call: Call, detailed: boolean): Reply {
  const { query, caller } = call;
  const everywhere = caller.isAdmin && /^(1|true|yes|on|t|y)$/i.test(query.get('all_tenants') ?? '');
  const projectId = everywhere ? query.get('project_id') : caller.projectId;
  const rows = core.state.table('volumes')
    .list((row) => (projectId ?? row.project_id) === row.project_id && matches(query, row));
  const { page, links: more } = pageOf(call, 'Volume', rows);
  const shown = page.map((row) => detailed ? showVolume(core, call, row, true) : summary(call, row));
  return { status: 200, body: { volumes: shown, ...(more && { volumes_links: more }) } };
}

/** The page that the query asks for, newest first; links when there may be another. */
export function pageOf<R extends { id: string; order: number }>(
  call: Call, what: string, rows: R[],
): { page: R[]; links?: unknown[] } {
  const { query } = call;
  rows.sort((a, b) => b.order - a.order);
  const marker = query.get('marker');
  const at = marker === null ? -1 : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(404, `${what} ${marker} could not be found.`);
  const limit = limitOf(query);
  const page = rows.slice(at + 1, at + 1 + Math.min(limit ?? PAGE, PAGE));
  const full = limit !== undefined && page.length === limit && page.length > 0;
  return { page, ...(full && { links: [next(call, page.at(-1)?.id ?? '')] }) };
}

export function showVolume(core: Core, call: Call, row: VolumeRow, whole: boolean): Attributes {
  const image = core.state.table('images').get(row.image_id);
  return {
    id: row.id, status: row.status, size: row.size, availability_zone: row.availability_zone,
    created_at: stamp(row.created_at), updated_at: row.updated_at && stamp(row.updated_at), name: row.name,
    description: row.description, volume_type: row.volume_type, snapshot_id: row.snapshot_id,
    source_volid: row.source_volid, metadata: row.metadata, links: links(call, row.id), user_id: row.user_id,
    bootable: String(row.bootable), encrypted: false, replication_status: null, consistencygroup_id: null,
    multiattach: false, ...(call.caller.isAdmin && { migration_status: null }),
    attachments: row.attachments.map(({ host_name, ...attachment }) => ({
      ...attachment, id: row.id, volume_id: row.id, host_name: call.caller.isAdmin ? host_name : null,
    })),
    ...(whole && { 'os-vol-tenant-attr:tenant_id': row.project_id }),
    ...(whole && call.caller.isAdmin && {
      'os-vol-mig-status-attr:migstat': null, 'os-vol-mig-status-attr:name_id': null,
      'os-vol-host-attr:host': row.status === 'creating' ? null : 'cloud@volumes#pool',
    }),
    ...(whole && image && row.status !== 'creating' && {
      volume_image_metadata: {
        ...image.properties, image_id: image.id, image_name: image.name, container_format: 'bare', disk_format: 'raw',
        min_disk: String(image.min_disk), min_ram: String(image.min_ram), size: String(image.size),
      },
    }),
  };
}

function summary(call: Call, { id, name }: VolumeRow): Attributes {
  return { id, name, links: links(call, id) };
}

function matches(query: URLSearchParams, row: VolumeRow): boolean {
  const same = FILTERS.every((key) => (query.get(key) ?? String(row[key])) === String(row[key]));
  const wanted = metadataFilter(query.get('metadata'));
  return same && Object.entries(wanted).every(([key, value]) => row.metadata[key] === value);
}

/** `{'k': 'v'}` as Python writes it, or JSON. */
export function metadataFilter(text: string | null): Record<string, string> {
  if (text === null) return {};
  const pairs = [...text.matchAll(/(['"])((?:(?!\1).)*)\1\s*:\s*u?(['"])((?:(?!\3).)*)\3/g)];
  return Object.fromEntries(pairs.map((match) => [match[2], match[4]]));
}

function limitOf(query: URLSearchParams): number | undefined {
  const limit = query.get('limit');
  if (limit === null) return undefined;
  if (!/^\d+$/.test(limit)) throw new Refusal(400, `limit param must be an integer`);
  return Number(limit);
}

function next(call: Call, marker: string): unknown {
  const query = new URLSearchParams(call.query);
  query.set('marker', marker);
  return { rel: 'next', href: `${call.serviceUrl}${call.path}?${query}` };
}

function links(call: Call, id: string): unknown[] {
  const project = call.caller.projectId ? `/${call.caller.projectId}` : '';
  return [
    { rel: 'self', href: `${call.serviceUrl}${project}/volumes/${id}` },
    { rel: 'bookmark', href: `${call.serviceUrl.replace(/\/v3$/, '')}${project}/volumes/${id}` },
  ];
}

/** Microseconds and no zone, as Cinder writes its times. */
export function stamp(iso: string): string {
  return iso.replace(/\.(\d{3})Z$/, '.$1000');
}
