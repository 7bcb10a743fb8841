// What the stand-in does that the contract cannot ask of every cloud. The rest of its services is under test/contract.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { boot, login, makeNetwork, makePort, serviceProject, userNetwork, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
});
afterAll(() => cloud.close());

describe('Cinder', () => {
  it('has volumes fail when they are told to', async () => {
    cloud.faults.add('volume-error');
    const { id } = (await demo.call('volumev3', 'POST', '/volumes', { volume: { size: 1 } })).body.volume;
    await cloud.settled();
    expect((await demo.call('volumev3', 'GET', `/volumes/${id}`)).body.volume.status).toBe('error');
  });
});

describe('Neutron', () => {
  it('runs out of floating addresses when the pool does', async () => {
    const admin = await login(cloud.authUrl, cloud.credentials.admin);
    const { network } = (await admin.call('network', 'POST', '/networks', { network: { 'name': 'tiny', 'router:external': true } })).body;
    await admin.call('network', 'POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr: '127.65.0.0/24', allocation_pools: [{ start: '127.65.0.10', end: '127.65.0.10' }] },
    });
    const allot = () => demo.call('network', 'POST', '/floatingips', { floatingip: { floating_network_id: network.id } });
    expect((await allot()).body.floatingip.floating_ip_address).toBe('127.65.0.10');
    const over = await allot();
    expect([over.status, over.body.NeutronError.type]).toEqual([409, 'IpAddressGenerationFailure']);
  });

  it('names its users no name server on loopback, where a pod that asks it would ask itself', async () => {
    const { subnets } = (await demo.call('network', 'GET', '/subnets')).body as { subnets: { name: string; dns_nameservers: string[] }[] };
    const ofUsers = subnets.filter(({ name }) => name.startsWith('demo-subnet'));
    expect(ofUsers.length).toBeGreaterThan(0);
    for (const { dns_nameservers } of ofUsers) for (const server of dns_nameservers) expect(server).not.toMatch(/^127\./);
  });

  it('brings trunk and sub-ports up with their server, as a cloud with agents does', async () => {
    const { admin, member } = await serviceProject(cloud, 'trunks');
    const [own, users] = [await makeNetwork(member, 'own', '100.96.0.0/20'), await userNetwork(demo)];
    const parent = await makePort(admin, own.networkId);
    const sub = await makePort(admin, users.networkId, { project_id: demo.projectId });
    await admin.call('network', 'POST', '/trunks', { trunk: { port_id: parent, sub_ports: [{ port_id: sub, segmentation_type: 'vlan', segmentation_id: 100 }] } });
    await boot(member, 'with-trunk', { networks: [{ port: parent }] });
    await cloud.settled();
    expect((await demo.call('network', 'GET', `/ports/${sub}`)).body.port).toMatchObject({ status: 'ACTIVE', device_owner: 'trunk:subport' });
  });
});

describe('Nova', () => {
  it('has two creates with one port within a second break each other, every time', async () => {
    // The ports are bound late enough for the second create to come before that.
    const slow = await startCloud({ scale: 10_000, seed: 2, latencies: { serverNetworksMs: 3_000_000, serverMs: 8_000_000 } });
    try {
      const client = await login(slow.authUrl, slow.credentials.demo);
      const portId = await makePort(client, (await userNetwork(client)).networkId);
      const both = await Promise.all(['a', 'b'].map((name) => boot(client, name, { networks: [{ port: portId }] })));
      expect(both.map(({ status }) => status)).toEqual([202, 202]);
      await slow.settled();
      const ends = await Promise.all(both.map(async ({ body }) => (await client.call('compute', 'GET', `/servers/${body.server.id}`)).body.server));
      expect(ends.find(({ status }) => status === 'ACTIVE').addresses).toEqual({});
      expect(ends.find(({ status }) => status === 'ERROR').fault.message).toContain('Failed to allocate the network(s), not rescheduling.');
      expect((await client.call('network', 'GET', `/ports/${portId}`)).body.port).toMatchObject({ device_id: '', status: 'DOWN' });
    } finally {
      await slow.close();
    }
  });
});

describe('Octavia', () => {
  const done = async (by: Client, path: string, body: unknown) => {
    const answer = await by.call('load-balancer', 'POST', path, body);
    await cloud.settled();
    return answer.body;
  };

  it('keeps children PENDING_CREATE for ever that came with their load balancer', async () => {
    const { subnetId } = await userNetwork(demo);
    const listeners = [{ protocol: 'TCP', protocol_port: 80, default_pool: { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } }];
    const { loadbalancer } = await done(demo, '/loadbalancers', { loadbalancer: { vip_subnet_id: subnetId, listeners } });
    const { statuses } = (await demo.call('load-balancer', 'GET', `/loadbalancers/${loadbalancer.id}/status`)).body;
    expect(statuses.loadbalancer).toMatchObject({
      provisioning_status: 'ACTIVE', listeners: [{ provisioning_status: 'PENDING_CREATE', pools: [{ provisioning_status: 'PENDING_CREATE' }] }],
    });
  });

  it('tells the machines who may connect where, and who is behind it; it is ONLINE with a monitor', async () => {
    const { subnetId } = await userNetwork(demo);
    const { loadbalancer } = await done(demo, '/loadbalancers', { loadbalancer: { vip_subnet_id: subnetId } });
    const { listener } = await done(demo, '/listeners', { listener: { protocol: 'TCP', protocol_port: 6443, loadbalancer_id: loadbalancer.id, allowed_cidrs: ['10.0.0.0/8'] } });
    const { pool } = await done(demo, '/pools', { pool: { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', listener_id: listener.id } });
    await done(demo, `/pools/${pool.id}/members`, { member: { address: '10.10.0.10', protocol_port: 6443, subnet_id: subnetId } });
    await done(demo, '/healthmonitors', { healthmonitor: { type: 'TCP', delay: 5, timeout: 3, max_retries: 3, pool_id: pool.id } });
    expect(cloud.loadBalancers().find(({ id }) => id === loadbalancer.id)?.listeners[0]).toMatchObject({
      port: 6443, allowedCidrs: ['10.0.0.0/8'], members: [{ address: '10.10.0.10' }],
    });
    expect((await demo.call('load-balancer', 'GET', `/loadbalancers/${loadbalancer.id}`)).body.loadbalancer.operating_status).toBe('ONLINE');
  });
});
