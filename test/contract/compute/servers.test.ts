// Source: Compute API v2.1 (docs.openstack.org/api-ref/compute), and what a Zed Nova answered.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import { useActors } from '../actors.ts';
import { eventually } from '../cloud.ts';
import { bootServer, builtServer, makeNetwork, makePort, makeVolume, removeServer, serverBody, whenDone } from '../things.ts';

const actors = useActors();
let own: { networkId: string; subnetId: string };
beforeAll(async () => { own = await makeNetwork(actors.platform); });

describe('a server', () => {
  it('boots from a volume with its port, zone, group, tags and metadata, and lets go of port and volume', async () => {
    const { session } = actors.platform;
    const [image] = await glance.listImages(session, { status: 'active' });
    const volume = await makeVolume(actors.platform, { size: Math.max(image!.min_disk, 1), imageRef: image!.id });
    const port = await makePort(actors.platform, { network_id: own.networkId });
    const group = await nova.createServerGroup(session, { name: 'masters', policy: 'soft-anti-affinity' });
    const zones = await nova.listAvailabilityZones(session);
    const zone = zones.map(({ zoneName }) => zoneName).sort()[0]!;
    const { imageRef: _, ...body } = await serverBody(actors.platform, {
      networks: [{ port: port.id }], tags: ['moorage=x', 'master'], metadata: { moorage: 'x' }, availability_zone: zone, config_drive: true,
      user_data: Buffer.from('#cloud-config\n').toString('base64'),
      block_device_mapping_v2: [{ boot_index: 0, source_type: 'volume', destination_type: 'volume', uuid: volume.id, delete_on_termination: false }],
    });
    const created = await nova.createServer(session, body, { group: group.id });
    whenDone(() => removeServer(actors.platform, created.id));
    expect(Object.keys(created)).toEqual(['id']);
    expect((await nova.getServer(session, created.id))!.status).toBe('BUILD');
    const server = await builtServer(actors.platform, created.id);
    expect(server).toMatchObject({
      'name': body.name, 'status': 'ACTIVE', 'metadata': { moorage: 'x' }, 'tags': expect.arrayContaining(['master', 'moorage=x']), 'server_groups': [group.id], 'image': '',
      'tenant_id': actors.serviceProjectId, 'OS-EXT-AZ:availability_zone': zone,
    });
    expect(Object.values(server.addresses).flat()).toMatchObject([{ addr: port.fixed_ips[0]!.ip_address }]);
    expect(await neutron.getPort(session, port.id)).toMatchObject({ device_id: created.id, device_owner: `compute:${zone}`, status: 'ACTIVE' });
    expect(await cinder.getVolume(session, volume.id)).toMatchObject({ status: 'in-use', attachments: [{ server_id: created.id }] });
    expect(await nova.listInterfaces(session, created.id)).toMatchObject([{ port_id: port.id, net_id: own.networkId }]);
    expect(await nova.listVolumeAttachments(session, created.id)).toMatchObject([{ serverId: created.id, volumeId: volume.id, delete_on_termination: false }]);
    await expect(cinder.deleteVolume(session, volume.id)).rejects.toMatchObject({ status: 400 });

    await removeServer(actors.platform, created.id);
    await nova.deleteServer(session, created.id);
    await nova.deleteServerGroup(session, group.id);
    expect(await neutron.getPort(session, port.id)).toMatchObject({ device_id: '', device_owner: '', status: 'DOWN' });
    await eventually(async () => (await cinder.getVolume(session, volume.id))?.status).toBe('available');
  });

  it('takes a disk along that it was given with itself', async () => {
    const { session } = actors.platform;
    const [image] = (await glance.listImages(session, { status: 'active' })).toSorted((a, b) => a.min_disk - b.min_disk);
    const id = await bootServer(actors.platform, {
      block_device_mapping_v2: [{
        boot_index: 0, source_type: 'image', destination_type: 'volume', uuid: image!.id, volume_size: Math.max(image!.min_disk, 1), delete_on_termination: true,
      }],
    });
    expect(await builtServer(actors.platform, id)).toMatchObject({ status: 'ACTIVE' });
    const [attachment] = await nova.listVolumeAttachments(session, id);
    await removeServer(actors.platform, id);
    await eventually(() => cinder.getVolume(session, attachment!.volumeId)).toBeUndefined();
  });

  it('gets another disk while it runs', async () => {
    const { session } = actors.platform;
    const volume = await makeVolume(actors.platform);
    const id = await bootServer(actors.platform);
    await builtServer(actors.platform, id);
    expect(await nova.attachVolume(session, id, { volumeId: volume.id })).toMatchObject({ volumeId: volume.id });
    await eventually(async () => (await cinder.getVolume(session, volume.id))?.status).toBe('in-use');
    expect(await nova.listVolumeAttachments(session, id)).toContainEqual(expect.objectContaining({ volumeId: volume.id }));
  });

  it('may have the name of another', async () => {
    const name = `twin-${randomBytes(4).toString('hex')}`;
    await bootServer(actors.platform, { name });
    await bootServer(actors.platform, { name });
    expect(await nova.listServers(actors.platform.session, { name: `^${name}$` })).toHaveLength(2);
  });

  it('is stopped and started, and says 409 when it is so already', async () => {
    const { session } = actors.platform;
    const id = await bootServer(actors.platform);
    await builtServer(actors.platform, id);
    await nova.stopServer(session, id);
    await eventually(async () => (await nova.getServer(session, id))?.status).toBe('SHUTOFF');
    await expect(nova.stopServer(session, id)).rejects.toMatchObject({ status: 409, path: `/servers/${id}/action`, message: expect.stringContaining('vm_state stopped') });
    await nova.startServer(session, id);
    await eventually(async () => (await nova.getServer(session, id))?.status).toBe('ACTIVE');
    await expect(nova.startServer(session, id)).rejects.toMatchObject({ status: 409 });
  });

  it('says that it is being deleted until it is gone', async () => {
    const { session } = actors.platform;
    const id = await bootServer(actors.platform);
    await builtServer(actors.platform, id);
    await nova.deleteServer(session, id);
    const seen = await nova.getServer(session, id);
    expect(seen?.['OS-EXT-STS:task_state'] ?? 'deleting').toBe('deleting');
    await eventually(() => nova.getServer(session, id)).toBeUndefined();
    await nova.deleteServer(session, id);
  });

  it('takes 65535 characters of user data and no more; an error does not repeat them', async () => {
    const fits = await bootServer(actors.platform, { user_data: 'A'.repeat(65_532) });
    expect(fits).toBeDefined();
    const long = nova.createServer(actors.platform.session, await serverBody(actors.platform, { user_data: 'A'.repeat(65_536) }));
    await expect(long).rejects.toMatchObject({ status: 400, type: 'badRequest', message: expect.stringContaining('user_data') });
    const userData = `not base64! ${randomBytes(8).toString('hex')}`;
    const error: unknown = await nova.createServer(actors.platform.session, await serverBody(actors.platform, { user_data: userData })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400, type: 'badRequest', message: expect.stringContaining('user_data') });
    expect(JSON.stringify(error) + String(error)).not.toContain(userData);
  });

  it('needs flavor, zone and image that there are', async () => {
    const body = await serverBody(actors.platform);
    const nothing = '00000000-0000-0000-0000-000000000000';
    for (const wrong of [{ flavorRef: nothing }, { imageRef: nothing }, { availability_zone: 'no-such-zone' }]) {
      await expect(nova.createServer(actors.platform.session, { ...body, ...wrong }), JSON.stringify(wrong)).rejects.toMatchObject({ status: 400, type: 'badRequest', quota: false });
    }
  });
});

