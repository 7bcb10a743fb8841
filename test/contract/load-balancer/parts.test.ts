// Source: Load Balancer API v2: listeners, pools, members, monitors (docs.openstack.org/api-ref/load-balancer/v2), and what a
// Zed Octavia answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as octavia from '../../../layers/openstack/octavia.ts';
import { useActors } from '../actors.ts';
import { makeLoadBalancer, makeNetwork, settled } from '../things.ts';

const actors = useActors();
let own: { networkId: string; subnetId: string };
let users: { networkId: string; subnetId: string };
let balancerId: string;
let port = 6_000;
beforeAll(async () => {
  own = await makeNetwork(actors.platform);
  users = await makeNetwork(actors.user, '10.30.0.0/24');
  balancerId = (await makeLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId })).id;
});

const done = () => settled(actors.platform, balancerId);
/** On a port of its own, with nothing behind it; goes with the load balancer. */
async function makeListener(more: object = {}): Promise<octavia.Listener> {
  const listener = await octavia.createListener(actors.platform.session, {
    name: 'l', loadbalancer_id: balancerId, protocol: 'TCP', protocol_port: port++, ...more,
  });
  await done();
  return listener;
}
async function makePool(): Promise<octavia.Pool> {
  const pool = await octavia.createPool(actors.platform.session, { name: 'p', listener_id: (await makeListener()).id, protocol: 'TCP', lb_algorithm: 'LEAST_CONNECTIONS' });
  await done();
  return pool;
}

describe('a listener', () => {
  it('has its port alone on its load balancer: another is 409, and breaks nothing', async () => {
    const { session } = actors.platform;
    const body = { name: 'api', loadbalancer_id: balancerId, protocol: 'TCP', protocol_port: 6443, tags: ['moorage=x'] } as const;
    const { id } = await makeListener({ ...body, allowed_cidrs: ['192.0.2.0/24'], timeout_client_data: 300_000 });
    await expect(octavia.createListener(session, { ...body, tags: [...body.tags] })).rejects.toMatchObject({ status: 409, quota: false, message: expect.stringContaining('6443') });
    await done();
    expect(await octavia.listListeners(session, { loadbalancer_id: balancerId, protocol_port: 6443 })).toMatchObject([
      { id, allowed_cidrs: ['192.0.2.0/24'], timeout_client_data: 300_000, tags: ['moorage=x'], loadbalancers: [{ id: balancerId }] },
    ]);
  });

  it('is immutable with its load balancer while one of both is PENDING', async () => {
    const { session } = actors.platform;
    const listener = await octavia.createListener(session, { name: 'l', loadbalancer_id: balancerId, protocol: 'TCP', protocol_port: port++ });
    expect(listener.provisioning_status).toBe('PENDING_CREATE');
    await expect(octavia.updateListener(session, listener.id, { timeout_client_data: 1_000 })).rejects.toMatchObject({ status: 409, type: 'Client' });
    await done();
    expect(await octavia.getListener(session, listener.id)).toMatchObject({ provisioning_status: 'ACTIVE' });
  });

  it('lets in whom it is told to, and everybody with null', async () => {
    const { session } = actors.platform;
    const { id } = await makeListener({ allowed_cidrs: ['192.0.2.0/24'] });
    await octavia.updateListener(session, id, { allowed_cidrs: ['192.0.2.0/24', '198.51.100.0/24'] });
    await done();
    expect((await octavia.getListener(session, id))!.allowed_cidrs!.toSorted()).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    await octavia.updateListener(session, id, { allowed_cidrs: null });
    await done();
    expect((await octavia.getListener(session, id))!.allowed_cidrs).toBeNull();
  });

  it('deleted twice is no error', async () => {
    const { session } = actors.platform;
    const { id } = await makeListener();
    await octavia.deleteListener(session, id);
    await done();
    await octavia.deleteListener(session, id);
    expect(await octavia.getListener(session, id)).toBeUndefined();
  });

  it('with a pool in its create is an error of Octavia\'s', async () => {
    const listener = { loadbalancer_id: balancerId, protocol: 'TCP', protocol_port: port++, default_pool: { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } };
    expect((await actors.platform.call('load-balancer', 'POST', '/lbaas/listeners', { listener })).status).toBe(500);
    await done();
  });
});

