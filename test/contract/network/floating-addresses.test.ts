// Source: Networking API v2.0, floating IPs (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { externalNetwork, makeFloatingIp, makeNetwork, makePort, makeRouter, whenDone } from '../things.ts';

const actors = useActors();
let own: { networkId: string; subnetId: string };
let externalId: string;
beforeAll(async () => {
  own = await makeNetwork(actors.platform);
  ({ externalId } = await makeRouter(actors.platform, own.subnetId));
});

const allot = (more: Partial<neutron.FloatingIpCreate> = {}) => makeFloatingIp(actors.platform, { floating_network_id: externalId, ...more });
const servicePort = () => makePort(actors.platform, { network_id: own.networkId });

describe('a floating address', () => {
  it('is marked by its description in the create, and found by it', async () => {
    const description = uniqueName('mark');
    const { id, floating_ip_address } = await allot({ description, project_id: actors.serviceProjectId });
    expect(floating_ip_address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await neutron.listFloatingIps(actors.platform.session, { description, project_id: actors.serviceProjectId })).toMatchObject([{ id, port_id: null, status: 'DOWN' }]);
  });

  it('has no name and takes no tags in the create', async () => {
    for (const wrong of [{ name: 'x' }, { tags: ['x'] }]) {
      expect(await actors.platform.call('network', 'POST', '/floatingips', { floatingip: { floating_network_id: externalId, ...wrong } })).toMatchObject({ status: 400 });
    }
  });

  it('is tied to a port behind a router, and let go again', async () => {
    const { session } = actors.platform;
    const port = await servicePort();
    const { id } = await allot();
    expect(await neutron.updateFloatingIp(session, id, { port_id: port.id })).toMatchObject({ port_id: port.id, fixed_ip_address: port.fixed_ips[0]!.ip_address });
    expect(await neutron.listFloatingIps(session, { port_id: [port.id] })).toMatchObject([{ id }]);
    expect(await neutron.updateFloatingIp(session, id, { port_id: null })).toMatchObject({ port_id: null, fixed_ip_address: null });
  });

  it('is one for each address of a port', async () => {
    const port = await servicePort();
    await allot({ port_id: port.id });
    await expect(allot({ port_id: port.id })).rejects.toMatchObject({ status: 409, type: 'FloatingIPPortAlreadyAssociated' });
  });

  it('cannot reach a port that no router leads to', async () => {
    const { networkId } = await makeNetwork(actors.platform, '10.60.0.0/24');
    const port = await makePort(actors.platform, { network_id: networkId });
    await expect(allot({ port_id: port.id })).rejects.toMatchObject({ status: 404, type: 'ExternalGatewayForFloatingIPNotFound' });
  });

  it('keeps the interface of the router it is reached through, and the gateway', async () => {
    const { session } = actors.platform;
    const port = await servicePort();
    const { router_id: routerId } = await allot({ port_id: port.id });
    await expect(neutron.removeRouterInterface(session, routerId!, { subnet_id: own.subnetId })).rejects.toMatchObject({ status: 409, type: 'RouterInterfaceInUseByFloatingIP' });
    await expect(neutron.updateRouter(session, routerId!, { external_gateway_info: null })).rejects.toMatchObject({ status: 409, type: 'RouterExternalGatewayInUseByFloatingIp' });
  });

  it('outlives its port', async () => {
    const { session } = actors.platform;
    const port = await servicePort();
    const { id } = await allot({ port_id: port.id });
    await neutron.deletePort(session, port.id);
    expect(await neutron.getFloatingIp(session, id)).toMatchObject({ port_id: null, status: 'DOWN' });
  });

  it('of the service project ties a port that it has on the user\'s network, behind the user\'s router', async () => {
    const users = await makeNetwork(actors.user, '10.61.0.0/24');
    const { routerId } = await makeRouter(actors.user, users.subnetId);
    const port = await makePort(actors.platform, { network_id: users.networkId, project_id: actors.serviceProjectId });
    expect(await allot({ port_id: port.id })).toMatchObject({ router_id: routerId, port_id: port.id, project_id: actors.serviceProjectId });
  });

  it('deleted twice is no error', async () => {
    const { session } = actors.platform;
    const { id } = await allot();
    await neutron.deleteFloatingIp(session, id);
    await neutron.deleteFloatingIp(session, id);
    expect(await neutron.getFloatingIp(session, id)).toBeUndefined();
  });
});

describe('an address of one\'s choice', () => {
  it('is an administrator\'s to take', async () => {
    const { floating_ip_address } = await allot();
    const body = { floatingip: { floating_network_id: externalId, floating_ip_address } };
    expect(await actors.user.call('network', 'POST', '/floatingips', body)).toMatchObject({ status: 403, error: { type: 'PolicyNotAuthorized' } });
    expect(await actors.admin.call('network', 'POST', '/floatingips', body)).toMatchObject({ status: 409, error: { type: 'IpAddressAlreadyAllocated' } });
  });

  it('that is free again can be had again by Moorage: certificates name it', async () => {
    const { session } = actors.platform;
    const { id, floating_ip_address } = await allot();
    await neutron.deleteFloatingIp(session, id);
    expect((await allot({ floating_ip_address, project_id: actors.serviceProjectId })).floating_ip_address).toBe(floating_ip_address);
  });
});

describe('an address of the user\'s project', () => {
  it('is seen and removed by Moorage, when its cluster goes', async () => {
    const { id } = await neutron.createFloatingIp(actors.user.session, { floating_network_id: await externalNetwork(actors.user) });
    whenDone(() => neutron.deleteFloatingIp(actors.user.session, id));
    expect(await neutron.listFloatingIps(actors.platform.session, { project_id: actors.userProjectId })).toContainEqual(expect.objectContaining({ id }));
    await neutron.deleteFloatingIp(actors.platform.session, id);
    expect(await neutron.getFloatingIp(actors.user.session, id)).toBeUndefined();
  });

  it('is neither seen nor removed by another ordinary project', async () => {
    const { id } = await allot();
    expect(await actors.user.call('network', 'GET', `/floatingips/${id}`)).toMatchObject({ status: 404 });
    expect(await actors.user.call('network', 'DELETE', `/floatingips/${id}`)).toMatchObject({ status: 404 });
  });
});
