// Source: what a real Zed answered, facts a, b, e, f, g and i.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { boot, login, makeNetwork, makePort, NEW, serviceProject, userNetwork, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
let service: Awaited<ReturnType<typeof serviceProject>>;
let own: { networkId: string; subnetId: string };
let users: { networkId: string; subnetId: string };

beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
  service = await serviceProject(cloud, 'servers');
  own = await makeNetwork(service.member, 'own', '100.96.0.0/20');
  users = await userNetwork(demo);
  const quota_set = { instances: -1, cores: -1, ram: -1 };
  await service.admin.call('compute', 'PUT', `/os-quota-sets/${service.id}`, { quota_set }, NEW);
});
afterAll(() => cloud.close());

const serverOf = async (client: Client, id: string) =>
  (await client.call('compute', 'GET', `/servers/${id}`, undefined, NEW)).body.server;
const settledServer = async (client: Client, answer: { body: { server: { id: string } } }) => {
  await cloud.settled();
  return serverOf(client, answer.body.server.id);
};

describe('a server', () => {
  it('builds, has its port, its volume and its address, and lets go of them', async () => {
    const portId = await makePort(service.member, own.networkId,
      { fixed_ips: [{ subnet_id: own.subnetId, ip_address: '100.96.0.77' }] });
    const { volume } = (await service.member.call('volumev3', 'POST', '/volumes', { volume: { size: 1 } })).body;
    await cloud.settled();
    const answer = await boot(service.member, 'one', {
      imageRef: '', networks: [{ port: portId }], tags: ['moorage=1'], metadata: { moorage: '1' }, user_data: 'aGk=',
      config_drive: true, availability_zone: 'zone-2',
      block_device_mapping_v2: [{
        boot_index: 0, uuid: volume.id, source_type: 'volume', destination_type: 'volume', delete_on_termination: true,
      }],
    });
    expect(answer.status).toBe(202);
    const server = await settledServer(service.member, answer);
    expect(server).toMatchObject({
      'status': 'ACTIVE', 'tags': ['moorage=1'], 'metadata': { moorage: '1' }, 'OS-EXT-AZ:availability_zone': 'zone-2',
      'addresses': { own: [{ 'addr': '100.96.0.77', 'version': 4, 'OS-EXT-IPS:type': 'fixed' }] },
      'os-extended-volumes:volumes_attached': [{ id: volume.id, delete_on_termination: true }],
    });
    const port = async () => (await service.member.call('network', 'GET', `/ports/${portId}`)).body.port;
    expect(await port()).toMatchObject({ device_id: server.id, device_owner: 'compute:zone-2', status: 'ACTIVE' });
    const attached = (await service.member.call('volumev3', 'GET', `/volumes/${volume.id}`)).body.volume;
    expect(attached).toMatchObject({ status: 'in-use', attachments: [{ server_id: server.id }] });
    const removal = await service.member.call('volumev3', 'DELETE', `/volumes/${volume.id}`);
    expect(removal.body.badRequest.message).toMatch(/^Invalid volume: Volume status must be available/);

    expect((await service.member.call('compute', 'DELETE', `/servers/${server.id}`)).status).toBe(204);
    await cloud.settled();
    expect(await serverOf(service.member, server.id)).toBeUndefined();
    expect(await port()).toMatchObject({ device_id: '', device_owner: '', status: 'DOWN' });
    await cloud.settled();
    expect((await service.member.call('volumev3', 'GET', `/volumes/${volume.id}`)).status).toBe(404);
  });

  it('is stopped and started', async () => {
    const { id } = await settledServer(service.member, await boot(service.member, 'power', {}));
    const act = (body: object) => service.member.call('compute', 'POST', `/servers/${id}/action`, body);
    expect((await act({ 'os-stop': null })).status).toBe(202);
    await cloud.settled();
    expect((await serverOf(service.member, id)).status).toBe('SHUTOFF');
    const again = await act({ 'os-stop': null });
    expect(again.body.conflictingRequest.message).toBe(`Cannot 'stop' instance ${id} while it is in vm_state stopped`);
    await act({ 'os-start': null });
    await cloud.settled();
    expect((await serverOf(service.member, id)).status).toBe('ACTIVE');
  });

  it('takes 65535 characters of user data and not one more', async () => {
    const fits = await boot(service.member, 'fits', { user_data: 'A'.repeat(65_532) });
    const long = await boot(service.member, 'long', { user_data: 'A'.repeat(65_536) });
    expect([fits.status, long.status]).toEqual([202, 400]);
    expect(long.body.badRequest.message).toMatch(/^Invalid input for field\/attribute user_data/);
  });
});

