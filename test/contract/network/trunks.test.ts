// Source: Networking API v2.0, trunks (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { bootServer, builtServer, makeNetwork, makePort, makeTrunk, removeServer, subPort } from '../things.ts';

const actors = useActors();
let own: { networkId: string };
let users: { networkId: string };
beforeAll(async () => {
  own = await makeNetwork(actors.platform);
  users = await makeNetwork(actors.user, '10.30.0.0/24');
});

const parentPort = () => makePort(actors.platform, { network_id: own.networkId, project_id: actors.serviceProjectId });
const userPort = () => makePort(actors.platform, { network_id: users.networkId, project_id: actors.userProjectId });

describe('a trunk of the service project', () => {
  it('holds a port of the user\'s project, which Moorage puts in with the create', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    const description = uniqueName('mark');
    const trunk = await neutron.createTrunk(actors.platform.session, {
      name: 'node', description, project_id: actors.serviceProjectId, port_id: parent.id, sub_ports: [subPort(sub.id)],
    });
    expect(trunk).toMatchObject({ project_id: actors.serviceProjectId, sub_ports: [subPort(sub.id)] });
    expect(await neutron.listTrunks(actors.platform.session, { description, project_id: actors.serviceProjectId })).toMatchObject([{ id: trunk.id }]);
    expect(await neutron.getPort(actors.platform.session, parent.id)).toMatchObject({ trunk_details: { trunk_id: trunk.id, sub_ports: [subPort(sub.id)] } });
    expect(await neutron.getTrunk(actors.platform.session, trunk.id)).toMatchObject({ sub_ports: [subPort(sub.id)] });
    await neutron.deleteTrunk(actors.platform.session, trunk.id);
    await neutron.deleteTrunk(actors.platform.session, trunk.id);
    expect(await neutron.listTrunks(actors.platform.session, { port_id: parent.id })).toEqual([]);
  });

  it('keeps the user\'s port: they can change it but not delete it, nor see the trunk', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    const trunk = await makeTrunk(actors.platform, parent.id, [subPort(sub.id)]);
    expect(await actors.user.call('network', 'DELETE', `/ports/${sub.id}`)).toMatchObject({ status: 409, error: { type: 'PortInUseAsSubPort' } });
    const changed = await actors.user.call('network', 'PUT', `/ports/${sub.id}`, { port: { security_groups: [], admin_state_up: false } });
    expect(changed).toMatchObject({ status: 200, body: { port: { security_groups: [], admin_state_up: false } } });
    expect(await neutron.listTrunks(actors.user.session)).toEqual([]);
    const removal = await actors.user.call('network', 'PUT', `/trunks/${trunk.id}/remove_subports`, { sub_ports: [{ port_id: sub.id }] });
    expect(removal.status).toBe(404);
  });

  it('leaves the device of the user\'s port to the user, who may write it and still not delete the port', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    await makeTrunk(actors.platform, parent.id, [subPort(sub.id)]);
    expect((await neutron.getPort(actors.platform.session, sub.id))!.device_id).toBe('');
    await neutron.updatePort(actors.user.session, sub.id, { device_id: 'mine', device_owner: 'compute:mine' });
    expect(await actors.user.call('network', 'DELETE', `/ports/${sub.id}`)).toMatchObject({ status: 409, error: { type: 'PortInUseAsSubPort' } });
    expect(await neutron.updatePort(actors.platform.session, sub.id, { device_id: '', device_owner: '' })).toMatchObject({ device_id: '', device_owner: '' });
  });

  it('cannot be deleted with its parent port first', async () => {
    const parent = await parentPort();
    await makeTrunk(actors.platform, parent.id);
    await expect(neutron.deletePort(actors.platform.session, parent.id)).rejects.toMatchObject({ status: 409, type: 'PortInUseAsTrunkParent' });
  });

  it('stays while its server is there, and goes after it', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    const trunk = await makeTrunk(actors.platform, parent.id, [subPort(sub.id)]);
    const serverId = await bootServer(actors.platform, { networks: [{ port: parent.id }] });
    expect(await builtServer(actors.platform, serverId)).toMatchObject({ status: 'ACTIVE' });
    await expect(neutron.deleteTrunk(actors.platform.session, trunk.id)).rejects.toMatchObject({ status: 409, type: 'TrunkInUse' });
    expect(await actors.user.call('network', 'DELETE', `/ports/${sub.id}`)).toMatchObject({ status: 409, error: { type: 'PortInUseAsSubPort' } });
    await removeServer(actors.platform, serverId);
    await neutron.deleteTrunk(actors.platform.session, trunk.id);
    expect((await actors.user.call('network', 'DELETE', `/ports/${sub.id}`)).status).toBe(204);
  });

  it('can get a sub-port while its server runs', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    const trunk = await makeTrunk(actors.platform, parent.id);
    await builtServer(actors.platform, await bootServer(actors.platform, { networks: [{ port: parent.id }] }));
    expect(await neutron.addSubports(actors.platform.session, trunk.id, [subPort(sub.id)])).toMatchObject({ sub_ports: [subPort(sub.id)] });
    expect(await neutron.removeSubports(actors.platform.session, trunk.id, [{ port_id: sub.id }])).toMatchObject({ sub_ports: [] });
  });
});

