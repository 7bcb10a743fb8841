// Source: what a real Zed answered, facts d, f, g, i and j.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { login, makeNetwork, makePort, serviceProject, userNetwork, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
let service: Awaited<ReturnType<typeof serviceProject>>;
let own: { networkId: string; subnetId: string };
let users: { networkId: string; subnetId: string };

beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
  service = await serviceProject(cloud, 'balancers');
  own = await makeNetwork(service.member, 'own', '100.96.0.0/20');
  users = await userNetwork(demo);
});
afterAll(() => cloud.close());

const balancer = (by: Client, more: object) =>
  by.call('load-balancer', 'POST', '/loadbalancers', { loadbalancer: { name: 'lb', ...more } });
/** A call, and everything it sets in motion. */
const done = async (by: Client, method: string, path: string, body?: unknown) => {
  const answer = await by.call('load-balancer', method, path, body);
  await cloud.settled();
  return answer;
};
const read = async (path: string) => (await service.member.call('load-balancer', 'GET', path)).body;

async function active(more: object = {}): Promise<string> {
  const { body } = await balancer(service.member, { vip_subnet_id: own.subnetId, ...more });
  await cloud.settled();
  return body.loadbalancer.id;
}

describe('a load balancer', () => {
  it('gets listener, pool, members and monitor one by one, and goes with all of them', async () => {
    const id = await active({ vip_address: '100.96.0.5', tags: ['moorage=1'] });
    const { loadbalancer } = await read(`/loadbalancers/${id}`);
    expect(loadbalancer).toMatchObject({ provisioning_status: 'ACTIVE', operating_status: 'ONLINE',
      vip_address: '100.96.0.5', tags: ['moorage=1'] });
    const listener = { name: 'api', protocol: 'TCP', protocol_port: 6443, loadbalancer_id: id,
      allowed_cidrs: ['10.0.0.0/8'] };
    const { listener: l } = (await done(service.member, 'POST', '/listeners', { listener })).body;
    const pool = { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', listener_id: l.id };
    const { pool: p } = (await done(service.member, 'POST', '/pools', { pool })).body;
    const addresses = ['100.96.0.10', '100.96.0.11'];
    const members = addresses.map((address) => ({ address, protocol_port: 6443, subnet_id: own.subnetId }));
    expect((await done(service.member, 'PUT', `/pools/${p.id}/members`, { members })).status).toBe(202);
    const monitor = { type: 'TCP', delay: 5, timeout: 3, max_retries: 3, pool_id: p.id };
    await done(service.member, 'POST', '/healthmonitors', { healthmonitor: monitor });

    const { statuses } = await read(`/loadbalancers/${id}/status`);
    const [seen] = statuses.loadbalancer.listeners;
    expect(seen).toMatchObject({ id: l.id, provisioning_status: 'ACTIVE',
      pools: [{ id: p.id, health_monitor: { type: 'TCP' } }] });
    expect(seen.pools[0].members.map((member: { address: string }) => member.address)).toEqual(addresses);
    expect(cloud.loadBalancers().find((one) => one.id === id)?.listeners[0]).toMatchObject({
      port: 6443, allowedCidrs: ['10.0.0.0/8'], members: [{ address: '100.96.0.10' }, { address: '100.96.0.11' }],
    });

    const plain = await service.member.call('load-balancer', 'DELETE', `/loadbalancers/${id}`);
    expect(plain.body.faultstring).toBe(`Validation failure: Cannot delete Load Balancer ${id} - it has children`);
    expect((await done(service.member, 'DELETE', `/loadbalancers/${id}?cascade=true`)).status).toBe(204);
    for (const path of [`/loadbalancers/${id}`, `/listeners/${l.id}`, `/pools/${p.id}`]) {
      expect((await service.member.call('load-balancer', 'GET', path)).status).toBe(404);
    }
    const { ports } = (await service.platform.call('network', 'GET', `/ports?network_id=${own.networkId}`)).body;
    expect(ports).toEqual([]);
  });

  it('is immutable while it is PENDING', async () => {
    const slow = await startCloud({ scale: 1, latencies: { loadBalancerMs: 3_600_000 } });
    try {
      const client = await login(slow.authUrl, slow.credentials.demo);
      const { id, provisioning_status: status } = (await balancer(client, { vip_subnet_id: (await userNetwork(client))
        .subnetId })).body.loadbalancer;
      expect(status).toBe('PENDING_CREATE');
      const listener = await client.call('load-balancer', 'POST', '/listeners', {
        listener: { protocol: 'TCP', protocol_port: 1, loadbalancer_id: id },
      });
      expect([listener.status, listener.body.faultstring])
        .toEqual([409, `Load Balancer ${id} is immutable and cannot be updated.`]);
      const removal = await client.call('load-balancer', 'DELETE', `/loadbalancers/${id}?cascade=true`);
      expect([removal.status, removal.body.faultstring])
        .toEqual([409, `Invalid state PENDING_CREATE of loadbalancer resource ${id}`]);
    } finally {
      await slow.close();
    }
  });

  it('created with its children keeps them PENDING_CREATE for ever (j)', async () => {
    const id = await active({
      listeners: [{ protocol: 'TCP', protocol_port: 80,
        default_pool: { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } }],
    });
    const { statuses } = await read(`/loadbalancers/${id}/status`);
    expect(statuses.loadbalancer).toMatchObject({
      provisioning_status: 'ACTIVE',
      listeners: [{ provisioning_status: 'PENDING_CREATE', pools: [{ provisioning_status: 'PENDING_CREATE' }] }],
    });
  });
});

describe('natural keys (f, i)', () => {
  it('are address, listener port and member', async () => {
    const id = await active({ vip_address: '100.96.0.6' });
    const taken = await balancer(service.member, { vip_subnet_id: own.subnetId, vip_address: '100.96.0.6' });
    expect(taken.status).toBe(500);
    expect(taken.body.faultstring)
      .toContain(`Provider 'amphora' reports error: IP address 100.96.0.6 already allocated in subnet ${own.subnetId}`);
    expect((await read('/loadbalancers?vip_address=100.96.0.6&fields=id')).loadbalancers).toEqual([{ id }]);

    const listener = { protocol: 'TCP', protocol_port: 6443, loadbalancer_id: id };
    const { listener: l } = (await done(service.member, 'POST', '/listeners', { listener })).body;
    const twice = await done(service.member, 'POST', '/listeners', { listener });
    expect([twice.status, twice.body.faultstring])
      .toEqual([409, 'Another Listener on this Load Balancer is already using protocol TCP and protocol_port 6443']);
    expect((await read(`/loadbalancers/${id}`)).loadbalancer.provisioning_status).toBe('ACTIVE');
    const pool = { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', listener_id: l.id };
    const { pool: p } = (await done(service.member, 'POST', '/pools', { pool })).body;
    expect((await done(service.member, 'POST', '/pools', { pool })).status).toBe(409);
    const member = { address: '100.96.0.10', protocol_port: 6443 };
    await done(service.member, 'POST', `/pools/${p.id}/members`, { member });
    expect((await done(service.member, 'POST', `/pools/${p.id}/members`, { member })).status).toBe(409);
  });

  it('do not include the VIP port: two may share one', async () => {
    const vip_port_id = await makePort(service.admin, own.networkId);
    const both = await Promise.all([1, 2].map(() => balancer(service.member, { vip_port_id })));
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    await cloud.settled();
    for (const { body } of both) await done(service.member, 'DELETE', `/loadbalancers/${body.loadbalancer.id}`);
    expect((await service.member.call('network', 'GET', `/ports/${vip_port_id}`)).status).toBe(200);
  });
});

describe('members (f)', () => {
  it('put as a set replace the others, unless they are only added', async () => {
    const id = await active();
    const pool = { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', loadbalancer_id: id };
    const { pool: p } = (await done(service.member, 'POST', '/pools', { pool })).body;
    const path = `/pools/${p.id}/members`;
    const put = (addresses: string[], query = '') => done(service.member, 'PUT', path + query, {
      members: addresses.map((address) => ({ address, protocol_port: 1 })),
    });
    const addresses = async () => (await read(path)).members.map((one: { address: string }) => one.address).sort();
    await put(['10.0.0.1', '10.0.0.2']);
    const before = (await read(path)).members.find((one: { address: string }) => one.address === '10.0.0.2').id;
    await put(['10.0.0.2', '10.0.0.3']);
    expect(await addresses()).toEqual(['10.0.0.2', '10.0.0.3']);
    expect((await read(path)).members.map((one: { id: string }) => one.id)).toContain(before);
    await put(['10.0.0.4'], '?additive_only=true');
    expect(await addresses()).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4']);
  });

  it('name only subnets the caller sees (d)', async () => {
    const id = await active();
    const pool = { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', loadbalancer_id: id };
    const { pool: p } = (await done(service.member, 'POST', '/pools', { pool })).body;
    const add = (subnet_id: object) => done(service.member, 'POST', `/pools/${p.id}/members`, {
      member: { address: '10.10.0.9', protocol_port: 1, ...subnet_id },
    });
    const refused = await add({ subnet_id: users.subnetId });
    expect([refused.status, refused.body.faultstring]).toEqual([400, `Subnet ${users.subnetId} not found.`]);
    expect((await add({})).status).toBe(201);
  });
});

describe('on the user\'s network (d)', () => {
  it('a VIP belongs to the service project, and the user sees its port', async () => {
    const refused = await balancer(service.member, { vip_subnet_id: users.subnetId });
    expect([refused.status, refused.body.faultstring]).toEqual([400, `Subnet ${users.subnetId} not found.`]);
    const { loadbalancer } = (await balancer(service.admin, { vip_subnet_id: users.subnetId })).body;
    await cloud.settled();
    const { port } = (await demo.call('network', 'GET', `/ports/${loadbalancer.vip_port_id}`)).body;
    expect(port).toMatchObject({ project_id: service.id, device_owner: 'Octavia',
      name: `octavia-lb-${loadbalancer.id}` });
    const { ports } = (await demo.call('network', 'GET', `/ports?network_id=${users.networkId}`)).body;
    const vrrp = ports.find((one: { name: string }) => one.name.startsWith('octavia-lb-vrrp-'));
    expect(vrrp.project_id).not.toBe(service.id);
    expect((await demo.call('load-balancer', 'GET', `/loadbalancers/${loadbalancer.id}`)).status).toBe(403);
    await done(service.admin, 'DELETE', `/loadbalancers/${loadbalancer.id}`);
  });

  it('a VIP port made beforehand needs no RBAC', async () => {
    const vip_port_id = await makePort(service.admin, users.networkId, { project_id: service.id });
    const made = await balancer(service.member, { vip_port_id });
    expect(made.status).toBe(201);
    await cloud.settled();
    await done(service.member, 'DELETE', `/loadbalancers/${made.body.loadbalancer.id}`);
    await service.admin.call('network', 'DELETE', `/ports/${vip_port_id}`);
  });
});

describe('who may', () => {
  it('needs a load-balancer role', async () => {
    const viewer = await login(cloud.authUrl, cloud.credentials.viewer);
    const answer = await viewer.call('load-balancer', 'GET', '/loadbalancers');
    expect([answer.status, answer.body.faultstring])
      .toEqual([403, 'Policy does not allow this request to be performed.']);
    expect((await demo.call('load-balancer', 'GET', '/loadbalancers')).status).toBe(200);
  });
});

describe('quotas (g)', () => {
  it('refuse with 403, and the port quota as the provider\'s error', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'thrifty');
    const { subnetId } = await makeNetwork(member, 'n', '10.7.0.0/24');
    expect((await admin.call('load-balancer', 'PUT', `/quotas/${id}`, { quota: { load_balancer: 0 } })).status)
      .toBe(202);
    const over = await balancer(member, { vip_subnet_id: subnetId });
    expect([over.status, over.body.faultstring]).toEqual([403, 'Quota has been met for resources: Load Balancer']);
    await admin.call('load-balancer', 'PUT', `/quotas/${id}`, { quota: { load_balancer: -1 } });
    await admin.call('network', 'PUT', `/quotas/${id}`, { quota: { port: 0 } });
    const port = await balancer(member, { vip_subnet_id: subnetId });
    expect(port.status).toBe(500);
    expect(port.body.faultstring)
      .toContain('Provider \'amphora\' reports error: Quota exceeded for resources: [\'port\'].');
    expect((await member.call('load-balancer', 'GET', '/loadbalancers')).body.loadbalancers).toEqual([]);
  });
});

describe('lists (f)', () => {
  it('filter by tags, all of them or any', async () => {
    const id = await active({ tags: ['a', 'b'] });
    const ids = async (query: string) => (await read(`/loadbalancers?fields=id&${query}`)).loadbalancers;
    expect(await ids('tags=a,b')).toEqual([{ id }]);
    expect(await ids('tags=a&tags=c')).toEqual([]);
    expect(await ids('tags-any=a,c')).toEqual([{ id }]);
    expect((await service.member.call('load-balancer', 'GET', '/loadbalancers?bogus=1')).status).toBe(400);
  });
});