describe('a port of the user and a server of the service project (a)', () => {
  it('do not come together', async () => {
    const portId = await makePort(service.admin, users.networkId, { project_id: demo.projectId });
    const asMember = await boot(service.member, 'm', { networks: [{ port: portId }] });
    expect(asMember.status).toBe(400);
    expect(asMember.body.badRequest.message).toBe(`Port id ${portId} could not be found.`);
    const asAdmin = await boot(service.admin, 'a', { networks: [{ port: portId }] });
    expect(asAdmin.status).toBe(202);
    const server = await settledServer(service.admin, asAdmin);
    expect(server.status).toBe('ERROR');
    expect(server.fault.message).toContain('Exceeded maximum number of retries. Exhausted all hosts available');
    const plain = await settledServer(service.member, await boot(service.member, 'plain', {}));
    const attach = (by: Client) => by.call('compute', 'POST', `/servers/${plain.id}/os-interface`, {
      interfaceAttachment: { port_id: portId },
    });
    expect((await attach(service.admin)).body.badRequest.message).toContain('not usable for instance');
    expect((await attach(service.member)).status).toBe(404);
    await demo.call('network', 'DELETE', `/ports/${portId}`);
  });
});

describe('a service-owned port on the user\'s network (b)', () => {
  it('is silently left out for a member without RBAC, and wired for an admin', async () => {
    const portId = await makePort(service.admin, users.networkId, { project_id: service.id });
    const without = await settledServer(service.member,
      await boot(service.member, 'silent', { networks: [{ port: portId }] }));
    expect(without).toMatchObject({ status: 'ACTIVE', addresses: {} });
    expect((await service.member.call('network', 'GET', `/ports/${portId}`)).body.port)
      .toMatchObject({ device_id: '', status: 'DOWN' });
    const hot = await service.member.call('compute', 'POST', `/servers/${without.id}/os-interface`, {
      interfaceAttachment: { port_id: portId },
    });
    expect(hot.status).toBe(500);
    const wired = await settledServer(service.admin,
      await boot(service.admin, 'wired', { networks: [{ port: portId }] }));
    expect(Object.keys(wired.addresses)).toEqual(['demo-net']);
    await demo.call('network', 'DELETE', `/ports/${portId}`);
    expect((await serverOf(service.member, wired.id)).addresses).toEqual({});
  });
});

describe('doubles (i)', () => {
  it('are refused while the port is bound', async () => {
    const portId = await makePort(service.member, own.networkId);
    await settledServer(service.member, await boot(service.member, 'first', { networks: [{ port: portId }] }));
    const second = await boot(service.member, 'second', { networks: [{ port: portId }] });
    expect(second.status).toBe(409);
    expect(second.body.conflictingRequest.message).toBe(`Port ${portId} is still in use.`);
  });

  it('within a second break each other', async () => {
    // The ports are bound late enough for the second create to come before that.
    const slow = await startCloud({ scale: 10_000, seed: 2,
      latencies: { serverNetworksMs: 3_000_000, serverMs: 8_000_000 } });
    try {
      const client = await login(slow.authUrl, slow.credentials.demo);
      const portId = await makePort(client, (await userNetwork(client)).networkId);
      const both = await Promise.all(['a', 'b'].map((name) => boot(client, name, { networks: [{ port: portId }] })));
      expect(both.map(({ status }) => status)).toEqual([202, 202]);
      await slow.settled();
      const ends = await Promise.all(both.map(({ body }) => serverOf(client, body.server.id)));
      const active = ends.find(({ status }) => status === 'ACTIVE');
      const failed = ends.find(({ status }) => status === 'ERROR');
      expect(active.addresses).toEqual({});
      expect(failed.fault.message).toContain('Failed to allocate the network(s), not rescheduling.');
      expect((await client.call('network', 'GET', `/ports/${portId}`)).body.port)
        .toMatchObject({ device_id: '', status: 'DOWN' });
    } finally {
      await slow.close();
    }
  });
});

describe('lists (e, f)', () => {
  it('are of all projects for admins alone, and of one\'s own otherwise', async () => {
    const refused = await demo.call('compute', 'GET', '/servers?all_tenants=1');
    expect(refused.body.forbidden.message).toContain('os_compute_api:servers:index:get_all_tenants');
    const ignored = await demo.call('compute', 'GET', `/servers?project_id=${service.id}`);
    expect(ignored.body.servers).toEqual([]);
    const all = await service.platform.call('compute', 'GET', `/servers?all_tenants=1&project_id=${service.id}`);
    expect(all.body.servers.length).toBeGreaterThan(0);
    expect((await demo.call('compute', 'GET', `/servers/${all.body.servers[0].id}`)).status).toBe(404);
  });

  it('filter by tags from 2.26 on and pass over the filter before', async () => {
    await boot(service.member, 'tagged', { tags: ['only=this'] });
    const named = async (headers?: Record<string, string>) =>
      (await service.member.call('compute', 'GET', '/servers?tags=only%3Dthis', undefined, headers))
        .body.servers.length;
    expect(await named(NEW)).toBe(1);
    expect(await named()).toBeGreaterThan(1);
    await cloud.settled();
  });

  it('take names as regular expressions, and unknown filters from 2.75 on not at all', async () => {
    const query = async (text: string) => service.member.call('compute', 'GET', `/servers?${text}`, undefined, NEW);
    expect((await query('name=%5Etag')).body.servers.map((server: { name: string }) => server.name))
      .toEqual(['tagged']);
    expect((await query('name=%5B')).status).toBe(400);
    expect((await query('bogus=1')).status).toBe(400);
    expect((await service.member.call('compute', 'GET', '/servers?bogus=1')).status).toBe(200);
  });

  it('come in pages', async () => {
    const page = (await service.member.call('compute', 'GET', '/servers?limit=1')).body;
    const [first] = page.servers;
    expect(page.servers_links[0].href).toContain(`marker=${first.id}`);
    const next = (await service.member.call('compute', 'GET', `/servers?limit=1&marker=${first.id}`)).body;
    expect(next.servers[0].id).not.toBe(first.id);
  });
});

