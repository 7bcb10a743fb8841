// Source: Block Storage API v3 (docs.openstack.org/api-ref/block-storage/v3), and what a Zed Cinder answered.
import { afterEach, describe, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { eventually, until } from '../cloud.ts';
import { makeVolume, whenDone } from '../things.ts';

const actors = useActors();
afterEach(() => cinder.deleteQuotaSet(actors.platform.session, actors.serviceProjectId));

async function makeSnapshot(volumeId: string, name = uniqueName('snapshot')): Promise<string> {
  const { body, status } = await actors.platform.call('block-storage', 'POST', '/snapshots', { snapshot: { volume_id: volumeId, name } });
  expect(status).toBe(202);
  const { id } = body.snapshot;
  whenDone(async () => {
    await cinder.deleteSnapshot(actors.platform.session, id);
    await until(async () => (await cinder.listSnapshots(actors.platform.session, { name })).length === 0);
  });
  await eventually(async () => (await cinder.listSnapshots(actors.platform.session, { volume_id: volumeId, name }))[0]?.status).toBe('available');
  return id;
}

describe('a volume', () => {
  it('is created, then available, and found by name, status and metadata', async () => {
    const { session } = actors.platform;
    const name = uniqueName('volume');
    const begun = await cinder.createVolume(session, { name, size: 1, metadata: { moorage: name }, description: 'd' });
    expect(begun).toMatchObject({ size: 1, status: 'creating', metadata: { moorage: name }, attachments: [] });
    whenDone(() => cinder.deleteVolume(session, begun.id));
    await eventually(async () => (await cinder.getVolume(session, begun.id))?.status).toBe('available');
    const found = async (query: cinder.VolumeQuery) => (await cinder.listVolumes(session, query)).map(({ id }) => id);
    expect(await found({ name, status: 'available' })).toEqual([begun.id]);
    expect(await found({ name, status: 'error' })).toEqual([]);
    expect(await found({ metadata: { moorage: name } })).toEqual([begun.id]);
    expect(await found({ metadata: { moorage: 'another' } })).toEqual([]);
    const python = await actors.platform.call('block-storage', 'GET', `/volumes?metadata=${encodeURIComponent(`{'moorage': '${name}'}`)}`);
    expect(python.body.volumes).toMatchObject([{ id: begun.id }]);
  });

  it('may have the name of another', async () => {
    const name = uniqueName('twin');
    await makeVolume(actors.platform, { name });
    await makeVolume(actors.platform, { name });
    expect(await cinder.listVolumes(actors.platform.session, { name })).toHaveLength(2);
  });

  it('of an image can be booted from, and is no smaller than the image needs', async () => {
    const images = await glance.listImages(actors.platform.session, { status: 'active' });
    const image = images.toSorted((a, b) => b.min_disk - a.min_disk)[0]!;
    const volume = await makeVolume(actors.platform, { imageRef: image.id, size: Math.max(image.min_disk, 1) });
    expect(volume.bootable).toBe('true');
    await expect(makeVolume(actors.platform, { imageRef: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject({ status: 400 });
    if (image.min_disk > 1) await expect(makeVolume(actors.platform, { imageRef: image.id, size: image.min_disk - 1 })).rejects.toMatchObject({ status: 400 });
  });

  it('has a type and a zone that there are', async () => {
    const types = await cinder.listVolumeTypes(actors.platform.session);
    expect(types[0]).toMatchObject({ name: expect.any(String), is_public: true });
    const zones = await cinder.listAvailabilityZones(actors.platform.session);
    const zone = zones.find(({ zoneState }) => zoneState.available)!.zoneName;
    const volume = await makeVolume(actors.platform, { volume_type: types[0]!.name, availability_zone: zone });
    expect(volume).toMatchObject({ volume_type: types[0]!.name, availability_zone: zone });
    await expect(makeVolume(actors.platform, { volume_type: 'no-such-type' })).rejects.toMatchObject({ status: 404 });
  });

  it('is deleted in its own time; twice is no error', async () => {
    const { session } = actors.platform;
    const { id } = await makeVolume(actors.platform);
    await cinder.deleteVolume(session, id);
    expect((await cinder.getVolume(session, id))?.status ?? 'deleting').toBe('deleting');
    await eventually(() => cinder.getVolume(session, id)).toBeUndefined();
    await cinder.deleteVolume(session, id);
  });

  it('with a snapshot goes only together with it', async () => {
    const { session } = actors.platform;
    const { id } = await makeVolume(actors.platform);
    await makeSnapshot(id);
    await expect(cinder.deleteVolume(session, id)).rejects.toMatchObject({ service: 'block-storage', status: 400, type: 'badRequest' });
    await cinder.deleteVolume(session, id, { cascade: true });
    await eventually(() => cinder.getVolume(session, id)).toBeUndefined();
    expect(await cinder.listSnapshots(session, { volume_id: id })).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('is found by name and volume; deleted twice is no error', async () => {
    const { session } = actors.platform;
    const volume = await makeVolume(actors.platform);
    const name = uniqueName('snapshot');
    const id = await makeSnapshot(volume.id, name);
    expect(await cinder.listSnapshots(session, { name })).toMatchObject([{ id, volume_id: volume.id, size: 1 }]);
    await cinder.deleteSnapshot(session, id);
    await eventually(() => cinder.listSnapshots(session, { volume_id: volume.id })).toEqual([]);
    await cinder.deleteSnapshot(session, id);
  });
});

describe('a list of volumes', () => {
  it('comes in pages that hold everything once', async () => {
    const description = uniqueName('paged');
    const ids = [(await makeVolume(actors.platform, { description })).id, (await makeVolume(actors.platform, { description })).id];
    const paged = await cinder.listVolumes(actors.platform.session, { limit: 1 } as object);
    expect(paged.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  it('of all projects is an administrator\'s: others see their own, whatever they ask for', async () => {
    const { id } = await makeVolume(actors.platform);
    for (const by of [actors.user, actors.stranger]) {
      expect((await by.call('block-storage', 'GET', `/volumes?all_tenants=1&project_id=${actors.serviceProjectId}`)).body.volumes).toEqual([]);
      expect((await by.call('block-storage', 'GET', `/volumes/${id}`)).status).toBe(404);
    }
    const all = await cinder.listVolumes(actors.admin.session, { all_tenants: true, project_id: actors.serviceProjectId });
    expect(all).toMatchObject([{ id, 'os-vol-tenant-attr:tenant_id': actors.serviceProjectId }]);
  });

  it('of Moorage covers one service project at a time', async () => {
    const { id } = await makeVolume(actors.user);
    expect(await cinder.getVolume(actors.platform.session, id)).toBeUndefined();
    expect(await cinder.listVolumes(actors.platform.session, { all_tenants: true })).toEqual([]);
    await cinder.deleteVolume(actors.platform.session, id);
    expect(await cinder.getVolume(actors.user.session, id)).toMatchObject({ status: 'available' });
  });
});

describe('a call of Cinder', () => {
  it('names the project of its token in the path, or is refused', async () => {
    const own = await actors.platform.call('block-storage', 'GET', '/volumes');
    const href = await actors.platform.call('block-storage', 'GET', `/../${actors.userProjectId}/volumes`);
    expect([own.status, href.status]).toEqual([200, 400]);
  });
});

describe('a quota of Cinder', () => {
  const set = (quota: cinder.QuotaSet) => cinder.updateQuotaSet(actors.platform.session, actors.serviceProjectId, quota);

  it('is set by Moorage, shown with what is used, and goes back to the cloud\'s own', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    const before = await cinder.getQuotaSet(session, serviceProjectId);
    await makeVolume(actors.platform);
    expect(await set({ volumes: 7, gigabytes: 8 })).toMatchObject({ volumes: 7, gigabytes: 8 });
    const usage = await cinder.getQuotaUsage(session, serviceProjectId);
    expect(usage).toMatchObject({ volumes: { limit: 7, in_use: 1 }, gigabytes: { limit: 8, in_use: 1 } });
    expect(usage).not.toHaveProperty('id');
    expect(await cinder.getLimits(session)).toMatchObject({ totalVolumesUsed: 1, totalGigabytesUsed: 1, maxTotalVolumes: 7, maxTotalVolumeGigabytes: 8 });
    await cinder.deleteQuotaSet(session, serviceProjectId);
    expect(await cinder.getQuotaSet(session, serviceProjectId)).toEqual(before);
  });

  it('of volumes that is spent is 413, and says to try again in no time, which would not help', async () => {
    await set({ volumes: 0 });
    const error: unknown = await cinder.createVolume(actors.platform.session, { name: 'x', size: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ service: 'block-storage', status: 413, type: 'overLimit', quota: true, message: expect.stringContaining('VolumeLimitExceeded') });
    expect(error).not.toHaveProperty('retryAfterMs');
    const bare = await actors.platform.call('block-storage', 'POST', '/volumes', { volume: { size: 1 } });
    expect([bare.status, bare.headers.get('retry-after')]).toEqual([413, '0']);
  });

  it('of gigabytes as well', async () => {
    await set({ gigabytes: 5 });
    await expect(cinder.createVolume(actors.platform.session, { name: 'x', size: 6 })).rejects.toMatchObject({
      status: 413, quota: true, message: expect.stringContaining('VolumeSizeExceedsAvailableQuota'),
    });
  });

  it('is set by nobody ordinary', async () => {
    for (const by of [actors.member, actors.user]) {
      expect((await by.call('block-storage', 'PUT', `/os-quota-sets/${actors.serviceProjectId}`, { quota_set: { volumes: 9 } })).status).toBe(403);
    }
  });
});
