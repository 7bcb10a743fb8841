// Source: Block Storage API v3 (volume transfers, 3.55 and later), and what a Zed Cinder answered.
import { expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { until } from '../cloud.ts';
import { makeVolume, whenDone } from '../things.ts';

const actors = useActors();

it('goes to the project whose member has the key, and is gone from the one that gave it', async () => {
  const { platform, user, userProjectId } = actors;
  const { id } = await makeVolume(platform, { metadata: { of: 'a claim' } });
  const begun = await cinder.createVolumeTransfer(platform.session, { volume_id: id, name: uniqueName('transfer') });
  expect(await cinder.listVolumeTransfers(platform.session)).toMatchObject([{ id: begun.id, volume_id: id }]);
  await cinder.acceptVolumeTransfer(user.session, begun.id, begun.auth_key);
  whenDone(async () => {
    await cinder.deleteVolume(user.session, id);
    await until(async () => await cinder.getVolume(user.session, id) === undefined);
  });
  expect(await cinder.getVolume(platform.session, id)).toBeUndefined();
  expect(await cinder.listVolumeTransfers(platform.session)).toEqual([]);
  expect(await cinder.getVolume(user.session, id)).toMatchObject({
    status: 'available', metadata: { of: 'a claim' }, 'os-vol-tenant-attr:tenant_id': userProjectId,
  });
});

it('waits meanwhile: nobody deletes it or hands it over again, until it is taken back', async () => {
  const { session } = actors.platform;
  const { id } = await makeVolume(actors.platform);
  const { id: transferId } = await cinder.createVolumeTransfer(session, { volume_id: id, name: uniqueName('transfer') });
  expect((await cinder.getVolume(session, id))!.status).toBe('awaiting-transfer');
  await expect(cinder.deleteVolume(session, id)).rejects.toMatchObject({ status: 400 });
  await expect(cinder.createVolumeTransfer(session, { volume_id: id, name: 'another' })).rejects.toMatchObject({ status: 400 });
  await cinder.deleteVolumeTransfer(session, transferId);
  expect((await cinder.getVolume(session, id))!.status).toBe('available');
});

it('stays where it is without the key, and where the taker has no room', async () => {
  const { platform, user, userProjectId, admin } = actors;
  const { id } = await makeVolume(platform);
  const { id: transferId, auth_key } = await cinder.createVolumeTransfer(platform.session, { volume_id: id, name: uniqueName('transfer') });
  await expect(cinder.acceptVolumeTransfer(user.session, transferId, 'another')).rejects.toMatchObject({ status: 400 });
  await cinder.updateQuotaSet(admin.session, userProjectId, { volumes: 0 });
  whenDone(() => cinder.deleteQuotaSet(admin.session, userProjectId));
  await expect(cinder.acceptVolumeTransfer(user.session, transferId, auth_key)).rejects.toMatchObject({ status: 413, quota: true });
  expect((await cinder.getVolume(platform.session, id))!.status).toBe('awaiting-transfer');
  await cinder.deleteVolumeTransfer(platform.session, transferId);
});
