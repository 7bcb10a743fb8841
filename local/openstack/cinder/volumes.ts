/** Cinder's volumes. */
import { nextNumber, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { VolumeRow } from './rows.ts';
import { asAttributes, asInteger, asText, route, within, type Attributes, type Call, type Reply, type Route }
  from '../service.ts';
import { ZONES } from './cinder.ts';
import { requireQuotaOf } from './quotas.ts';
import { beginSnapshotRemoval } from './snapshots.ts';
import { defaultType, requireType } from './types.ts';
import { listVolumes, showVolume } from './volume-list.ts';

const DELETABLE = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

/** What a volume is made of. */
export interface VolumeRequest {
  projectId: string;
  userId: string;
  name: string | null;
  description: string | null;
  sizeGb: number;
  type: string | null;
  zone: string | null;
  metadata: Record<string, string>;
  imageId: string | null;
  requestId: string | null;
}

export function volumeRoutes(core: Core): Route[] {
  const volumes = core.state.table('volumes');
  core.jobs.on('volume-ready', (id) => becomeReady(core, id));
  core.jobs.on('volume-gone', (id) => volumes.remove(id));
  return [
    route('GET', '/volumes', (call) => listVolumes(core, call, false)),
    route('GET', '/volumes/detail', (call) => listVolumes(core, call, true)),
    route('POST', '/volumes', (call) => create(core, call)),
    route('GET', '/volumes/{id}', (call) => ({
      status: 200, body: { volume: showVolume(core, call, requireVolume(core, call), true) },
    })),
    route('PUT', '/volumes/{id}', (call) => update(core, call)),
    route('DELETE', '/volumes/{id}', (call) => remove(core, call)),
    route('POST', '/volumes/{id}/action', (call) => act(core, call)),
    route('GET', '/volumes/{id}/metadata', (call) =>
      ({ status: 200, body: { metadata: requireVolume(core, call).metadata } })),
    route('POST', '/volumes/{id}/metadata', (call) => changeMetadata(core, call, false)),
    route('PUT', '/volumes/{id}/metadata', (call) => changeMetadata(core, call, true)),
  ];
}

/** Begins a volume; refused over quota. Used by Nova too, for disks it makes of images. */
export function createVolume(core: Core, request: VolumeRequest): VolumeRow {
  const type = request.type === null ? defaultType(core) : requireType(core, request.type);
  requireQuotaOf(core, request.projectId, request.sizeGb, 'volumes');
  const row = core.state.table('volumes').insert({
    id: core.random.uuid(), project_id: request.projectId, user_id: request.userId, name: request.name,
    description: request.description, size: request.sizeGb, status: 'creating', volume_type: type.name,
    availability_zone: request.zone ?? ZONES[0] ?? '', metadata: request.metadata, bootable: false,
    image_id: request.imageId, snapshot_id: null, source_volid: null, attachments: [],
    created_at: new Date().toISOString(), updated_at: null, order: nextNumber(core, 'volumeOrder'),
  });
  const { volumeMs, volumeFromImageMs } = core.latencies;
  const wait = {
    resource: 'volume', resourceId: row.id, name: row.name ?? '', projectId: row.project_id,
    requestId: request.requestId,
  };
  core.jobs.begin('volume-ready', row.id, request.imageId === null ? volumeMs : volumeFromImageMs, wait);
  return row;
}

export function changeVolume(core: Core, id: string, patch: Partial<VolumeRow>): void {
  core.state.table('volumes').update(id, { ...patch, updated_at: new Date().toISOString() });
}

function becomeReady(core: Core, id: string): void {
  const row = core.state.table('volumes').get(id);
  if (row?.status !== 'creating') return;
  const failed = core.faults.breaks('volume-error');
  changeVolume(core, id, failed ? { status: 'error' } : { status: 'available', bootable: row.image_id !== null });
}

function create(core: Core, call: Call): Reply {
  const given = within(call.body, 'volume');
  if (!given) throw new Refusal(400, '\'volume\' is a required property');
  const image = imageOf(core, call, given['imageRef'] ?? given['image_id']);
  const zone = asText(given['availability_zone']) ?? null;
  if (zone !== null && !ZONES.includes(zone)) {
    throw new Refusal(400, `Availability zone '${zone}' is invalid.`);
  }
  const sizeGb = sizeOf(given);
  if (image && image.min_disk > sizeGb) {
    throw new Refusal(400,
      `Invalid input received: Volume size ${sizeGb}GB cannot be smaller than the image minDisk size `
      + `${image.min_disk}GB.`);
  }
  const row = createVolume(core, {
    projectId: call.caller.projectId ?? '', userId: call.caller.userId,
    name: asText(given['name'] ?? given['display_name']) ?? null,
    description: asText(given['description'] ?? given['display_description']) ?? null, sizeGb, zone,
    type: asText(given['volume_type']) ?? null, metadata: metadataIn(given['metadata']),
    imageId: image?.id ?? null, requestId: call.globalRequestId,
  });
  return { status: 202, body: { volume: showVolume(core, call, row, false) } };
}

function imageOf(core: Core, call: Call, asked: unknown): { id: string; min_disk: number } | undefined {
  if (asked === undefined || asked === null) return undefined;
  const row = core.state.table('images').get(String(asked));
  const seen = row && (row.visibility === 'public' || row.owner === call.caller.projectId || call.caller.isAdmin);
  if (row && seen && row.status === 'active') return row;
  throw new Refusal(400, 'Invalid image identifier or unable to access requested image.');
}

function sizeOf(given: Attributes): number {
  if (given['size'] === undefined || given['size'] === null) {
    throw new Refusal(400, 'The server could not comply with the request since it is either malformed or otherwise '
      + 'incorrect.');
  }
  const size = asInteger(given['size']);
  if (size !== undefined && size >= 1) return size;
  const text = String(given['size']);
  throw new Refusal(400,
    `Invalid input for field/attribute size. Value: ${text}. ${text} is less than the minimum of 1`);
}

export function metadataIn(value: unknown): Record<string, string> {
  const given = asAttributes(value) ?? {};
  const wrong = Object.entries(given).find(([, text]) => typeof text !== 'string');
  if (wrong) {
    throw new Refusal(400, `Invalid input for field/attribute ${wrong[0]}. Value: ${String(wrong[1])}. `
      + `${String(wrong[1])} is not of type 'string'`);
  }
  return given as Record<string, string>;
}

/** The volume (of the path, unless another is named), as long as it is the caller's or the caller is an admin. */
export function requireVolume(core: Core, call: Call, id = call.param('id')): VolumeRow {
  const row = core.state.table('volumes').get(id);
  if (row && (call.caller.isAdmin || row.project_id === call.caller.projectId)) return row;
  throw new Refusal(404, `Volume ${id} could not be found.`);
}

function update(core: Core, call: Call): Reply {
  const row = requireVolume(core, call);
  const given = within(call.body, 'volume') ?? {};
  changeVolume(core, row.id, {
    ...(typeof given['name'] === 'string' && { name: given['name'] }),
    ...(typeof given['description'] === 'string' && { description: given['description'] }),
    ...(given['metadata'] !== undefined && { metadata: metadataIn(given['metadata']) }),
  });
  return { status: 200, body: { volume: showVolume(core, call, requireVolume(core, call), false) } };
}

function remove(core: Core, call: Call): Reply {
  const row = requireVolume(core, call);
  if (row.status === 'deleting') return { status: 202 };
  const snapshots = core.state.table('snapshots').list(({ volume_id }) => volume_id === row.id);
  const cascade = /^(1|true)$/i.test(call.query.get('cascade') ?? '');
  if (!DELETABLE.includes(row.status) || row.attachments.length > 0 || (snapshots.length > 0 && !cascade)) {
    throw new Refusal(400, 'Invalid volume: Volume status must be available or error or error_restoring or '
      + 'error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, '
      + 'awaiting a transfer, or be disassociated from snapshots after volume transfer.');
  }
  for (const snapshot of snapshots) beginSnapshotRemoval(core, snapshot, call.globalRequestId);
  beginRemoval(core, row, call.globalRequestId);
  return { status: 202 };
}

/** Marks the volume as going; it is gone a little later. */
export function beginRemoval(core: Core, row: VolumeRow, requestId: string | null): void {
  changeVolume(core, row.id, { status: 'deleting' });
  core.jobs.begin('volume-gone', row.id, core.latencies.volumeDeleteMs, {
    resource: 'volume-delete', resourceId: row.id, name: row.name ?? '', projectId: row.project_id, requestId,
  });
}

function act(core: Core, call: Call): Reply {
  const row = requireVolume(core, call);
  const actions = asAttributes(call.body) ?? {};
  const extend = asAttributes(actions['os-extend']);
  const bootable = asAttributes(actions['os-set_bootable']);
  const reset = asAttributes(actions['os-reset_status']);
  if (bootable) {
    changeVolume(core, row.id, { bootable: bootable['bootable'] === true });
    return { status: 200 };
  }
  if (extend) {
    const size = asInteger(extend['new_size']) ?? 0;
    if (size <= row.size) {
      throw new Refusal(400, `Invalid input received: New size for extend must be greater than current size. (current: `
        + `${row.size}, extended: ${size}).`);
    }
    changeVolume(core, row.id, { size });
    return { status: 202 };
  }
  if (reset && call.caller.isAdmin) {
    changeVolume(core, row.id, { status: asText(reset['status']) ?? row.status });
    return { status: 202 };
  }
  if (reset) {
    throw new Refusal(403, 'Policy doesn\'t allow volume_extension:volume_admin_actions:reset_status to be performed.');
  }
  throw new Refusal(400, `There is no such action: ${Object.keys(actions)[0] ?? ''}`);
}

function changeMetadata(core: Core, call: Call, whole: boolean): Reply {
  const row = requireVolume(core, call);
  const given = metadataIn(asAttributes(call.body)?.['metadata']);
  const metadata = whole ? given : { ...row.metadata, ...given };
  changeVolume(core, row.id, { metadata });
  return { status: 200, body: { metadata } };
}
