// Source: openstack/magnum (magnum/api, magnum/drivers/heat), Heat's API, and what a Zed Magnum answered. No cluster is made
// here: `npm run test:power` and the clients' tests do that.
import { describe, expect, it } from 'vitest';
import { getStack } from '../../../layers/openstack/heat.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { getCluster } from '../../../layers/openstack/magnum.ts';
import { useActors } from '../actors.ts';
import type { Answer } from '../client.ts';
import { uniqueName } from '../names.ts';

const actors = useActors();
const nobody = '00000000-0000-0000-0000-000000000000';
const v = (minor: string) => ({ 'OpenStack-API-Version': `container-infra ${minor}` });

const call = (method: string, path: string, body?: unknown, minor = '1.10'): Promise<Answer> =>
  actors.user.call('container-infra', method, path, body, v(minor));

async function template(): Promise<{ uuid: string; name: string }> {
  const [image] = await glance.listImages(actors.user.session, { status: 'active', visibility: 'public', os_distro: 'fedora-coreos' } as object);
  const [any] = await glance.listImages(actors.user.session, { status: 'active', visibility: 'public' });
  const answer = await call('POST', '/clustertemplates', { name: uniqueName('template'), coe: 'kubernetes', image_id: (image ?? any)!.id, external_network_id: 'public' });
  expect(answer).toMatchObject({ status: 201, body: { coe: 'kubernetes', uuid: expect.any(String) as string } });
  return answer.body as { uuid: string; name: string };
}

describe('Magnum', () => {
  it('answers in the version it is asked for, 1.1 where none is, and says which it has', async () => {
    const told = async (headers?: Record<string, string>) => (await actors.user.call('container-infra', 'GET', '/clusters', undefined, headers)).headers;
    expect((await told(v('1.9'))).get('openstack-api-version')).toMatch(/ 1\.9$/);
    expect((await told()).get('openstack-api-version')).toMatch(/ 1\.1$/);
    expect((await told()).get('openstack-api-minimum-version')).toMatch(/ 1\.1$/);
    expect((await told()).get('vary')).toContain('OpenStack-API-Version');
    expect((await call('GET', '/clusters', undefined, '1.99')).status).toBe(406);
  });

  it('refuses in a form of its own, which the fault reader understands', async () => {
    const answer = await call('GET', `/clusters/${nobody}`);
    expect(answer).toMatchObject({ status: 404, body: { errors: [{ status: 404, code: 'client' }] } });
    expect(answer.error!.message).toContain(nobody);
    expect(await getCluster(actors.user.session, nobody)).toBeUndefined();
  });

  it('keeps templates by uuid and by name, for their project only', async () => {
    const { uuid, name } = await template();
    try {
      for (const ident of [uuid, name]) expect((await call('GET', `/clustertemplates/${ident}`)).body).toMatchObject({ uuid, name });
      const others = await actors.stranger.call('container-infra', 'GET', `/clustertemplates/${uuid}`, undefined, v('1.10'));
      expect(others.status).toBe(404);
    } finally {
      expect((await call('DELETE', `/clustertemplates/${uuid}`)).status).toBe(204);
    }
    expect((await call('GET', `/clustertemplates/${uuid}`)).status).toBe(404);
  });

  it('looks at a patch before it looks for what is to be changed, and fails itself over one whose parts are no objects', async () => {
    for (const path of [`/clusters/${nobody}`, `/clusters/${nobody}/nodegroups/${nobody}`, `/clustertemplates/${nobody}`]) {
      const statuses = [];
      for (const patch of [[{}], [{ op: 'replace', path: 5, value: 1 }], [{ op: 'replace', path: '/a b', value: 1 }], [{ op: 'x', path: '/name' }], {}, [3]]) {
        statuses.push((await call('PATCH', path, patch)).status);
      }
      expect(statuses, path).toEqual([400, 400, 400, 400, 400, 500]);
    }
  });

  it('refuses a cluster of a template that is not there with 404, of none with 400, and node groups before 1.9 with 406', async () => {
    expect((await call('POST', '/clusters', { name: uniqueName('cluster'), cluster_template_id: nobody })).status).toBe(404);
    expect((await call('POST', '/clusters', { name: uniqueName('cluster') })).status).toBe(400);
    expect((await call('GET', `/clusters/${nobody}/nodegroups`, undefined, '1.8')).status).toBe(406);
  });

  it('tells a project its quota, the usual one where none is set, and how many clusters it has', async () => {
    const quota = await call('GET', `/quotas/${actors.userProjectId}/Cluster`);
    expect(quota).toMatchObject({ status: 200, body: { resource: 'Cluster', hard_limit: expect.any(Number) as number } });
    expect((await call('GET', '/stats')).body).toEqual({ clusters: 0, nodes: 0 });
    expect((await call('GET', '/mservices')).status).toBe(403);
  });
});

describe('Heat', () => {
  it('has no stack of that id', async () => {
    expect(await getStack(actors.user.session, nobody)).toBeUndefined();
  });
});

describe('the catalogue', () => {
  it('lets an endpoint move to another service, id and URL as they were', async () => {
    const { session } = actors.admin;
    const [from, to] = await Promise.all([keystone.createService(session, { type: uniqueName('one'), name: 'contract' }),
      keystone.createService(session, { type: uniqueName('two'), name: 'contract' })]);
    try {
      const url = 'http://127.0.0.1:9/v1';
      const { id } = await keystone.createEndpoint(session, { service_id: from.id, interface: 'public', region_id: 'RegionOne', url });
      await keystone.updateEndpoint(session, id, { service_id: to.id });
      expect(await keystone.listEndpoints(session, { service_id: from.id })).toEqual([]);
      expect(await keystone.listEndpoints(session, { service_id: to.id })).toMatchObject([{ id, url }]);
    } finally {
      await Promise.all([from, to].map((service) => keystone.deleteService(session, service.id)));
    }
  });
});
