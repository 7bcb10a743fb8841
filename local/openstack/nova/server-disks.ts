/** How a server comes by its volumes, and loses them. */
import type { Core } from '../core.ts';
import { beginRemoval, changeVolume, createVolume } from '../cinder/volumes.ts';
import { Refusal } from '../refusal.ts';
import type { VolumeRow } from '../cinder/rows.ts';
import type { BlockDevice, ServerRow } from './rows.ts';
import { asAttributes, asInteger, asText, type Attributes, type Call } from '../service.ts';
import { hostOf } from './server-networks.ts';

/** The disks asked for, reserved; a volume that is missing or taken is refused. */
export function requestedDisks(core: Core, call: Call, asked: unknown): BlockDevice[] {
  if (!Array.isArray(asked)) return [];
  const disks: BlockDevice[] = [];
  for (const item of asked) {
    const disk = requestedDisk(core, call, asAttributes(item) ?? {});
    if (disk) disks.push({ ...disk, device: deviceName(disks.length) });
  }
  if (!disks.some(({ bootIndex }) => bootIndex === 0)) {
    throw new Refusal(400,
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping '
      + 'combination is not valid.');
  }
  return disks;
}

/** Makes the volumes that come from images and attaches all of them. Throws a Refusal when Cinder does. */
export function attachDisks(core: Core, server: ServerRow): BlockDevice[] {
  return server.devices.map((device) => {
    const volumeId = device.volumeId ?? fromImage(core, server, device);
    attachVolume(core, server, volumeId, device);
    return { ...device, volumeId };
  });
}

/** The volume is the server's from now on. */
export function attachVolume(core: Core, server: ServerRow, volumeId: string, device: BlockDevice): void {
  const attachment = {
    attachment_id: device.attachmentId, server_id: server.id, host_name: hostOf(server), device: device.device,
    attached_at: new Date().toISOString().replace(/\.(\d{3})Z$/, '.$1000'),
  };
  changeVolume(core, volumeId, { status: 'in-use', attachments: [attachment] });
}

/** Lets go of the server's volumes; those that go with it begin to. */
export function releaseDisks(core: Core, server: ServerRow): void {
  for (const device of server.devices) {
    const volume = core.state.table('volumes').get(device.volumeId);
    if (!volume || (volume.attachments[0] && volume.attachments[0].server_id !== server.id)) continue;
    changeVolume(core, volume.id, { status: 'available', attachments: [] });
    const free = core.state.table('volumes').get(volume.id);
    if (device.deleteOnTermination && free) beginRemoval(core, free, null);
  }
}

/** `/dev/vda`, `/dev/vdb`, … */
export function deviceName(index: number): string {
  return `/dev/vd${String.fromCharCode(97 + index)}`;
}

/** Refuses a volume that is not the caller's or not free. */
export function requireFreeVolume(call: Call, volume: VolumeRow | undefined, id: string): VolumeRow {
  if (!volume || (!call.caller.isAdmin && volume.project_id !== call.caller.projectId)) {
    throw new Refusal(400, `Block Device Mapping is Invalid: failed to get volume ${id}.`);
  }
  if (volume.status === 'available') return volume;
  throw new Refusal(400,
    `Invalid volume: Invalid input received: Invalid volume: Volume ${id} status must be available or `
    + `downloading to reserve, but the current status is ${volume.status}. (HTTP 400) (Request-ID: ${call.requestId})`);
}

function requestedDisk(core: Core, call: Call, given: Attributes): BlockDevice | undefined {
  const source = asText(given['source_type']);
  const id = asText(given['uuid']) ?? '';
  const common = {
    attachmentId: core.random.uuid(), bootIndex: asInteger(given['boot_index']) ?? -1, device: '',
    deleteOnTermination: given['delete_on_termination'] === true || given['delete_on_termination'] === 'true',
  };
  if (source === 'volume') {
    const volume = requireFreeVolume(call, core.state.table('volumes').get(id), id);
    changeVolume(core, volume.id, { status: 'reserved' });
    return { ...common, volumeId: volume.id, fromImage: null };
  }
  if (source === 'image' && given['destination_type'] === 'volume') {
    if (!core.state.table('images').get(id)) {
      throw new Refusal(400, `Block Device Mapping is Invalid: failed to get image ${id}.`);
    }
    const sizeGb = asInteger(given['volume_size']);
    if (sizeGb === undefined) {
      throw new Refusal(400, 'Block Device Mapping is Invalid: Images with destination_type \'volume\' need to have a '
        + 'non-zero size specified');
    }
    return { ...common, volumeId: null,
      fromImage: { imageId: id, sizeGb, volumeType: asText(given['volume_type']) ?? null } };
  }
  if (source === 'image' || source === 'blank') return undefined; // lives on the hypervisor
  throw new Refusal(400,
    `Invalid input for field/attribute source_type. Value: ${String(source)}. '${String(source)}' is `
    + 'not one of [\'volume\', \'image\', \'snapshot\', \'blank\']');
}

function fromImage(core: Core, server: ServerRow, { fromImage: source }: BlockDevice): string {
  const volume = createVolume(core, {
    projectId: server.project_id, userId: server.user_id, name: '', description: '', sizeGb: source?.sizeGb ?? 1,
    type: source?.volumeType ?? null, zone: server.availability_zone, metadata: {}, imageId: source?.imageId ?? null,
    requestId: server.requestId,
  });
  changeVolume(core, volume.id, { bootable: true });
  return volume.id;
}
