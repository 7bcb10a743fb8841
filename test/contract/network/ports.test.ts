// Source: Networking API v2.0, ports (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { makeGroup, makeNetwork, makePort, whenDone } from '../things.ts';

const actors = useActors();
let own: { networkId: string; subnetId: string };
beforeAll(async () => { own = await makeNetwork(actors.platform); });

const at = (ip_address: string) => ({ network_id: own.networkId, fixed_ips: [{ subnet_id: own.subnetId, ip_address }] });

describe('an address of a subnet', () => {
  it('is a key: only one port has it', async () => {
    const port = await makePort(actors.platform, at('100.96.0.10'));
    expect(port).toMatchObject({ fixed_ips: [{ ip_address: '100.96.0.10', subnet_id: own.subnetId }], device_id: '', status: 'DOWN' });
    await expect(makePort(actors.platform, at('100.96.0.10'))).rejects.toMatchObject({
      name: 'OpenStackError', service: 'network', status: 409, type: 'IpAddressAlreadyAllocated',
      requestId: expect.stringMatching(/^req-/), message: expect.stringContaining('100.96.0.10'),
    });
    expect(await neutron.listPorts(actors.platform.session, { network_id: own.networkId, fixed_ips: 'ip_address=100.96.0.10' })).toMatchObject([{ id: port.id }]);
  });

  it('is free again when its port is gone', async () => {
    const { id } = await makePort(actors.platform, at('100.96.0.11'));
    await neutron.deletePort(actors.platform.session, id);
    expect((await makePort(actors.platform, at('100.96.0.11'))).id).not.toBe(id);
  });

  it('lies within it', async () => {
    await expect(makePort(actors.platform, at('10.0.0.1'))).rejects.toMatchObject({ status: 400, type: 'InvalidIpForSubnet' });
  });

  it('outside the pools can be had by name', async () => {
    const { session } = actors.platform;
    const { id: network_id } = await neutron.createNetwork(session, { name: uniqueName('network') });
    whenDone(() => neutron.deleteNetwork(session, network_id));
    const { id: subnet_id } = await neutron.createSubnet(session, {
      name: 's', network_id, ip_version: 4, cidr: '100.96.0.0/20', allocation_pools: [{ start: '100.96.8.0', end: '100.96.15.254' }],
    });
    const port = await makePort(actors.platform, { network_id, fixed_ips: [{ subnet_id, ip_address: '100.96.0.5' }] });
    expect(port.fixed_ips[0]!.ip_address).toBe('100.96.0.5');
  });
});

describe('a port', () => {
  it('comes in bulk, all of them or none, each found by its name and by their mark', async () => {
    const { session } = actors.platform;
    const description = uniqueName('mark');
    const wanted = ['q', 'r'].map((name) => ({ name, network_id: own.networkId, description, project_id: actors.serviceProjectId }));
    const made = await neutron.createPorts(session, wanted);
    for (const { id } of made) whenDone(() => neutron.deletePort(session, id));
    expect(made.map(({ name }) => name)).toEqual(['q', 'r']);
    const found = await neutron.listPorts(session, { description, project_id: actors.serviceProjectId });
    expect(found.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    const taken = made[0]!.fixed_ips[0]!.ip_address;
    await expect(neutron.createPorts(session, [{ ...wanted[0]!, name: 's' }, { ...wanted[1]!, name: 't', ...at(taken) }])).rejects.toMatchObject({ status: 409 });
    expect(await neutron.listPorts(session, { description })).toHaveLength(2);
  });

  it('may have the name of another', async () => {
    const name = uniqueName('twin');
    await makePort(actors.platform, { network_id: own.networkId, name });
    await makePort(actors.platform, { network_id: own.networkId, name });
    expect(await neutron.listPorts(actors.platform.session, { name })).toHaveLength(2);
  });

  it('is changed: groups, allowed addresses, name, admin state', async () => {
    const { session } = actors.platform;
    const { id } = await makePort(actors.platform, { network_id: own.networkId });
    const group = await makeGroup(actors.platform);
    const change = { name: 'R', admin_state_up: false, security_groups: [group.id], allowed_address_pairs: [{ ip_address: '10.0.0.0/8' }] };
    expect(await neutron.updatePort(session, id, change)).toMatchObject(change);
    expect(await neutron.updatePort(session, id, { security_groups: [], allowed_address_pairs: [] })).toMatchObject({ security_groups: [], allowed_address_pairs: [] });
  });

  it('has an id and an owner that nobody chooses or changes', async () => {
    const { id } = await makePort(actors.platform, { network_id: own.networkId });
    const chosen = await actors.platform.call('network', 'POST', '/ports', { port: { network_id: own.networkId, id } });
    expect(chosen).toMatchObject({ status: 400, error: { message: 'Attribute \'id\' not allowed in POST' } });
    for (const by of [actors.platform, actors.admin]) {
      const moved = await by.call('network', 'PUT', `/ports/${id}`, { port: { project_id: actors.userProjectId } });
      expect(moved).toMatchObject({ status: 400, error: { message: expect.stringMatching(/^Cannot update read-only attribute (tenant|project)_id$/) } });
    }
  });

  it('can be found by device, which its maker may set', async () => {
    const device_id = uniqueName('device');
    const { id } = await makePort(actors.platform, { network_id: own.networkId, device_id, device_owner: 'moorage:test' });
    expect(await neutron.listPorts(actors.platform.session, { device_id: [device_id, 'another'] })).toMatchObject([{ id }]);
    expect(await neutron.listPorts(actors.platform.session, { device_owner: 'moorage:test', network_id: own.networkId })).toMatchObject([{ id }]);
  });

  it('with attributes that there are not is 400', async () => {
    const answer = await actors.platform.call('network', 'POST', '/ports', { port: { network_id: own.networkId, colour: 'red' } });
    expect(answer).toMatchObject({ status: 400, error: { message: 'Unrecognized attribute(s) \'colour\'' } });
  });

  it('on a network that is not there is 404', async () => {
    await expect(makePort(actors.platform, { network_id: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject({ status: 404, type: 'NetworkNotFound' });
  });

  it('deleted twice is no error', async () => {
    const { session } = actors.platform;
    const { id } = await makePort(actors.platform, { network_id: own.networkId });
    await neutron.deletePort(session, id);
    await neutron.deletePort(session, id);
    expect(await neutron.getPort(session, id)).toBeUndefined();
  });
});
