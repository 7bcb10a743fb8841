import { afterAll, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import { describeOnCloud, eventually, until, useProject } from './cloud.ts';

describeOnCloud('Cinder', () => {
  const mine = useProject();
  afterAll(async () => {
    for (const { id } of await cinder.listVolumes(mine.session))
      await cinder.deleteVolume(mine.session, id, { cascade: true });
    await until(async () => (await cinder.listVolumes(mine.session)).length === 0);
  });

  it('makes a volume and finds it by name and metadata', async () => {
    const { session, project, admin } = mine;
    const volume = await cinder.createVolume(session, {
      name: 'moorage-x-etcd-0',
      size: 1,
      metadata: { moorage: 'x' },
      description: 'd',
    });
    expect(volume).toMatchObject({ size: 1, status: 'creating', metadata: { moorage: 'x' } });
    await eventually(async () => (await cinder.getVolume(session, volume.id))?.status).toBe('available');
    expect(await cinder.listVolumes(session, { name: 'moorage-x-etcd-0' })).toMatchObject([
      { id: volume.id, attachments: [] },
    ]);
    expect(await cinder.listVolumes(session, { metadata: { moorage: 'x' } })).toHaveLength(1);
    expect(await cinder.listVolumes(session, { metadata: { moorage: 'y' } })).toEqual([]);
    expect(
      await cinder.listVolumes(admin, { all_tenants: true, project_id: project.id, status: 'available' }),
    ).toMatchObject([{ id: volume.id }]);
  });

  it('types, zones and limits', async () => {
    expect(await cinder.listVolumeTypes(mine.session)).toContainEqual(
      expect.objectContaining({ name: expect.any(String), is_public: true }),
    );
    expect(await cinder.listAvailabilityZones(mine.session)).toContainEqual(
      expect.objectContaining({ zoneState: { available: true } }),
    );
    expect(await cinder.getLimits(mine.session)).toMatchObject({
      totalVolumesUsed: 1,
      totalGigabytesUsed: 1,
      maxTotalVolumes: expect.any(Number),
    });
  });

  it('quota, and what a spent one looks like', async () => {
    const { session, project } = mine;
    expect(await cinder.updateQuotaSet(session, project.id, { volumes: 1, gigabytes: 5 })).toMatchObject({
      volumes: 1,
      gigabytes: 5,
    });
    expect(await cinder.getQuotaSet(session, project.id)).toMatchObject({ volumes: 1 });
    const usage = await cinder.getQuotaUsage(session, project.id);
    expect(usage.volumes).toMatchObject({ limit: 1, in_use: 1 });
    expect(usage).not.toHaveProperty('id');
    const error: unknown = await cinder
      .createVolume(session, { name: 'x', size: 1 })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      service: 'block-storage',
      status: 413,
      type: 'overLimit',
      quota: true,
      message: expect.stringContaining('VolumeLimitExceeded'),
    });
    expect(error).not.toHaveProperty('retryAfterMs');
    await cinder.updateQuotaSet(session, project.id, { volumes: 5 });
    await expect(cinder.createVolume(session, { name: 'x', size: 10 })).rejects.toMatchObject({
      status: 413,
      quota: true,
    });
    await cinder.deleteQuotaSet(session, project.id);
    expect((await cinder.getQuotaSet(session, project.id)).gigabytes).not.toBe(5);
  });

  it('lists snapshots, and takes volumes away, twice', async () => {
    const { session } = mine;
    const [volume] = await cinder.listVolumes(session);
    await session.request({
      service: 'block-storage',
      method: 'POST',
      path: { text: '/snapshots', template: '/snapshots' },
      body: { snapshot: { volume_id: volume!.id, name: 's' } },
    });
    await eventually(async () => (await cinder.listSnapshots(session, { volume_id: volume!.id }))[0]?.status).toBe(
      'available',
    );
    await expect(cinder.deleteVolume(session, volume!.id)).rejects.toMatchObject({ status: 400 });
    const [snapshot] = await cinder.listSnapshots(session, { name: 's' });
    await cinder.deleteSnapshot(session, snapshot!.id);
    await eventually(() => cinder.listSnapshots(session)).toEqual([]);
    await cinder.deleteSnapshot(session, snapshot!.id);
    await cinder.deleteVolume(session, volume!.id);
    await eventually(() => cinder.getVolume(session, volume!.id)).toBeUndefined();
    await cinder.deleteVolume(session, volume!.id);
  });
});
