/** Cinder's transfers of volumes between projects: whoever has the key takes the volume, with its snapshots. */
import { randomBytes } from 'node:crypto';
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { requireQuotaOf } from './quotas.ts';
import type { VolumeTransferRow } from './rows.ts';
import { stamp } from './volume-list.ts';
import { changeVolume, requireVolume } from './volumes.ts';

export function transferRoutes(core: Core): Route[] {
  const transfers = core.state.table('volumeTransfers');
  const own = ({ caller }: Call): Readonly<VolumeTransferRow>[] =>
    transfers.list(({ volume_id }) => core.state.table('volumes').get(volume_id)?.project_id === caller.projectId);
  return [
    route('GET', '/volume-transfers/detail', (call) => ({ status: 200, body: { transfers: own(call).map(show) } })),
    route('POST', '/volume-transfers', (call) => create(core, call)),
    route('POST', '/volume-transfers/{id}/accept', (call) => accept(core, call)),
    route('DELETE', '/volume-transfers/{id}', (call) => {
      const row = own(call).find(({ id }) => id === call.param('id'));
      if (!row) throw missing(call);
      transfers.remove(row.id);
      changeVolume(core, row.volume_id, { status: 'available' });
      return { status: 202 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  const given = within(call.body, 'transfer');
  const volume = requireVolume(core, call, asText(given?.['volume_id']) ?? '');
  if (volume.status !== 'available') throw new Refusal(400, 'Invalid volume: status must be available');
  const row = core.state.table('volumeTransfers').insert({
    id: core.random.uuid(), volume_id: volume.id, name: asText(given?.['name']) ?? null, auth_key: randomBytes(8).toString('hex'),
    created_at: new Date().toISOString(),
  });
  changeVolume(core, volume.id, { status: 'awaiting-transfer' });
  return { status: 202, body: { transfer: { ...show(row), auth_key: row.auth_key } } };
}

/** The project that asks has the volume afterwards, where it has room for it. */
function accept(core: Core, call: Call): Reply {
  const transfers = core.state.table('volumeTransfers');
  const row = transfers.get(call.param('id'));
  if (!row) throw missing(call);
  if (within(call.body, 'accept')?.['auth_key'] !== row.auth_key) {
    throw new Refusal(400, `Invalid auth key: Attempt to transfer ${row.id} with invalid auth key.`);
  }
  const { projectId, userId } = call.caller;
  const volume = core.state.table('volumes').get(row.volume_id)!;
  requireQuotaOf(core, projectId ?? '', volume.size, 'volumes');
  const owner = { project_id: projectId ?? '', user_id: userId };
  changeVolume(core, volume.id, { ...owner, status: 'available' });
  const snapshots = core.state.table('snapshots');
  for (const { id } of snapshots.list(({ volume_id }) => volume_id === volume.id)) snapshots.update(id, owner);
  transfers.remove(row.id);
  return { status: 202, body: { transfer: { id: row.id, volume_id: volume.id, name: row.name, links: [] } } };
}

const missing = (call: Call): Refusal => new Refusal(404, `Transfer ${call.param('id')} could not be found.`);

const show = ({ id, volume_id, name, created_at }: VolumeTransferRow): Attributes =>
  ({ id, volume_id, name, created_at: stamp(created_at), links: [] });
