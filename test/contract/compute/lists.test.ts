// Source: Compute API v2.1, listing servers, and microversions (docs.openstack.org/nova/zed/reference/api-microversion-history),
// and what a Zed Nova answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as nova from '../../../layers/openstack/nova.ts';
import { useActors } from '../actors.ts';
import { eventually } from '../cloud.ts';
import { uniqueName } from '../names.ts';
import { nova293 } from '../client.ts';
import { bootServer, builtServer, serverBody, whenDone } from '../things.ts';

const actors = useActors();
const names = { master: uniqueName('master'), worker: uniqueName('worker') };
const ids = { master: '', worker: '' };
beforeAll(async () => {
  ids.master = await bootServer(actors.platform, { name: names.master, tags: ['only=this', 'master'] });
  ids.worker = await bootServer(actors.platform, { name: names.worker, metadata: { only: 'this' } });
  await builtServer(actors.platform, ids.master);
  await builtServer(actors.platform, ids.worker);
});
const found = async (query: nova.ServerQuery) => (await nova.listServers(actors.platform.session, query)).map(({ id }) => id).sort();
const both = () => [ids.master, ids.worker].sort();

describe('a list of servers', () => {
  it('is narrowed by tags, all of them', async () => {
    expect(await found({ tags: 'only=this,master' })).toEqual([ids.master]);
    expect(await found({ tags: 'only=this,worker' })).toEqual([]);
  });

  it('without a microversion passes over tags in silence', async () => {
    const plain = await actors.platform.call('compute', 'GET', '/servers?tags=only%3Dthis');
    expect(plain.body.servers.map(({ id }: { id: string }) => id).sort()).toEqual(both());
  });

  it('is narrowed by status and by name as a regular expression that may match anywhere', async () => {
    expect(await found({ name: names.master.slice(3) })).toEqual([ids.master]);
    expect(await found({ name: `^${names.master}$`, status: 'ACTIVE' })).toEqual([ids.master]);
    expect(await found({ name: '^contract' })).toEqual([]);
    expect(await actors.platform.call('compute', 'GET', '/servers?name=%5B', undefined, nova293)).toMatchObject({ status: 400 });
  });

  it('passes over metadata in silence, for who is no administrator', async () => {
    const answer = await actors.platform.call('compute', 'GET', `/servers?metadata=${encodeURIComponent('{"only": "this"}')}`, undefined, nova293);
    expect(answer.body.servers).toHaveLength(2);
  });

  it('refuses unknown filters from 2.75 on, and passes over them before', async () => {
    expect((await actors.platform.call('compute', 'GET', '/servers?bogus=1', undefined, nova293)).status).toBe(400);
    expect((await actors.platform.call('compute', 'GET', '/servers?bogus=1')).status).toBe(200);
  });

  it('comes in pages, newest first, and those of the same second by id', async () => {
    const all = (await actors.platform.call('compute', 'GET', '/servers/detail')).body.servers as { id: string; created: string }[];
    const inOrder = all.sort((a, b) => b.created.localeCompare(a.created) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    const page = await actors.platform.call('compute', 'GET', '/servers?limit=1');
    expect(page.body.servers).toMatchObject([{ id: inOrder[0] }]);
    expect(page.body.servers_links[0].href).toContain(`marker=${inOrder[0]}`);
    expect((await nova.listServers(actors.platform.session, { limit: 1 } as object)).map(({ id }) => id)).toEqual(inOrder);
    expect(inOrder).toHaveLength(2);
  });

  it('of all projects is for administrators alone: not for users, not for Moorage', async () => {
    for (const by of [actors.user, actors.member, actors.platform]) {
      expect(await by.call('compute', 'GET', '/servers?all_tenants=1')).toMatchObject({ status: 403, error: { message: expect.stringContaining('get_all_tenants') } });
    }
    expect((await nova.listServers(actors.admin.session, { all_tenants: true, project_id: actors.serviceProjectId })).map(({ id }) => id).sort()).toEqual(both());
  });

  it('says nothing of why a server never got a host; the server itself does', async () => {
    // Not the smallest: that is what the other files, which run beside this one, boot.
    const { body: { flavor } } = await actors.admin.call('compute', 'POST', '/flavors', { flavor: { name: uniqueName('flavor'), vcpus: 1, ram: 16_384, disk: 100_000_000 } });
    whenDone(() => actors.admin.call('compute', 'DELETE', `/flavors/${flavor.id}`));
    const id = await bootServer(actors.platform, { flavorRef: flavor.id });
    expect(await builtServer(actors.platform, id)).toMatchObject({ status: 'ERROR' });
    await eventually(async () => (await nova.getServer(actors.platform.session, id))?.fault?.message).toContain('No valid host was found.');
    const listed = (await nova.listServers(actors.platform.session)).find((server) => server.id === id);
    expect(listed).toMatchObject({ status: 'ERROR' });
    expect(listed).not.toHaveProperty('fault');
  });

  it('of another project is one\'s own: the filter is passed over', async () => {
    const answer = await actors.user.call('compute', 'GET', `/servers?project_id=${actors.serviceProjectId}`);
    expect(answer).toMatchObject({ status: 200, body: { servers: [] } });
  });
});

describe('microversions', () => {
  it('reach as far as the one that Moorage speaks', async () => {
    const answer = await actors.platform.call('compute', 'GET', '/servers', undefined, nova293);
    expect([answer.status, answer.headers.get('openstack-api-version')]).toEqual([200, 'compute 2.93']);
  });

  it('that there are not are 406', async () => {
    const answer = await actors.platform.call('compute', 'GET', '/servers', undefined, { 'OpenStack-API-Version': 'compute 2.999' });
    expect(answer).toMatchObject({ status: 406, error: { type: 'computeFault' } });
  });

  it('bring tags in a create with 2.52', async () => {
    const server = await serverBody(actors.platform, { tags: ['a'] });
    const old = await actors.platform.call('compute', 'POST', '/servers', { server }, { 'OpenStack-API-Version': 'compute 2.51' });
    expect(old).toMatchObject({ status: 400, error: { message: expect.stringContaining('(\'tags\' was unexpected)') } });
  });
});
