import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import { describeOnCloud, eventually, until, useProject } from './cloud.ts';

describeOnCloud('Nova', () => {
  const mine = useProject();
  const made = { network: '', port: '', volume: '', group: '', server: '', flavor: '' };

  beforeAll(async () => {
    const { session } = mine;
    made.network = (await neutron.createNetwork(session, { name: 'n' })).id;
    await neutron.createSubnet(session, { name: 's', network_id: made.network, ip_version: 4, cidr: '100.96.0.0/20' });
    made.port = (await neutron.createPort(session, { name: 'p', network_id: made.network })).id;
    made.volume = (await cinder.createVolume(session, { name: 'etcd', size: 1 })).id;
  });
  afterAll(async () => {
    const { session, project } = mine;
    for (const { id } of await nova.listServers(session)) await nova.deleteServer(session, id);
    await until(async () => (await nova.listServers(session)).length === 0);
    await until(async () => (await cinder.getVolume(session, made.volume))?.status === 'available');
    await cinder.deleteVolume(session, made.volume);
    for (const { id } of await neutron.listPorts(session, { network_id: made.network }))
      await neutron.deletePort(session, id);
    await neutron.deleteNetwork(session, made.network);
    for (const { id } of await neutron.listSecurityGroups(session, { project_id: project.id }))
      await neutron.deleteSecurityGroup(session, id);
  });

  it('flavors and zones', async () => {
    const flavors = await nova.listFlavors(mine.session, { is_public: 'none' });
    expect(flavors[0]).toMatchObject({
      vcpus: expect.any(Number),
      ram: expect.any(Number),
      'os-flavor-access:is_public': expect.any(Boolean),
    });
    made.flavor = flavors.sort((a, b) => a.ram - b.ram)[0]!.id;
    expect(await nova.getFlavor(mine.session, made.flavor)).toMatchObject({ id: made.flavor });
    expect(await nova.getFlavor(mine.session, 'no-such-flavor')).toBeUndefined();
    expect(await nova.listAvailabilityZones(mine.session)).toContainEqual(
      expect.objectContaining({ zoneState: { available: true } }),
    );
  });

  it('server group', async () => {
    const group = await nova.createServerGroup(mine.session, { name: 'masters', policy: 'soft-anti-affinity' });
    made.group = group.id;
    expect(await nova.listServerGroups(mine.session)).toMatchObject([
      { id: group.id, name: 'masters', policy: 'soft-anti-affinity' },
    ]);
  });

  it('server, from an image onto a volume, with its port, group, tags and metadata', async () => {
    const { session } = mine;
    const [image] = await glance.listImages(session, { status: 'active' });
    const body: nova.ServerCreate = {
      name: 'c-master-0',
      flavorRef: made.flavor,
      networks: [{ port: made.port }],
      tags: ['moorage=x', 'master'],
      metadata: { moorage: 'x' },
      user_data: Buffer.from('#cloud-config\n').toString('base64'),
      config_drive: true,
      block_device_mapping_v2: [
        {
          boot_index: 0,
          source_type: 'image',
          destination_type: 'volume',
          uuid: image!.id,
          volume_size: 5,
          delete_on_termination: true,
        },
      ],
    };
    const created = await nova.createServer(session, body, { group: made.group });
    made.server = created.id;
    expect(Object.keys(created)).toEqual(['id']);
    await eventually(async () => (await nova.getServer(session, made.server))?.status).toBe('ACTIVE');
    expect(await nova.getServer(session, made.server)).toMatchObject({
      name: 'c-master-0',
      metadata: { moorage: 'x' },
      server_groups: [made.group],
      image: '',
      tenant_id: mine.project.id,
    });
    expect(await neutron.getPort(session, made.port)).toMatchObject({ device_id: made.server });
    await expect(nova.createServer(session, body)).rejects.toMatchObject({
      service: 'compute',
      status: 409,
      type: 'conflictingRequest',
    });
  });

  it('lists by tag, name and project', async () => {
    const { session, admin, project } = mine;
    expect(await nova.listServers(session, { tags: 'moorage=x,master' })).toMatchObject([
      { id: made.server, tags: expect.arrayContaining(['master']) },
    ]);
    expect(await nova.listServers(session, { tags: 'moorage=x,worker' })).toEqual([]);
    expect(await nova.listServers(session, { name: '^c-master-0$', status: 'ACTIVE' })).toHaveLength(1);
    expect(await nova.listServers(admin, { all_tenants: true, project_id: project.id })).toMatchObject([
      { id: made.server },
    ]);
  });

  it('what hangs on it', async () => {
    const { session } = mine;
    expect(await nova.listInterfaces(session, made.server)).toMatchObject([
      { port_id: made.port, net_id: made.network },
    ]);
    const before = await nova.listVolumeAttachments(session, made.server);
    expect(before).toMatchObject([{ serverId: made.server, delete_on_termination: true }]);
    await eventually(async () => (await cinder.getVolume(session, made.volume))?.status).toBe('available');
    expect(await nova.attachVolume(session, made.server, { volumeId: made.volume })).toMatchObject({
      volumeId: made.volume,
    });
    expect(await nova.listVolumeAttachments(session, made.server)).toHaveLength(2);
  });

  it('stops and starts', async () => {
    const { session } = mine;
    await nova.stopServer(session, made.server);
    await eventually(async () => (await nova.getServer(session, made.server))?.status).toBe('SHUTOFF');
    await expect(nova.stopServer(session, made.server)).rejects.toMatchObject({
      status: 409,
      path: `/servers/${made.server}/action`,
    });
    await nova.startServer(session, made.server);
    await eventually(async () => (await nova.getServer(session, made.server))?.status).toBe('ACTIVE');
  });

  it('quota, capacity, and what a spent quota looks like', async () => {
    const { session, admin, project } = mine;
    expect(await nova.getLimits(session)).toMatchObject({ totalInstancesUsed: 1, maxTotalCores: expect.any(Number) });
    expect(await nova.updateQuotaSet(admin, project.id, { instances: 1, server_groups: 1 })).toMatchObject({
      instances: 1,
    });
    expect(await nova.getQuotaSet(admin, project.id)).toMatchObject({
      instances: { limit: 1, in_use: 1 },
      cores: { limit: expect.any(Number) },
    });
    await expect(nova.createServerGroup(session, { name: 'g2', policy: 'affinity' })).rejects.toMatchObject({
      status: 403,
      quota: true,
    });
    const body: nova.ServerCreate = {
      name: 'x',
      flavorRef: made.flavor,
      networks: 'none',
      imageRef: (await glance.listImages(session))[0]!.id,
    };
    await expect(nova.createServer(session, body)).rejects.toMatchObject({
      status: 403, type: 'forbidden', quota: true, message: expect.stringContaining('Quota exceeded for instances'),
    });
    await expect(nova.updateQuotaSet(admin, project.id, { instances: 0 })).rejects.toMatchObject({
      status: 400,
      quota: false,
    });
    await nova.deleteQuotaSet(admin, project.id);
    expect((await nova.getQuotaSet(admin, project.id)).instances.limit).not.toBe(1);
    expect(await nova.getHypervisorStatistics(admin)).toMatchObject({
      vcpus: expect.any(Number),
      memory_mb_used: expect.any(Number),
    });
  });

  it('keeps user data out of errors, which Nova quotes', async () => {
    const userData = `not base64! ${randomBytes(8).toString('hex')}`;
    const body = { name: 'x', flavorRef: made.flavor, networks: 'none', user_data: userData } as const;
    const error: unknown = await nova.createServer(mine.session, body).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400, type: 'badRequest', message: expect.stringContaining('user_data') });
    expect(JSON.stringify(error) + String(error)).not.toContain(userData);
  });

  it('goes away, with its boot disk', async () => {
    const { session } = mine;
    await nova.deleteServer(session, made.server);
    await eventually(() => nova.getServer(session, made.server)).toBeUndefined();
    await nova.deleteServer(session, made.server);
    await nova.deleteServerGroup(session, made.group);
    await nova.deleteServerGroup(session, made.group);
    await eventually(async () => (await cinder.listVolumes(session)).map(({ name }) => name)).toEqual(['etcd']);
  });
});
