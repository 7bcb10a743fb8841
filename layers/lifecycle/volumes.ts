/** Several volumes at once, as servers.ts does it for servers. */
import { Setback } from '../engine/failure.ts';
import { done, gone, more, wait, type Outcome } from '../engine/step.ts';
import * as cinder from '../openstack/cinder.ts';
import type { Session } from '../openstack/session.ts';
import { byName } from './oldest.ts';

const batch = 20;
const usable = new Set(['available', 'in-use', 'reserved', 'attaching', 'detaching']);
const broken = new Set(['error', 'error_restoring', 'error_extending']);

/** Every wanted volume is there and can be used; the ids by name. */
export async function ensureVolumes(session: Session, wanted: readonly cinder.VolumeCreate[]): Promise<Outcome<Record<string, string>>> {
  const found = byName(named(await cinder.listVolumes(session)));
  const missing = wanted.filter(({ name }) => !found.has(name));
  await Promise.all(missing.slice(0, batch).map((volume) => cinder.createVolume(session, volume)));
  if (missing.length > batch) return more(`${missing.length - batch} volumes are still to be created`);
  if (missing.length > 0) return wait(`${missing.length} volumes are being made`);

  const volumes = wanted.map(({ name }) => found.get(name)!);
  const failed = volumes.filter(({ status }) => broken.has(status));
  if (failed.length > 0) {
    await Promise.all(failed.map(({ id }) => cinder.deleteVolume(session, id)));
    throw new Setback(`Volumes went to error and are being made anew: ${failed.map(({ name, id }) => `${name} (${id})`).join(', ')}`);
  }
  const pending = volumes.filter(({ status }) => !usable.has(status));
  if (pending.length > 0) return wait(`${pending.length} of ${volumes.length} volumes are ${pending[0]!.status}`);
  return done(Object.fromEntries(volumes.map(({ name, id }) => [name, id])));
}

/** No volume is left for which `ours` holds; each is deleted as soon as no server has it. */
export async function removeVolumes(session: Session, ours: (volume: cinder.Volume) => boolean): Promise<Outcome<undefined>> {
  const found = (await cinder.listVolumes(session)).filter(ours);
  const free = found.filter(({ status }) => status === 'available' || status.startsWith('error'));
  await Promise.all(free.slice(0, batch * 2).map(({ id }) => cinder.deleteVolume(session, id, { cascade: true })));
  return found.length === 0 ? gone : wait(`${found.length} volumes are being deleted`);
}

const named = (volumes: readonly cinder.Volume[]) => volumes.map((volume) => ({ ...volume, name: volume.name ?? '' }));
