/** `os-volume_attachments`: volumes that come to a server, or leave it, while it exists. */
import type { Core } from '../core.ts';
import { changeVolume } from '../cinder/volumes.ts';
import { Refusal } from '../refusal.ts';
import type { BlockDevice, ServerRow } from './rows.ts';
import { asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { changeServer } from './server-build.ts';
import { attachVolume, deviceName } from './server-disks.ts';
import { requireServer } from './servers.ts';
import { minorVersion } from './version.ts';

const PATH = '/servers/{id}/os-volume_attachments';

export function volumeAttachmentRoutes(core: Core): Route[] {
  core.jobs.on('volume-attached', (id, job) => attached(core, id, job.detail as string));
  core.jobs.on('volume-detached', (id) => changeVolume(core, id, { status: 'available', attachments: [] }));
  return [
    route('GET', PATH, (call) => {
      const server = requireServer(core, call);
      const disks = server.devices.filter(({ volumeId }) => volumeId !== null);
      return { status: 200, body: { volumeAttachments: disks.map((disk) => show(call, server, disk)) } };
    }),
    route('POST', PATH, (call) => attach(core, call)),
    route('GET', `${PATH}/{volume}`, (call) => {
      const server = requireServer(core, call);
      return { status: 200, body: { volumeAttachment: show(call, server, requireDisk(call, server)) } };
    }),
    route('DELETE', `${PATH}/{volume}`, (call) => detach(core, call)),
  ];
}

function attach(core: Core, call: Call): Reply {
  const server = requireServer(core, call);
  const id = asText(within(call.body, 'volumeAttachment')?.['volumeId']) ?? '';
  const volume = core.state.table('volumes').get(id);
  if (!volume || (!call.caller.isAdmin && volume.project_id !== call.caller.projectId)) throw missingVolume(id);
  const holder = volume.attachments[0]?.server_id
    ?? (server.devices.some(({ volumeId }) => volumeId === id) ? server.id : undefined);
  if (holder !== undefined) {
    throw new Refusal(400, `Invalid volume: volume ${id} is already attached to instances: ${holder}`);
  }
  if (volume.status !== 'available') {
    throw new Refusal(400, `Invalid volume: volume ${id} status must be 'available' or 'in-use'. Currently in `
      + `'${volume.status}' status`);
  }
  if (!['ACTIVE', 'SHUTOFF'].includes(server.status)) {
    throw new Refusal(409, `Cannot 'attach_volume' instance ${server.id} while it is in vm_state ${server.vm_state}`);
  }
  const device: BlockDevice = {
    volumeId: id, attachmentId: core.random.uuid(), bootIndex: -1, device: deviceName(server.devices.length),
    deleteOnTermination: within(call.body, 'volumeAttachment')?.['delete_on_termination'] === true, fromImage: null,
  };
  changeServer(core, server.id, { devices: [...server.devices, device] });
  changeVolume(core, id, { status: 'attaching' });
  core.jobs.begin('volume-attached', id, core.latencies.volumeAttachMs, {
    resource: 'volume-attachment', resourceId: id, name: volume.name ?? '', projectId: volume.project_id,
    requestId: call.globalRequestId,
  }, server.id);
  const { attachment_id: _attachment, bdm_uuid: _mapping, ...shown } = show(call, server, device);
  return { status: 200, body: { volumeAttachment: { ...shown, id } } };
}

function attached(core: Core, volumeId: string, serverId: string): void {
  const server = core.state.table('servers').get(serverId);
  const device = server?.devices.find((one) => one.volumeId === volumeId);
  if (server && device && core.state.table('volumes').get(volumeId)?.status === 'attaching') {
    attachVolume(core, server, volumeId, device);
  }
}

function detach(core: Core, call: Call): Reply {
  const server = requireServer(core, call);
  const device = requireDisk(call, server);
  if (device.bootIndex === 0) throw new Refusal(400, 'Cannot detach a root device volume');
  const id = call.param('volume');
  changeServer(core, server.id, { devices: server.devices.filter(({ volumeId }) => volumeId !== id) });
  changeVolume(core, id, { status: 'detaching' });
  core.jobs.begin('volume-detached', id, core.latencies.volumeAttachMs);
  return { status: 202 };
}

function requireDisk(call: Call, server: ServerRow): BlockDevice {
  const device = server.devices.find(({ volumeId }) => volumeId === call.param('volume'));
  if (!device) throw missingVolume(call.param('volume'));
  return device;
}

function missingVolume(id: string): Refusal {
  return new Refusal(404, `Volume ${id} could not be found.`);
}

function show(call: Call, server: ServerRow, disk: BlockDevice): Attributes {
  const minor = minorVersion(call);
  return {
    ...(minor < 89 && { id: disk.volumeId }), volumeId: disk.volumeId, serverId: server.id, device: disk.device,
    ...(minor >= 70 && { tag: null }), ...(minor >= 79 && { delete_on_termination: disk.deleteOnTermination }),
    ...(minor >= 89 && { attachment_id: disk.attachmentId, bdm_uuid: disk.attachmentId }),
  };
}