describe('microversions (f)', () => {
  it('end at 2.93', async () => {
    const ask = (version: string) =>
      service.member.call('compute', 'GET', '/servers', undefined, { 'OpenStack-API-Version': `compute ${version}` });
    const beyond = await ask('2.94');
    expect(beyond.status).toBe(406);
    expect(beyond.body.computeFault.message).toContain('Minimum is 2.1 and maximum is 2.93.');
    expect((await ask('2.93')).headers.get('openstack-api-version')).toBe('compute 2.93');
    expect((await ask('latest')).status).toBe(200);
  });

  it('bring tags in a create with 2.52', async () => {
    const server = { name: 'x', flavorRef: '1', networks: 'none', tags: ['a'] };
    const old = await service.member.call('compute', 'POST', '/servers', { server },
      { 'OpenStack-API-Version': 'compute 2.51' });
    expect(old.body.badRequest.message).toContain('Additional properties are not allowed (\'tags\' was unexpected)');
  });
});

describe('quotas (g)', () => {
  it('count instances, cores and memory', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'few');
    const set = (quota_set: object) => admin.call('compute', 'PUT', `/os-quota-sets/${id}`, { quota_set }, NEW);
    await set({ instances: 1 });
    await boot(member, 'a', {});
    const over = await boot(member, 'b', {});
    expect(over.status).toBe(403);
    expect(over.body.forbidden.message)
      .toBe('Quota exceeded for instances: Requested 1, but already used 1 of 1 instances');
    expect((await set({ instances: 0 })).status).toBe(400);
    expect((await set({ instances: 0, force: true })).status).toBe(200);
    await set({ instances: -1, server_groups: 0 });
    const server_group = { name: 'g', policy: 'soft-anti-affinity' };
    const group = await member.call('compute', 'POST', '/os-server-groups', { server_group }, NEW);
    expect(group.body.forbidden.message).toBe('Quota exceeded, too many server groups.');
    await cloud.settled();
  });

  it('of ports and volumes show early and late', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'indirect');
    const { networkId } = await makeNetwork(member, 'n', '10.8.0.0/24');
    await admin.call('network', 'PUT', `/quotas/${id}`, { quota: { port: 0 } });
    const early = await boot(member, 'p', { networks: [{ uuid: networkId }] });
    expect(early.status).toBe(403);
    expect(early.body.forbidden.message).toMatch(/^The number of defined ports: \d+ is over the limit: \d+$/);
    await admin.call('volumev3', 'PUT', `/os-quota-sets/${id}`, { quota_set: { volumes: 0 } });
    const { images } = (await member.call('image', 'GET', '/images')).body;
    const late = await boot(member, 'v', {
      imageRef: '',
      block_device_mapping_v2: [{
        boot_index: 0, uuid: images[0].id, source_type: 'image', destination_type: 'volume', volume_size: 10,
      }],
    });
    expect(late.status).toBe(202);
    const server = await settledServer(member, late);
    expect(server.status).toBe('ERROR');
    expect(server.fault.message).toContain('VolumeLimitExceeded');
  });
});

describe('server groups', () => {
  it('know their members', async () => {
    const server_group = { name: 'masters', policy: 'soft-anti-affinity' };
    const made = await service.member.call('compute', 'POST', '/os-server-groups', { server_group }, NEW);
    expect(made.status).toBe(200);
    const group = made.body.server_group.id;
    const { flavors } = (await service.member.call('compute', 'GET', '/flavors')).body;
    const { images } = (await service.member.call('image', 'GET', '/images')).body;
    const server = { name: 'grouped', flavorRef: flavors[0].id, imageRef: images[0].id, networks: 'none' };
    const body = { server, 'os:scheduler_hints': { group } };
    const { id } = (await service.member.call('compute', 'POST', '/servers', body, NEW)).body.server;
    const seen = await service.member.call('compute', 'GET', `/os-server-groups/${group}`, undefined, NEW);
    expect(seen.body.server_group)
      .toMatchObject({ policy: 'soft-anti-affinity', members: [id], project_id: service.id });
    await cloud.settled();
  });
});
