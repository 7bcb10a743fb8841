// Source: what a real Zed answered, facts f and g.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { login, serviceProject, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
});
afterAll(() => cloud.close());

const create = (by: Client, volume: object) =>
  by.call('volumev3', 'POST', '/volumes', { volume: { size: 1, ...volume } });

describe('volumes', () => {
  it('come from an image, bootable and with its properties', async () => {
    const { images } = (await demo.call('image', 'GET', '/images?name=ubuntu-2404-kube-v1.34.2')).body;
    const made = await create(demo, { size: 10, imageRef: images[0].id });
    expect([made.status, made.body.volume.status]).toEqual([202, 'creating']);
    await cloud.settled();
    const { volume } = (await demo.call('volumev3', 'GET', `/volumes/${made.body.volume.id}`)).body;
    expect(volume).toMatchObject({
      status: 'available', bootable: 'true', volume_type: '__DEFAULT__',
        volume_image_metadata: { kube_version: 'v1.34.2' },
    });
    expect((await create(demo, { size: 1, imageRef: images[0].id })).status).toBe(400);
  });

  it('are found by metadata as Python writes it and as JSON, by name and status (f)', async () => {
    const { id } = (await create(demo, { name: 'pv', metadata: { 'cinder.csi.openstack.org/cluster': 'c1' } }))
      .body.volume;
    await create(demo, { name: 'pv' });
    await cloud.settled();
    const found = async (query: string) => (await demo.call('volumev3', 'GET', `/volumes?${query}`)).body.volumes
      .map((volume: { id: string }) => volume.id);
    const key = '"cinder.csi.openstack.org/cluster": "c1"';
    expect(await found(`metadata=${encodeURIComponent(`{${key}}`)}`)).toEqual([id]);
    expect(await found(`metadata=${encodeURIComponent(`{${key.replaceAll('"', '\'')}}`)}`)).toEqual([id]);
    expect(await found('name=pv&status=available')).toHaveLength(2);
    expect(await found('name=pv&status=error')).toEqual([]);
  });

  it('of other projects are not there, and all of them for admins alone', async () => {
    const { id } = (await create(demo, {})).body.volume;
    const other = await login(cloud.authUrl, cloud.credentials.other);
    expect((await other.call('volumev3', 'GET', `/volumes/${id}`)).status).toBe(404);
    expect((await other.call('volumev3', 'GET', '/volumes?all_tenants=1')).body.volumes).toEqual([]);
    const platform = await login(cloud.authUrl, cloud.credentials.moorage);
    const all = (await platform.call('volumev3', 'GET', `/volumes/detail?all_tenants=1&project_id=${demo.projectId}`))
      .body.volumes;
    expect(all.map((volume: { id: string }) => volume.id)).toContain(id);
    await cloud.settled();
  });

  it('are refused under a project that is not the token\'s', async () => {
    const other = await login(cloud.authUrl, cloud.credentials.other);
    const url = `${cloud.authUrl.replace('/identity/v3', '')}/volume/v3/${demo.projectId}/volumes`;
    const answer = await fetch(url, { headers: { 'X-Auth-Token': other.token } });
    expect([answer.status, (await answer.json() as { badRequest: { message: string } }).badRequest.message])
      .toEqual([400, 'Malformed request url']);
  });

  it('fail when they are told to', async () => {
    cloud.faults.add('volume-error');
    const { id } = (await create(demo, {})).body.volume;
    await cloud.settled();
    expect((await demo.call('volumev3', 'GET', `/volumes/${id}`)).body.volume.status).toBe('error');
  });
});

describe('quotas (g)', () => {
  it('refuse with 413 and a Retry-After of 0', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'small');
    const set = (quota_set: object) => admin.call('volumev3', 'PUT', `/os-quota-sets/${id}`, { quota_set });
    await set({ volumes: 1, gigabytes: 5 });
    const large = await create(member, { size: 6 });
    expect([large.status, large.headers.get('retry-after')]).toEqual([413, '0']);
    expect(large.body.overLimit).toEqual({
      code: 413, retryAfter: '0',
      message: 'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. '
        + 'Requested 6G, quota is 5G and 0G has been consumed.',
    });
    await create(member, {});
    const second = await create(member, {});
    expect(second.body.overLimit.message)
      .toBe('VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota \'volumes\'.');
    const usage = (await member.call('volumev3', 'GET', `/os-quota-sets/${id}?usage=true`)).body.quota_set;
    expect(usage.volumes).toEqual({ limit: 1, in_use: 1, reserved: 0 });
    expect((await member.call('volumev3', 'PUT', `/os-quota-sets/${id}`, { quota_set: { volumes: 9 } })).status)
      .toBe(403);
  });
});
