/** A volume goes from one project into another, and does not stop half-way. */
import { gone, more, wait, type Outcome } from '../engine/step.ts';
import * as cinder from '../openstack/cinder.ts';
import type { Session } from '../openstack/session.ts';

/**
 * The volume is not in the giver's project (any more). Where the taker does not take it, as its project may have no room, it is
 * available where it was, and the taker's error is thrown. The transfer's key lives no longer than the call.
 */
export async function transferVolume(giver: Session, taker: () => Promise<Session>, volumeId: string, name: string): Promise<Outcome<undefined>> {
  const volume = await cinder.getVolume(giver, volumeId);
  if (!volume) return gone;
  if (volume.status === 'awaiting-transfer') {
    // Begun by a run that went away with its key.
    await takeBack(giver, volumeId);
    return more('the volume is being handed over anew');
  }
  if (volume.status !== 'available') return wait(`the volume is ${volume.status}`);
  const session = await taker();
  const { id, auth_key } = await cinder.createVolumeTransfer(giver, { volume_id: volumeId, name });
  try {
    await cinder.acceptVolumeTransfer(session, id, auth_key);
  } catch (error) {
    await cinder.deleteVolumeTransfer(giver, id);
    throw error;
  }
  return gone;
}

async function takeBack(giver: Session, volumeId: string): Promise<void> {
  for (const { id, volume_id } of await cinder.listVolumeTransfers(giver)) {
    if (volume_id === volumeId) await cinder.deleteVolumeTransfer(giver, id);
  }
}
