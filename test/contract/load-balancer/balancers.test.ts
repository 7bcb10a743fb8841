// Source: Load Balancer API v2 (docs.openstack.org/api-ref/load-balancer/v2), and what a Zed Octavia answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as octavia from '../../../layers/openstack/octavia.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { eventually } from '../cloud.ts';
import { beginLoadBalancer, makeLoadBalancer, makeNetwork, makePort, removeLoadBalancer, settled } from '../things.ts';

const actors = useActors();
let own: { networkId: string; subnetId: string };
let users: { networkId: string; subnetId: string };
beforeAll(async () => {
  own = await makeNetwork(actors.platform);
  users = await makeNetwork(actors.user, '10.30.0.0/24');
});
const created = (by: keyof Pick<typeof actors, 'platform' | 'member' | 'user' | 'reader'>, loadbalancer: object) =>
  actors[by].call('load-balancer', 'POST', '/lbaas/loadbalancers', { loadbalancer });

describe('a load balancer', () => {
  it('has the address that was asked for, and is found by it, by name and by all of its tags', async () => {
    const { session } = actors.platform;
    const name = uniqueName('api');
    const begun = await beginLoadBalancer(actors.platform, {
      name, vip_subnet_id: own.subnetId, vip_address: '100.96.0.5', project_id: actors.serviceProjectId, tags: [name, 'api'], description: 'of a cluster',
    });
    expect(begun).toMatchObject({ provisioning_status: 'PENDING_CREATE', vip_address: '100.96.0.5', project_id: actors.serviceProjectId, description: 'of a cluster' });
    await settled(actors.platform, begun.id);
    const found = async (query: octavia.LoadBalancerQuery) => (await octavia.listLoadBalancers(session, query)).map(({ id }) => id);
    expect(await found({ name, project_id: actors.serviceProjectId })).toEqual([begun.id]);
    expect(await found({ tags: `${name},api` })).toEqual([begun.id]);
    expect(await found({ tags: `${name},nothing` })).toEqual([]);
    expect(await found({ 'tags-any': `${name},nothing` })).toEqual([begun.id]);
    expect(await found({ vip_address: '100.96.0.5', project_id: actors.serviceProjectId })).toEqual([begun.id]);

    await expect(octavia.createLoadBalancer(session, { name, vip_subnet_id: own.subnetId, vip_address: '100.96.0.5' })).rejects.toMatchObject({
      service: 'load-balancer', status: 500, quota: false, message: expect.stringContaining('100.96.0.5'),
    });
    expect(await found({ name })).toEqual([begun.id]);
  });

  it('is immutable while it is PENDING: nothing about it can be made, changed or deleted', async () => {
    const { session } = actors.platform;
    const { id } = await beginLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId });
    const listener = { name: 'x', loadbalancer_id: id, protocol: 'TCP', protocol_port: 1 } as const;
    const refused = { service: 'load-balancer', status: 409, quota: false, message: expect.stringMatching(/immutable|Invalid state/) };
    await expect(octavia.createListener(session, listener)).rejects.toMatchObject(refused);
    await expect(octavia.updateLoadBalancer(session, id, { description: 'x' })).rejects.toMatchObject(refused);
    await expect(octavia.deleteLoadBalancer(session, id, { cascade: true })).rejects.toMatchObject(refused);
    await settled(actors.platform, id);
    expect(await octavia.updateLoadBalancer(session, id, { description: 'changed' })).toMatchObject({ description: 'changed', provisioning_status: 'PENDING_UPDATE' });
    // A change of that kind may be over before the next call is there; what is accepted then locks the load balancer itself.
    const next = await octavia.createListener(session, listener).catch((error: unknown) => error);
    if (next instanceof Error) expect(next).toMatchObject(refused);
    else expect(next).toMatchObject({ name: 'x', provisioning_status: 'PENDING_CREATE' });
    await settled(actors.platform, id);
  });

  it('is gone some time after it was deleted; then deleting it again is no error', async () => {
    const { session } = actors.platform;
    const { id, vip_port_id } = await makeLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId });
    const leaving = async (): Promise<string[]> => (await octavia.listLoadBalancers(session, { provisioning_status: 'PENDING_DELETE' })).map((each) => each.id);
    expect(await leaving()).not.toContain(id);
    await octavia.deleteLoadBalancer(session, id, { cascade: true });
    // Whoever has deleted many asks once for all of them.
    const [listed, alone] = [await leaving(), await octavia.getLoadBalancer(session, id)];
    if (alone) expect([alone.provisioning_status, listed]).toEqual(['PENDING_DELETE', expect.arrayContaining([id])]);
    await eventually(() => octavia.getLoadBalancer(session, id)).toBeUndefined();
    expect(await leaving()).not.toContain(id);
    await octavia.deleteLoadBalancer(session, id, { cascade: true });
    expect(await octavia.getLoadBalancerStatus(session, id)).toBeUndefined();
    expect(await neutron.getPort(actors.admin.session, vip_port_id)).toBeUndefined();
  });

  it('may have the name of another', async () => {
    const name = uniqueName('twin');
    for (const _ of [1, 2]) await beginLoadBalancer(actors.platform, { name, vip_subnet_id: own.subnetId });
    expect(await octavia.listLoadBalancers(actors.platform.session, { name })).toHaveLength(2);
  });

  it('is refused attributes and filters that there are not', async () => {
    expect(await created('platform', { vip_subnet_id: own.subnetId, colour: 'red' })).toMatchObject({ status: 400, error: { message: expect.stringContaining('Unknown attribute') } });
    expect((await actors.platform.call('load-balancer', 'GET', '/lbaas/loadbalancers?bogus=1')).status).toBe(400);
  });
});

