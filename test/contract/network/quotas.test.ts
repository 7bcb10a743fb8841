// Source: Networking API v2.0, quotas (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { makeNetwork, makePort } from '../things.ts';

const actors = useActors();
let own: { networkId: string };
beforeAll(async () => { own = await makeNetwork(actors.platform); });
beforeEach(() => neutron.deleteQuota(actors.platform.session, actors.serviceProjectId));

describe('a quota of Neutron', () => {
  it('is set by Moorage, shown with what is used, and goes back to the cloud\'s own', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    const before = await neutron.getQuota(session, serviceProjectId);
    expect(await neutron.updateQuota(session, serviceProjectId, { port: 7, trunk: 8 })).toMatchObject({ port: 7, trunk: 8 });
    await makePort(actors.platform, { network_id: own.networkId });
    expect(await neutron.getQuotaDetails(session, serviceProjectId)).toMatchObject({ port: { limit: 7, used: 1 }, network: { used: 1 } });
    await neutron.deleteQuota(session, serviceProjectId);
    expect(await neutron.getQuota(session, serviceProjectId)).toEqual(before);
  });

  it('may be set below what is used', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    expect(await neutron.updateQuota(session, serviceProjectId, { network: 0 })).toMatchObject({ network: 0 });
  });

  it('that is spent is 409 OverQuota, and none of many is made', async () => {
    const { platform: { session }, serviceProjectId } = actors;
    await neutron.updateQuota(session, serviceProjectId, { port: 1 });
    const two = ['a', 'b'].map((name) => ({ name, network_id: own.networkId }));
    await expect(neutron.createPorts(session, two)).rejects.toMatchObject({
      service: 'network', status: 409, type: 'OverQuota', quota: true, message: 'Quota exceeded for resources: [\'port\'].',
    });
    expect(await neutron.listPorts(session, { network_id: own.networkId })).toEqual([]);
  });

  it.each([
    ['network', '/networks', { network: { name: 'x' } }], ['security_group', '/security-groups', { security_group: { name: 'x' } }],
    ['router', '/routers', { router: { name: 'x' } }],
  ] as const)('of %s is counted as well', async (resource, path, body) => {
    await neutron.updateQuota(actors.platform.session, actors.serviceProjectId, { [resource]: 0 });
    expect(await actors.platform.call('network', 'POST', path, body)).toMatchObject({
      status: 409, error: { type: 'OverQuota', quota: true, message: `Quota exceeded for resources: ['${resource}'].` },
    });
  });

  it('of the user\'s project counts what Moorage makes there', async () => {
    const users = await makeNetwork(actors.user, '10.63.0.0/24');
    await neutron.updateQuota(actors.admin.session, actors.userProjectId, { port: 0 });
    await expect(makePort(actors.platform, { network_id: users.networkId, project_id: actors.userProjectId })).rejects.toMatchObject({ status: 409, quota: true });
    await neutron.deleteQuota(actors.admin.session, actors.userProjectId);
  });

  it('is read by its own project, and set by nobody ordinary', async () => {
    const path = `/quotas/${actors.serviceProjectId}`;
    expect((await actors.member.call('network', 'GET', path)).status).toBe(200);
    expect((await actors.member.call('network', 'PUT', path, { quota: { port: 9 } })).status).toBe(403);
    expect((await actors.user.call('network', 'PUT', path, { quota: { port: 9 } })).status).toBe(403);
  });
});