describe('what servers are made of', () => {
  it('flavors, with who may use them, and one by id', async () => {
    const { session } = actors.platform;
    const flavors = await nova.listFlavors(session);
    expect(flavors[0]).toMatchObject({ 'vcpus': expect.any(Number), 'ram': expect.any(Number), 'os-flavor-access:is_public': true });
    expect(await nova.getFlavor(session, flavors[0]!.id)).toMatchObject({ id: flavors[0]!.id, name: flavors[0]!.name });
    expect(await nova.getFlavor(session, 'no-such-flavor')).toBeUndefined();
  });

  it('zones, and whether they can be used', async () => {
    expect(await nova.listAvailabilityZones(actors.platform.session)).toContainEqual(expect.objectContaining({ zoneState: { available: true } }));
  });

  it('how much the cloud has left, for Moorage and administrators alone', async () => {
    for (const by of [actors.platform, actors.admin]) {
      expect(await nova.getHypervisorStatistics(by.session)).toMatchObject({ vcpus: expect.any(Number), memory_mb_used: expect.any(Number) });
    }
    await expect(nova.getHypervisorStatistics(actors.user.session)).rejects.toMatchObject({ status: 403 });
  });
});

describe('a server group', () => {
  it('has a policy, knows its members, and may have the name of another', async () => {
    const { session } = actors.platform;
    const groups = [await nova.createServerGroup(session, { name: 'twins', policy: 'soft-anti-affinity' }), await nova.createServerGroup(session, { name: 'twins', policy: 'soft-anti-affinity' })];
    const ids = groups.map(({ id }) => id);
    const serverId = await bootServer(actors.platform, {}, { group: ids[0]! });
    await builtServer(actors.platform, serverId);
    const found = (await nova.listServerGroups(session)).filter(({ id }) => ids.includes(id));
    expect(found).toHaveLength(2);
    expect(found.find(({ id }) => id === ids[0])).toMatchObject({ name: 'twins', policy: 'soft-anti-affinity', members: [serverId], project_id: actors.serviceProjectId });
    for (const id of [...ids, ids[0]!]) await nova.deleteServerGroup(session, id);
    expect((await nova.listServerGroups(session)).filter(({ id }) => ids.includes(id))).toEqual([]);
  });

  it('that is not there cannot be booted into', async () => {
    await expect(bootServer(actors.platform, {}, { group: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject({ status: 400 });
  });

  it('lists in pages by offset', async () => {
    const { session } = actors.platform;
    const made = await Promise.all([1, 2, 3].map(() => nova.createServerGroup(session, { name: 'paged', policy: 'affinity' })));
    const page = await actors.platform.call('compute', 'GET', '/os-server-groups?limit=2&offset=1', undefined, { 'OpenStack-API-Version': 'compute 2.93' });
    expect(page.body.server_groups).toHaveLength(2);
    for (const { id } of made) await nova.deleteServerGroup(session, id);
  });
});