describe('a VIP', () => {
  it('on the user\'s subnet cannot be had by who does not see the subnet', async () => {
    for (const by of ['platform', 'member'] as const) {
      expect(await created(by, { vip_subnet_id: users.subnetId })).toMatchObject({ status: 400, error: { message: `Subnet ${users.subnetId} not found.` } });
    }
  });

  it('at a port made beforehand on the user\'s network can, and outlives the load balancer', async () => {
    const port = await makePort(actors.platform, { network_id: users.networkId, project_id: actors.serviceProjectId, fixed_ips: [{ subnet_id: users.subnetId }] });
    const made = await makeLoadBalancer(actors.platform, { vip_port_id: port.id, project_id: actors.serviceProjectId });
    expect(made).toMatchObject({ vip_port_id: port.id, vip_address: port.fixed_ips[0]!.ip_address, vip_subnet_id: users.subnetId, project_id: actors.serviceProjectId });
    const there = await neutron.listPorts(actors.user.session, { network_id: users.networkId });
    expect(there.find(({ id }) => id === port.id)).toMatchObject({ project_id: actors.serviceProjectId });
    const vrrp = there.find(({ name }) => name.startsWith('octavia-lb-vrrp-'))!;
    expect([actors.serviceProjectId, actors.userProjectId]).not.toContain(vrrp.project_id);
    expect((await actors.user.call('load-balancer', 'GET', `/lbaas/loadbalancers/${made.id}`)).status).toBe(403);
    await removeLoadBalancer(actors.platform, made.id);
    expect(await neutron.getPort(actors.platform.session, port.id)).toMatchObject({ id: port.id });
    expect((await neutron.listPorts(actors.user.session, { network_id: users.networkId })).map(({ id }) => id)).toEqual([port.id]);
  });

  it('at a port is no key: two may share one', async () => {
    const port = await makePort(actors.platform, { network_id: own.networkId });
    const [one, two] = [await beginLoadBalancer(actors.platform, { vip_port_id: port.id }), await beginLoadBalancer(actors.platform, { vip_port_id: port.id })];
    expect(one.vip_port_id).toBe(two.vip_port_id);
  });

  it('that Octavia makes is a port of the load balancer\'s project, which names it', async () => {
    const { id, vip_port_id } = await makeLoadBalancer(actors.platform, { vip_subnet_id: own.subnetId });
    expect(await neutron.getPort(actors.platform.session, vip_port_id)).toMatchObject({
      name: `octavia-lb-${id}`, device_owner: 'Octavia', project_id: actors.serviceProjectId,
    });
  });
});

describe('who may', () => {
  it('read and write: who has a load-balancer role, in the project', async () => {
    expect((await actors.reader.call('load-balancer', 'GET', '/lbaas/loadbalancers')).status).toBe(403);
    expect(await created('reader', { vip_subnet_id: users.subnetId })).toMatchObject({ status: 403 });
    expect((await actors.user.call('load-balancer', 'GET', '/lbaas/loadbalancers')).body.loadbalancers).toEqual([]);
    expect((await actors.user.call('load-balancer', 'GET', `/lbaas/loadbalancers?project_id=${actors.serviceProjectId}`)).status).toBe(403);
  });

  it('see and remove load balancers of the user\'s project: Moorage, when their cluster goes', async () => {
    const { id } = await makeLoadBalancer(actors.user, { vip_subnet_id: users.subnetId });
    expect((await octavia.listLoadBalancers(actors.platform.session, { project_id: actors.userProjectId })).map((one) => one.id)).toEqual([id]);
    expect((await actors.member.call('load-balancer', 'GET', `/lbaas/loadbalancers/${id}`)).status).toBe(403);
    await octavia.deleteLoadBalancer(actors.platform.session, id, { cascade: true });
    await eventually(() => octavia.getLoadBalancer(actors.user.session, id)).toBeUndefined();
  });
});
