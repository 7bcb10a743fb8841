// Source: Networking API v2.0 (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { makeNetwork, makePort, makeRouter, whenDone } from '../things.ts';

const actors = useActors();

describe('a network', () => {
  it('is made without tags, found by name and project, and changed', async () => {
    const { session } = actors.platform;
    const name = uniqueName('network');
    const { serviceProjectId: project_id } = actors;
    const network = await neutron.createNetwork(session, { name, description: 'first', project_id });
    whenDone(() => neutron.deleteNetwork(session, network.id));
    expect(network).toMatchObject({ name, project_id, tags: [], mtu: expect.any(Number), subnets: [] });
    expect(await neutron.listNetworks(session, { name, project_id })).toMatchObject([{ id: network.id }]);
    expect(await neutron.updateNetwork(session, network.id, { description: 'second' })).toMatchObject({ description: 'second' });
    expect(await neutron.getNetwork(session, network.id)).toMatchObject({ id: network.id, description: 'second' });
  });

  it('may have the name of another', async () => {
    const { session } = actors.platform;
    const name = uniqueName('twin');
    for (const _ of [1, 2]) {
      const { id } = await neutron.createNetwork(session, { name });
      whenDone(() => neutron.deleteNetwork(session, id));
    }
    expect(await neutron.listNetworks(session, { name })).toHaveLength(2);
  });

  it('takes its subnets along, and deleted twice is no error', async () => {
    const { session } = actors.platform;
    const { networkId, subnetId } = await makeNetwork(actors.platform);
    await neutron.deleteNetwork(session, networkId);
    await neutron.deleteNetwork(session, networkId);
    expect(await neutron.getNetwork(session, networkId)).toBeUndefined();
    expect(await neutron.getSubnet(session, subnetId)).toBeUndefined();
  });

  it('stays while a port is on it, and so does its subnet', async () => {
    const { networkId, subnetId } = await makeNetwork(actors.platform);
    await makePort(actors.platform, { network_id: networkId });
    await expect(neutron.deleteNetwork(actors.platform.session, networkId)).rejects.toMatchObject({ service: 'network', status: 409, type: 'NetworkInUse' });
    await expect(neutron.deleteSubnet(actors.platform.session, subnetId)).rejects.toMatchObject({ status: 409, type: 'SubnetInUse' });
  });
});

describe('a subnet', () => {
  it('has gateway, pool and name servers as they were asked for, and no DHCP ports without DHCP', async () => {
    const { session } = actors.platform;
    const { id: network_id } = await neutron.createNetwork(session, { name: uniqueName('network') });
    whenDone(() => neutron.deleteNetwork(session, network_id));
    const subnet = await neutron.createSubnet(session, {
      name: 's', network_id, ip_version: 4, cidr: '100.96.0.0/20', gateway_ip: '100.96.0.1', enable_dhcp: false,
      dns_nameservers: ['192.0.2.53'], allocation_pools: [{ start: '100.96.8.0', end: '100.96.15.254' }],
    });
    expect(subnet).toMatchObject({
      gateway_ip: '100.96.0.1', enable_dhcp: false, dns_nameservers: ['192.0.2.53'], allocation_pools: [{ start: '100.96.8.0', end: '100.96.15.254' }],
    });
    expect(await neutron.listPorts(session, { network_id })).toEqual([]);
    expect(await neutron.updateSubnet(session, subnet.id, { dns_nameservers: [] })).toMatchObject({ dns_nameservers: [] });
    expect(await neutron.listSubnets(session, { network_id })).toMatchObject([{ id: subnet.id, cidr: '100.96.0.0/20' }]);
    expect(await neutron.getSubnet(session, subnet.id)).toMatchObject({ network_id });
    const port = await makePort(actors.platform, { network_id });
    expect(port.fixed_ips[0]!.ip_address).toMatch(/^100\.96\.(8|9|1[0-5])\./);
  });

  it('overlaps no other of its network', async () => {
    const { networkId: network_id } = await makeNetwork(actors.platform);
    await expect(neutron.createSubnet(actors.platform.session, { name: 's', network_id, ip_version: 4, cidr: '100.96.1.0/24' }))
      .rejects.toMatchObject({ status: 400, type: 'InvalidInput', message: expect.stringContaining('overlaps') });
  });
});

describe('a router', () => {
  it('has a gateway to the outside, and an interface that is a port with the gateway\'s address', async () => {
    const { session } = actors.platform;
    const { subnetId } = await makeNetwork(actors.platform);
    const { routerId, externalId } = await makeRouter(actors.platform, subnetId);
    expect(await neutron.getRouter(session, routerId)).toMatchObject({ external_gateway_info: { network_id: externalId, external_fixed_ips: [expect.anything()] } });
    expect(await neutron.listPorts(session, { device_id: routerId, device_owner: 'network:router_interface', fixed_ips: 'ip_address=100.96.0.1' }))
      .toMatchObject([{ project_id: actors.serviceProjectId }]);
    expect(await neutron.updateRouter(session, routerId, { description: 'changed' })).toMatchObject({ description: 'changed' });
  });

  it('takes an interface on a subnet once', async () => {
    const { subnetId } = await makeNetwork(actors.platform);
    const { routerId } = await makeRouter(actors.platform, subnetId);
    await expect(neutron.addRouterInterface(actors.platform.session, routerId, { subnet_id: subnetId })).rejects.toMatchObject({
      status: 400, type: 'BadRequest', method: 'PUT', path: `/routers/${routerId}/add_router_interface`,
    });
  });

  it('stays while it has an interface; network and subnet stay as long', async () => {
    const { session } = actors.platform;
    const { subnetId, networkId } = await makeNetwork(actors.platform);
    const { routerId } = await makeRouter(actors.platform, subnetId);
    await expect(neutron.deleteRouter(session, routerId)).rejects.toMatchObject({ status: 409, type: 'RouterInUse' });
    await expect(neutron.deleteSubnet(session, subnetId)).rejects.toMatchObject({ status: 409, type: 'SubnetInUse' });
    await expect(neutron.deleteNetwork(session, networkId)).rejects.toMatchObject({ status: 409, type: 'NetworkInUse' });
  });

  it('gives an interface up through its own call only, by port or subnet; what is gone is 404', async () => {
    const { session } = actors.platform;
    const { subnetId } = await makeNetwork(actors.platform);
    const { routerId } = await makeRouter(actors.platform, subnetId);
    const [port] = await neutron.listPorts(session, { device_id: routerId, device_owner: 'network:router_interface' });
    await expect(neutron.deletePort(session, port!.id)).rejects.toMatchObject({ status: 409, type: 'ServicePortInUse' });
    await neutron.removeRouterInterface(session, routerId, { port_id: port!.id });
    await expect(neutron.removeRouterInterface(session, routerId, { port_id: port!.id })).rejects.toMatchObject({ status: 404, type: 'RouterInterfaceNotFound' });
    await expect(neutron.removeRouterInterface(session, routerId, { subnet_id: subnetId })).rejects.toMatchObject({ status: 404, type: 'RouterInterfaceNotFoundForSubnet' });
    await neutron.deleteRouter(session, routerId);
    await neutron.deleteRouter(session, routerId);
    expect(await neutron.listRouters(session, { project_id: actors.serviceProjectId, id: routerId })).toEqual([]);
  });
});