describe('a pool', () => {
  it('is one for each listener', async () => {
    const pool = await makePool();
    const listenerId = (await octavia.getPool(actors.platform.session, pool.id))!.listeners[0]!.id;
    await expect(octavia.createPool(actors.platform.session, { name: 'p', listener_id: listenerId, protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' })).rejects.toMatchObject({ status: 409 });
    await done();
    expect(await octavia.listPools(actors.platform.session, { loadbalancer_id: balancerId })).toContainEqual(expect.objectContaining({ id: pool.id }));
  });

  it('has its monitor, one only; both go, twice without an error', async () => {
    const { session } = actors.platform;
    const pool = await makePool();
    const body = { name: 'm', pool_id: pool.id, type: 'TCP', delay: 5, timeout: 3, max_retries: 2, max_retries_down: 2 } as const;
    const monitor = await octavia.createHealthMonitor(session, body);
    await done();
    expect(await octavia.getHealthMonitor(session, monitor.id)).toMatchObject({ type: 'TCP', delay: 5 });
    await expect(octavia.createHealthMonitor(session, body)).rejects.toMatchObject({ status: 409 });
    await done();
    expect(await octavia.listHealthMonitors(session, { pool_id: pool.id })).toMatchObject([{ id: monitor.id }]);
    expect(await octavia.getPool(session, pool.id)).toMatchObject({ healthmonitor_id: monitor.id });
    for (const remove of [() => octavia.deleteHealthMonitor(session, monitor.id), () => octavia.deletePool(session, pool.id)]) {
      await remove();
      await done();
      await remove();
    }
    expect(await octavia.getPool(session, pool.id)).toBeUndefined();
  });
});

describe('members', () => {
  const member = (address: string) => ({ address, protocol_port: 6443 });

  it('are set as a whole: the others go, those that stay are the same', async () => {
    const { session } = actors.platform;
    const { id } = await makePool();
    const put = async (...addresses: string[]) => {
      await octavia.replaceMembers(session, id, addresses.map(member));
      await done();
      return new Map((await octavia.listMembers(session, id)).map((one) => [one.address, one.id]));
    };
    const before = await put('100.96.0.10', '100.96.0.11');
    expect([...before.keys()].sort()).toEqual(['100.96.0.10', '100.96.0.11']);
    const after = await put('100.96.0.11', '100.96.0.12');
    expect([...after.keys()].sort()).toEqual(['100.96.0.11', '100.96.0.12']);
    expect(after.get('100.96.0.11')).toBe(before.get('100.96.0.11'));
    const added = await actors.platform.call('load-balancer', 'PUT', `/lbaas/pools/${id}/members?additive_only=true`, { members: [member('100.96.0.13')] });
    expect(added.status).toBe(202);
    await done();
    expect(await octavia.listMembers(session, id)).toHaveLength(3);
  });

  it('have their address and port alone in their pool', async () => {
    const { id } = await makePool();
    const add = () => actors.platform.call('load-balancer', 'POST', `/lbaas/pools/${id}/members`, { member: member('100.96.0.10') });
    expect((await add()).status).toBe(201);
    await done();
    expect((await add()).status).toBe(409);
    await done();
  });

  it('name only a subnet that the caller sees, or none', async () => {
    const { session } = actors.platform;
    const { id } = await makePool();
    await expect(octavia.replaceMembers(session, id, [{ ...member('10.30.0.9'), subnet_id: users.subnetId }])).rejects.toMatchObject({
      status: 400, message: `Subnet ${users.subnetId} not found.`,
    });
    await done();
    await octavia.replaceMembers(session, id, [member('10.30.0.9'), { ...member('100.96.0.9'), subnet_id: own.subnetId, name: 'm' }]);
    await done();
    expect(await octavia.listMembers(session, id)).toContainEqual(expect.objectContaining({ address: '100.96.0.9', subnet_id: own.subnetId, name: 'm' }));
  });
});

describe('the status tree', () => {
  it('tells of everything in one call', async () => {
    const { session } = actors.platform;
    const pool = await makePool();
    const listenerId = (await octavia.getPool(session, pool.id))!.listeners[0]!.id;
    await octavia.replaceMembers(session, pool.id, [{ address: '100.96.0.12', protocol_port: 6443, subnet_id: own.subnetId }]);
    await done();
    const monitor = await octavia.createHealthMonitor(session, { pool_id: pool.id, type: 'TCP', delay: 5, timeout: 3, max_retries: 2 });
    await done();
    const tree = (await octavia.getLoadBalancerStatus(session, balancerId))!;
    expect(tree).toMatchObject({ id: balancerId, provisioning_status: 'ACTIVE' });
    expect(tree.listeners.find(({ id }) => id === listenerId)).toMatchObject({
      provisioning_status: 'ACTIVE',
      pools: [{ id: pool.id, name: 'p', health_monitor: { id: monitor.id }, members: [{ address: '100.96.0.12', protocol_port: 6443, provisioning_status: 'ACTIVE' }] }],
    });
  });
});

describe('a load balancer with children', () => {
  it('is deleted only with all of them', async () => {
    await makeListener();
    await expect(octavia.deleteLoadBalancer(actors.platform.session, balancerId)).rejects.toMatchObject({
      status: 400, message: expect.stringContaining('it has children'),
    });
  });

  it('comes in pages, as its children do', async () => {
    await makeListener();
    await makeListener();
    const all = await octavia.listListeners(actors.platform.session, { loadbalancer_id: balancerId });
    const paged = await octavia.listListeners(actors.platform.session, { loadbalancer_id: balancerId, limit: 1 } as object);
    expect(paged.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
  });
});
