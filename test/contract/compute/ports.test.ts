// Source: what a Zed Nova answered to servers and ports of different projects, and to two creates with one port.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import { useActors, type Actor } from '../actors.ts';
import { bootServer, builtServer, makeNetwork, makePort, serverBody, removeServer, whenDone } from '../things.ts';

const actors = useActors();
let own: { networkId: string };
let users: { networkId: string };
beforeAll(async () => {
  own = await makeNetwork(actors.platform);
  users = await makeNetwork(actors.user, '10.30.0.0/24');
});

const attach = (by: Actor, serverId: string, port_id: string) =>
  by.call('compute', 'POST', `/servers/${serverId}/os-interface`, { interfaceAttachment: { port_id } });

describe('a port of the user\'s project and a server of the service project', () => {
  it('do not come together for an ordinary member, who does not see the port', async () => {
    const port = await makePort(actors.platform, { network_id: users.networkId, project_id: actors.userProjectId });
    await expect(bootServer(actors.member, { networks: [{ port: port.id }] })).rejects.toMatchObject({ status: 400, message: expect.stringContaining('could not be found') });
    const serverId = await bootServer(actors.member);
    await builtServer(actors.member, serverId);
    expect(await attach(actors.member, serverId, port.id)).toMatchObject({ status: 404 });
  });

  it('do not come together for an administrator either: late, and unspecific', async () => {
    const port = await makePort(actors.admin, { network_id: users.networkId, project_id: actors.userProjectId });
    const server = await builtServer(actors.adminInService, await bootServer(actors.adminInService, { networks: [{ port: port.id }] }));
    expect(server).toMatchObject({ status: 'ERROR', fault: { message: expect.stringContaining('Exceeded maximum number of retries') } });
    const plain = await bootServer(actors.adminInService);
    await builtServer(actors.adminInService, plain);
    expect(await attach(actors.adminInService, plain, port.id)).toMatchObject({ status: 400, error: { message: expect.stringContaining('not usable for instance') } });
  });
});

describe('a port of the service project on the user\'s network', () => {
  it('is silently left out when an ordinary member boots with it', async () => {
    const port = await makePort(actors.platform, { network_id: users.networkId, project_id: actors.serviceProjectId });
    const server = await builtServer(actors.member, await bootServer(actors.member, { networks: [{ port: port.id }] }));
    expect(server).toMatchObject({ status: 'ACTIVE', addresses: {} });
    expect(await neutron.getPort(actors.member.session, port.id)).toMatchObject({ device_id: '', status: 'DOWN' });
    expect((await attach(actors.member, server.id, port.id)).status).toBe(500);
  });

  it('is wired for an administrator', async () => {
    const port = await makePort(actors.admin, { network_id: users.networkId, project_id: actors.serviceProjectId });
    const server = await builtServer(actors.adminInService, await bootServer(actors.adminInService, { networks: [{ port: port.id }] }));
    expect(Object.values(server.addresses).flat()).toHaveLength(1);
    expect((await actors.user.call('network', 'DELETE', `/ports/${port.id}`)).status).toBe(204);
  });
});

describe('two servers with one port', () => {
  it('are refused while the port is bound', async () => {
    const port = await makePort(actors.platform, { network_id: own.networkId });
    await builtServer(actors.platform, await bootServer(actors.platform, { networks: [{ port: port.id }] }));
    await expect(bootServer(actors.platform, { networks: [{ port: port.id }] })).rejects.toMatchObject({
      status: 409, type: 'conflictingRequest', quota: false, message: expect.stringContaining(`${port.id} is still in use`),
    });
  });

  it('that are created at the same moment break each other: at most one is ACTIVE with the port, and not even that one need have it', async () => {
    const port = await makePort(actors.platform, { network_id: own.networkId });
    const body = await serverBody(actors.platform, { networks: [{ port: port.id }] });
    const begun = await Promise.allSettled([1, 2].map(() => nova.createServer(actors.platform.session, body)));
    const ids = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []));
    for (const id of ids) whenDone(() => removeServer(actors.platform, id));
    const servers = await Promise.all(ids.map((id) => builtServer(actors.platform, id)));
    const wired = servers.filter(({ status, addresses }) => status === 'ACTIVE' && Object.keys(addresses).length > 0);
    expect(wired.length).toBeLessThanOrEqual(1);
    // The one that fails takes the port away from the one that has it, which stays ACTIVE and goes on showing its address. What
    // counts is therefore the port: a server is made when its port says so, whatever the server says of itself.
    const { device_id } = (await neutron.getPort(actors.platform.session, port.id))!;
    expect(['', ...ids]).toContain(device_id);
    if (device_id !== '') expect(wired.map(({ id }) => id)).toEqual([device_id]);
  });
});
