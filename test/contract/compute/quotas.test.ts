// Source: Compute API v2.1, quota sets and limits (docs.openstack.org/api-ref/compute), and what a Zed Nova answered.
import { afterEach, describe, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import { useActors } from '../actors.ts';
import { bootServer, builtServer, makeNetwork, makePort } from '../things.ts';

const actors = useActors();
afterEach(async () => {
  const { platform: { session }, serviceProjectId } = actors;
  await nova.deleteQuotaSet(session, serviceProjectId);
  await neutron.deleteQuota(session, serviceProjectId);
  await cinder.deleteQuotaSet(session, serviceProjectId);
});
const set = (quota: Partial<nova.QuotaSet>) => nova.updateQuotaSet(actors.platform.session, actors.serviceProjectId, quota);

describe('a quota of Nova', () => {
  it('is set by Moorage, shown with what is used, and goes back to the cloud\'s own', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    await builtServer(actors.platform, await bootServer(actors.platform));
    expect(await set({ instances: 7 })).toMatchObject({ instances: 7 });
    expect(await nova.getQuotaSet(session, serviceProjectId)).toMatchObject({ instances: { limit: 7, in_use: 1 }, cores: { limit: expect.any(Number) } });
    expect(await nova.getLimits(session)).toMatchObject({ totalInstancesUsed: 1, maxTotalInstances: 7, maxTotalCores: expect.any(Number) });
    await nova.deleteQuotaSet(session, serviceProjectId);
    expect((await nova.getQuotaSet(session, serviceProjectId)).instances.limit).not.toBe(7);
  });

  it('that is spent is 403, for instances, cores and memory', async () => {
    for (const [quota, what] of [[{ instances: 0 }, 'instances'], [{ cores: 0 }, 'cores'], [{ ram: 0 }, 'ram']] as const) {
      await set({ instances: -1, cores: -1, ram: -1, ...quota });
      await expect(bootServer(actors.platform), what).rejects.toMatchObject({
        service: 'compute', status: 403, type: 'forbidden', quota: true, message: expect.stringMatching(new RegExp(`^Quota exceeded for ${what}: Requested \\d+, but already used 0 of 0 ${what}$`)),
      });
    }
  });

  it('of server groups is 403 as well', async () => {
    await set({ server_groups: 0 });
    await expect(nova.createServerGroup(actors.platform.session, { name: 'g', policy: 'affinity' })).rejects.toMatchObject({
      status: 403, quota: true, message: 'Quota exceeded, too many server groups.',
    });
  });

  it('goes below what is used only by force', async () => {
    await builtServer(actors.platform, await bootServer(actors.platform));
    await expect(set({ instances: 0 })).rejects.toMatchObject({ status: 400, quota: false });
    const forced = await actors.platform.call('compute', 'PUT', `/os-quota-sets/${actors.serviceProjectId}`, { quota_set: { instances: 0, force: true } });
    expect(forced.status).toBe(200);
  });

  it('is read by its own project, and set by nobody ordinary', async () => {
    const path = `/os-quota-sets/${actors.serviceProjectId}`;
    expect((await actors.member.call('compute', 'GET', path)).status).toBe(200);
    expect((await actors.member.call('compute', 'PUT', path, { quota_set: { instances: 9 } })).status).toBe(403);
    expect((await actors.user.call('compute', 'PUT', path, { quota_set: { instances: 9 } })).status).toBe(403);
  });
});

describe('a quota of another service', () => {
  it('of ports is met at once', async () => {
    const { networkId } = await makeNetwork(actors.platform);
    const boot = () => bootServer(actors.platform, { networks: [{ uuid: networkId }] });
    await neutron.updateQuota(actors.platform.session, actors.serviceProjectId, { port: 0 });
    await expect(boot()).rejects.toMatchObject({ status: 403, quota: true, message: 'Maximum number of ports exceeded' });
    await neutron.updateQuota(actors.platform.session, actors.serviceProjectId, { port: 2 });
    for (const _ of [1, 2]) await makePort(actors.platform, { network_id: networkId });
    await neutron.updateQuota(actors.platform.session, actors.serviceProjectId, { port: 1 });
    await expect(boot()).rejects.toMatchObject({ status: 403, quota: true, message: 'The number of defined ports: 2 is over the limit: 1' });
  });

  it('of volumes is met late: the server goes to ERROR and says so', async () => {
    const { session } = actors.platform;
    await cinder.updateQuotaSet(session, actors.serviceProjectId, { volumes: 0 });
    const [image] = (await glance.listImages(session, { status: 'active' })).toSorted((a, b) => a.min_disk - b.min_disk);
    const id = await bootServer(actors.platform, {
      block_device_mapping_v2: [{
        boot_index: 0, source_type: 'image', destination_type: 'volume', uuid: image!.id, volume_size: Math.max(image!.min_disk, 1), delete_on_termination: true,
      }],
    });
    expect(await builtServer(actors.platform, id)).toMatchObject({ status: 'ERROR', fault: { message: expect.stringContaining('VolumeLimitExceeded') } });
  });
});
