/** Cinder's snapshots of volumes. */
import { nextNumber, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { requireQuotaOf } from './quotas.ts';
import type { SnapshotRow } from './rows.ts';
import { metadataFilter, pageOf, stamp } from './volume-list.ts';
import { metadataIn, requireVolume } from './volumes.ts';

const FILTERS = ['name', 'status', 'volume_id', 'id'] as const;

export function snapshotRoutes(core: Core): Route[] {
  const snapshots = core.state.table('snapshots');
  core.jobs.on('snapshot-ready', (id) => void snapshots.update(id, { status: 'available', updated_at: new Date().toISOString() }));
  core.jobs.on('snapshot-gone', (id) => snapshots.remove(id));
  return [
    route('GET', '/snapshots', (call) => list(core, call)),
    route('GET', '/snapshots/detail', (call) => list(core, call)),
    route('POST', '/snapshots', (call) => create(core, call)),
    route('GET', '/snapshots/{id}', (call) => ({ status: 200, body: { snapshot: show(call, requireSnapshot(core, call)) } })),
    route('DELETE', '/snapshots/{id}', (call) => {
      const row = requireSnapshot(core, call);
      if (!['available', 'error', 'deleting'].includes(row.status)) {
        throw new Refusal(400, 'Invalid snapshot: Snapshot status must be available or error or error_deleting.');
      }
      if (row.status !== 'deleting') beginSnapshotRemoval(core, row, call.globalRequestId);
      return { status: 202 };
    }),
  ];
}

/** Marks the snapshot as going; it is gone a little later. */
export function beginSnapshotRemoval(core: Core, row: SnapshotRow, requestId: string | null): void {
  core.state.table('snapshots').update(row.id, { status: 'deleting' });
  core.jobs.begin('snapshot-gone', row.id, core.latencies.volumeDeleteMs / 2, {
    resource: 'snapshot-delete', resourceId: row.id, name: row.name ?? '', projectId: row.project_id, requestId,
  });
}

function create(core: Core, call: Call): Reply {
  const given = within(call.body, 'snapshot');
  const volume = requireVolume(core, call, asText(given?.['volume_id']) ?? '');
  if (volume.status !== 'available' && given?.['force'] !== true) {
    throw new Refusal(400, `Invalid volume: Volume ${volume.id} status must be available, but current status is: ${volume.status}.`);
  }
  requireQuotaOf(core, volume.project_id, volume.size, 'snapshots');
  const row = core.state.table('snapshots').insert({
    id: core.random.uuid(), project_id: volume.project_id, user_id: call.caller.userId, name: asText(given?.['name']) ?? null,
    description: asText(given?.['description']) ?? null, volume_id: volume.id, size: volume.size, status: 'creating',
    metadata: metadataIn(given?.['metadata']), created_at: new Date().toISOString(), updated_at: null, order: nextNumber(core, 'snapshotOrder'),
  });
  core.jobs.begin('snapshot-ready', row.id, core.latencies.volumeMs, {
    resource: 'snapshot', resourceId: row.id, name: row.name ?? '', projectId: row.project_id, requestId: call.globalRequestId,
  });
  return { status: 202, body: { snapshot: show(call, row) } };
}

function list(core: Core, call: Call): Reply {
  const { query, caller } = call;
  const everywhere = caller.isAdmin && /^(1|true|yes|on|t|y)$/i.test(query.get('all_tenants') ?? '');
  const projectId = everywhere ? query.get('project_id') : caller.projectId;
  const metadata = Object.entries(metadataFilter(query.get('metadata')));
  const rows = core.state.table('snapshots').list((row) => (projectId ?? row.project_id) === row.project_id
    && FILTERS.every((key) => (query.get(key) ?? String(row[key])) === String(row[key])) && metadata.every(([key, value]) => row.metadata[key] === value));
  const { page, links } = pageOf(call, 'Snapshot', rows);
  return { status: 200, body: { snapshots: page.map((row) => show(call, row)), ...(links && { snapshots_links: links }) } };
}

function requireSnapshot(core: Core, call: Call): SnapshotRow {
  const row = core.state.table('snapshots').get(call.param('id'));
  if (row && (call.caller.isAdmin || row.project_id === call.caller.projectId)) return row;
  throw new Refusal(404, `Snapshot ${call.param('id')} could not be found.`);
}

function show(call: Call, row: SnapshotRow): Attributes {
  const { id, name, description, volume_id, size, status, metadata, user_id } = row;
  return {
    id, name, description, volume_id, size, status, metadata, user_id, created_at: stamp(row.created_at), updated_at: row.updated_at && stamp(row.updated_at),
    'os-extended-snapshot-attributes:project_id': row.project_id, 'os-extended-snapshot-attributes:progress': status === 'available' ? '100%' : '0%',
  };
}
