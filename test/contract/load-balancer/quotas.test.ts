// Source: Load Balancer API v2, quotas (docs.openstack.org/api-ref/load-balancer/v2), and what a Zed Octavia answered.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as octavia from '../../../layers/openstack/octavia.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { beginLoadBalancer, makeLoadBalancer, makeNetwork } from '../things.ts';

const actors = useActors();
let own: { subnetId: string };
beforeAll(async () => { own = await makeNetwork(actors.platform); });
afterEach(async () => {
  await octavia.deleteQuota(actors.platform.session, actors.serviceProjectId);
  await neutron.deleteQuota(actors.platform.session, actors.serviceProjectId);
});
const set = (quota: Partial<octavia.Quota>) => octavia.updateQuota(actors.platform.session, actors.serviceProjectId, quota);

describe('a quota of Octavia', () => {
  it('is set by Moorage, and goes back to the cloud\'s own', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    const before = await octavia.getQuota(session, serviceProjectId);
    expect(await set({ load_balancer: 2, listener: 4, pool: 4, member: 12, health_monitor: 4 })).toMatchObject({ load_balancer: 2, member: 12 });
    expect(await octavia.getQuota(session, serviceProjectId)).toMatchObject({ load_balancer: 2, listener: 4 });
    await octavia.deleteQuota(session, serviceProjectId);
    expect(await octavia.getQuota(session, serviceProjectId)).toEqual(before);
  });

  it('that is spent is 403', async () => {
    await set({ load_balancer: 0 });
    await expect(beginLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId })).rejects.toMatchObject({
      service: 'load-balancer', status: 403, quota: true, message: 'Quota has been met for resources: Load Balancer',
    });
  });

  it('of listeners as well, and the load balancer stays as it is', async () => {
    const { id } = await makeLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId });
    await set({ listener: 0 });
    await expect(octavia.createListener(actors.platform.session, { name: 'l', loadbalancer_id: id, protocol: 'TCP', protocol_port: 1 })).rejects.toMatchObject({ status: 403, quota: true });
    expect(await octavia.getLoadBalancer(actors.platform.session, id)).toMatchObject({ provisioning_status: 'ACTIVE', listeners: [] });
  });

  it('is set by nobody ordinary, and read by its own project', async () => {
    const path = `/lbaas/quotas/${actors.serviceProjectId}`;
    expect((await actors.member.call('load-balancer', 'GET', path)).status).toBe(200);
    expect((await actors.member.call('load-balancer', 'PUT', path, { quota: { load_balancer: 9 } })).status).toBe(403);
    expect((await actors.user.call('load-balancer', 'PUT', path, { quota: { load_balancer: 9 } })).status).toBe(403);
  });
});

describe('a quota of ports', () => {
  it('is met by Octavia with 500, and nothing is made', async () => {
    const { session } = actors.platform;
    await neutron.updateQuota(session, actors.serviceProjectId, { port: 0 });
    const name = uniqueName('lb');
    await expect(beginLoadBalancer(actors.platform, { name, vip_subnet_id: own.subnetId })).rejects.toMatchObject({
      status: 500, quota: true, message: expect.stringContaining('Quota exceeded for resources: [\'port\']'),
    });
    expect(await octavia.listLoadBalancers(session, { name })).toEqual([]);
  });
});
