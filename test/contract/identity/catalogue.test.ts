// Source: Identity API v3, service catalog (docs.openstack.org/api-ref/identity/v3), and what a Zed Keystone answered.
import { describe, expect, it } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { whenDone } from '../things.ts';

const actors = useActors();

async function makeService() {
  const { session } = actors.admin;
  const service = await keystone.createService(session, { type: uniqueName('type'), name: 'contract' });
  whenDone(() => keystone.deleteService(session, service.id));
  return service;
}

describe('the catalogue', () => {
  it('takes a service and its endpoint, lets them be changed, and lets go of them', async () => {
    const { session } = actors.admin;
    const service = await makeService();
    expect(await keystone.listServices(session, { type: service.type })).toMatchObject([{ id: service.id, name: 'contract' }]);
    expect(await keystone.updateService(session, service.id, { description: 'changed' })).toMatchObject({ description: 'changed' });
    const endpoint = await keystone.createEndpoint(session, {
      service_id: service.id, interface: 'public', region_id: 'RegionOne', url: 'http://127.0.0.1:1',
    });
    expect(await keystone.updateEndpoint(session, endpoint.id, { url: 'http://127.0.0.1:2' })).toMatchObject({ url: 'http://127.0.0.1:2' });
    expect(await keystone.listEndpoints(session, { service_id: service.id })).toMatchObject([{ id: endpoint.id, interface: 'public', url: 'http://127.0.0.1:2' }]);
    await keystone.deleteEndpoint(session, endpoint.id);
    await keystone.deleteService(session, service.id);
    expect(await keystone.listServices(session, { type: service.type })).toEqual([]);
  });

  it('lets several services have one type', async () => {
    const { session } = actors.admin;
    const { type, id } = await makeService();
    const second = await keystone.createService(session, { type, name: 'second' });
    whenDone(() => keystone.deleteService(session, second.id));
    expect((await keystone.listServices(session, { type })).map((one) => one.id).sort()).toEqual([id, second.id].sort());
  });

  it('is an administrator\'s to write', async () => {
    for (const by of [actors.user, actors.member, actors.domain]) {
      expect((await by.call('identity', 'POST', '/services', { service: { type: 'any', name: 'any' } })).status).toBe(403);
    }
  });
});