describe('sub-ports', () => {
  it('are those that the caller sees: an ordinary member adds none of another project', async () => {
    const [theirs, ours] = [await userPort(), await makePort(actors.platform, { network_id: users.networkId, project_id: actors.serviceProjectId })];
    const parent = await makePort(actors.member, { network_id: own.networkId });
    const trunk = await makeTrunk(actors.member, parent.id);
    await expect(neutron.addSubports(actors.member.session, trunk.id, [subPort(theirs.id)])).rejects.toMatchObject({ status: 404, type: 'PortNotFound' });
    expect(await neutron.addSubports(actors.member.session, trunk.id, [subPort(ours.id)])).toMatchObject({ sub_ports: [subPort(ours.id)] });
  });

  it('have a VLAN of their own in their trunk', async () => {
    const [parent, one, two] = [await parentPort(), await userPort(), await userPort()];
    const trunk = await makeTrunk(actors.platform, parent.id, [subPort(one.id)]);
    await expect(neutron.addSubports(actors.platform.session, trunk.id, [subPort(two.id)])).rejects.toMatchObject({ status: 409, type: 'DuplicateSubPort' });
    expect((await neutron.addSubports(actors.platform.session, trunk.id, [subPort(two.id, 101)])).sub_ports).toHaveLength(2);
  });

  it('are in one trunk only, and no parents', async () => {
    const [parent, another, sub] = [await parentPort(), await parentPort(), await userPort()];
    await makeTrunk(actors.platform, parent.id, [subPort(sub.id)]);
    const trunk = await makeTrunk(actors.platform, another.id);
    await expect(neutron.addSubports(actors.platform.session, trunk.id, [subPort(sub.id)])).rejects.toMatchObject({ status: 409, type: 'TrunkPortInUse' });
    await expect(neutron.addSubports(actors.platform.session, trunk.id, [subPort(parent.id)])).rejects.toMatchObject({ status: 409 });
    await expect(makeTrunk(actors.platform, parent.id)).rejects.toMatchObject({ status: 409, type: 'ParentPortInUse' });
  });

  it('that are not in it cannot be taken out; for us that is no error', async () => {
    const [parent, sub] = [await parentPort(), await userPort()];
    const trunk = await makeTrunk(actors.platform, parent.id);
    const answer = await actors.platform.call('network', 'PUT', `/trunks/${trunk.id}/remove_subports`, { sub_ports: [{ port_id: sub.id }] });
    expect(answer).toMatchObject({ status: 404, error: { type: 'SubPortNotFound' } });
  });
});
