import { afterAll, beforeAll, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as octavia from '../../../layers/openstack/octavia.ts';
import { describeOnCloud, eventually, until, useProject } from './cloud.ts';

describeOnCloud('Octavia', () => {
  const mine = useProject();
  const made = { network: '', subnet: '', loadBalancer: '', listener: '', pool: '', monitor: '' };
  const settled = (): Promise<void> => eventually(async () => (
    (await octavia.getLoadBalancer(mine.session, made.loadBalancer))?.provisioning_status
  )).toBe('ACTIVE');

  beforeAll(async () => {
    const { session } = mine;
    made.network = (await neutron.createNetwork(session, { name: 'n' })).id;
    made.subnet = (
      await neutron.createSubnet(session, { name: 's', network_id: made.network, ip_version: 4, cidr: '100.96.0.0/20' })
    ).id;
  });
  afterAll(async () => {
    const { session, project } = mine;
    for (const { id } of await octavia.listLoadBalancers(session, { project_id: project.id }))
      await octavia.deleteLoadBalancer(session, id, { cascade: true });
    await until(async () => (await octavia.listLoadBalancers(session, { project_id: project.id })).length === 0);
    for (const { id } of await neutron.listPorts(session, { network_id: made.network }))
      await neutron.deletePort(session, id);
    await neutron.deleteNetwork(session, made.network);
    for (const { id } of await neutron.listSecurityGroups(session, { project_id: project.id }))
      await neutron.deleteSecurityGroup(session, id);
  });

  it('load balancer at an address of our choice, found by it and by tag', async () => {
    const { session, project } = mine;
    const body = {
      name: 'moorage-x-api',
      vip_subnet_id: made.subnet,
      vip_address: '100.96.0.5',
      tags: ['moorage=x', 'api'],
    };
    const created = await octavia.createLoadBalancer(session, body);
    made.loadBalancer = created.id;
    expect(created).toMatchObject({
      provisioning_status: 'PENDING_CREATE',
      vip_address: '100.96.0.5',
      project_id: project.id,
    });
    await expect(octavia.createLoadBalancer(session, body)).rejects.toMatchObject({
      service: 'load-balancer', status: 500, quota: false, message: expect.stringContaining('100.96.0.5'),
    });
    await settled();
    expect(await octavia.listLoadBalancers(session, { tags: 'moorage=x,api' })).toContainEqual(
      expect.objectContaining({ id: created.id }),
    );
    expect(
      await octavia.listLoadBalancers(session, {
        name: 'moorage-x-api',
        vip_address: '100.96.0.5',
        project_id: project.id,
      }),
    ).toHaveLength(1);
    expect(await octavia.updateLoadBalancer(session, created.id, { description: 'changed' })).toMatchObject({
      description: 'changed',
    });
    await settled();
  });

  it('listener', async () => {
    const { session } = mine;
    const body = {
      loadbalancer_id: made.loadBalancer,
      name: 'api',
      protocol: 'TCP',
      protocol_port: 6443,
      allowed_cidrs: ['192.0.2.0/24'],
    } as const;
    const listener = await octavia.createListener(session, {
      ...body,
      allowed_cidrs: [...body.allowed_cidrs],
      tags: ['moorage=x'],
    });
    made.listener = listener.id;
    // Immutable while PENDING: everything answers 409.
    await expect(octavia.updateListener(session, listener.id, { timeout_client_data: 1000 })).rejects.toMatchObject({
      status: 409,
      type: 'Client',
    });
    await settled();
    await expect(octavia.createListener(session, { ...body, allowed_cidrs: null })).rejects.toMatchObject({
      status: 409,
      quota: false,
    });
    expect(await octavia.updateListener(session, listener.id, { allowed_cidrs: null })).toMatchObject({
      id: listener.id,
    });
    await settled();
    expect(await octavia.listListeners(session, { loadbalancer_id: made.loadBalancer })).toMatchObject([
      { protocol_port: 6443, allowed_cidrs: null },
    ]);
    expect(await octavia.getListener(session, listener.id)).toMatchObject({
      loadbalancers: [{ id: made.loadBalancer }],
    });
  });

  it('pool, members, monitor, and their states in one call', async () => {
    const { session } = mine;
    const pool = await octavia.createPool(session, {
      name: 'api',
      listener_id: made.listener,
      protocol: 'TCP',
      lb_algorithm: 'ROUND_ROBIN',
    });
    made.pool = pool.id;
    await settled();
    await octavia.replaceMembers(
      session,
      pool.id,
      ['100.96.0.10', '100.96.0.11'].map((address) => ({ address, protocol_port: 6443 })),
    );
    await settled();
    expect((await octavia.listMembers(session, pool.id)).map(({ address }) => address).sort()).toEqual([
      '100.96.0.10',
      '100.96.0.11',
    ]);
    await octavia.replaceMembers(session, pool.id, [
      { address: '100.96.0.12', protocol_port: 6443, subnet_id: made.subnet, name: 'm' },
    ]);
    await settled();
    expect(await octavia.listMembers(session, pool.id)).toMatchObject([
      { address: '100.96.0.12', protocol_port: 6443, name: 'm' },
    ]);
    const monitor = await octavia.createHealthMonitor(session, {
      pool_id: pool.id,
      type: 'TCP',
      delay: 5,
      timeout: 3,
      max_retries: 2,
    });
    made.monitor = monitor.id;
    await settled();
    expect(await octavia.listHealthMonitors(session, { pool_id: pool.id })).toMatchObject([
      { id: monitor.id, delay: 5 },
    ]);
    expect(await octavia.getHealthMonitor(session, monitor.id)).toMatchObject({ type: 'TCP' });
    expect(await octavia.listPools(session, { loadbalancer_id: made.loadBalancer })).toMatchObject([
      { id: pool.id, healthmonitor_id: monitor.id },
    ]);
    expect(await octavia.getPool(session, pool.id)).toMatchObject({ listeners: [{ id: made.listener }] });
    expect(await octavia.getLoadBalancerStatus(session, made.loadBalancer)).toMatchObject({
      id: made.loadBalancer,
      provisioning_status: 'ACTIVE',
      listeners: [
        {
          id: made.listener,
          provisioning_status: 'ACTIVE',
          pools: [{ id: pool.id, health_monitor: { id: monitor.id }, members: [{ address: '100.96.0.12' }] }],
        },
      ],
    });
  });

  it('quota, and what a spent one looks like', async () => {
    const { session, project } = mine;
    expect(await octavia.updateQuota(session, project.id, { load_balancer: 1 })).toMatchObject({ load_balancer: 1 });
    expect(await octavia.getQuota(session, project.id)).toMatchObject({ load_balancer: 1 });
    await expect(octavia.createLoadBalancer(session, { name: 'x', vip_subnet_id: made.subnet })).rejects.toMatchObject({
      status: 403, quota: true, message: expect.stringContaining('Load Balancer'),
    });
    await octavia.deleteQuota(session, project.id);
    expect((await octavia.getQuota(session, project.id)).load_balancer).not.toBe(1);
    const { used } = (await neutron.getQuotaDetails(session, project.id)).port!;
    await neutron.updateQuota(session, project.id, { port: used });
    await expect(octavia.createLoadBalancer(session, { name: 'x', vip_subnet_id: made.subnet })).rejects.toMatchObject({
      status: 500,
      quota: true,
    });
    await neutron.deleteQuota(session, project.id);
  });

  it('takes everything away, twice', async () => {
    const { session } = mine;
    await expect(octavia.deleteLoadBalancer(session, made.loadBalancer)).rejects.toMatchObject({ status: 400 });
    const deletes = [
      () => octavia.deleteHealthMonitor(session, made.monitor),
      () => octavia.deletePool(session, made.pool),
      () => octavia.deleteListener(session, made.listener),
    ];
    for (const remove of deletes) {
      await remove();
      await settled();
      await remove();
    }
    await octavia.deleteLoadBalancer(session, made.loadBalancer, { cascade: true });
    await eventually(() => octavia.getLoadBalancer(session, made.loadBalancer)).toBeUndefined();
    await octavia.deleteLoadBalancer(session, made.loadBalancer, { cascade: true });
    expect(await octavia.getLoadBalancerStatus(session, made.loadBalancer)).toBeUndefined();
  });
});
