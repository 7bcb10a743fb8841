// Source: Networking API v2.0: filtering, tags, pagination (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron
// answered.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { makeGroup, makeNetwork, makePort } from '../things.ts';

const actors = useActors();
let own: { networkId: string };
beforeAll(async () => { own = await makeNetwork(actors.platform); });
const port = (more: object = {}) => makePort(actors.platform, { network_id: own.networkId, ...more });

describe('tags', () => {
  it('are refused in the create of a network, a group or a router', async () => {
    const bodies = [['/networks', 'network', {}], ['/security-groups', 'security_group', {}], ['/routers', 'router', {}]] as const;
    for (const [path, key, body] of bodies) {
      const answer = await actors.platform.call('network', 'POST', path, { [key]: { name: 'x', tags: ['a'], ...body } });
      expect(answer, path).toMatchObject({ status: 400, error: { message: 'Attribute \'tags\' not allowed in POST' } });
    }
  });

  it('are silently dropped from the create of a port, one or many', async () => {
    const one = await actors.platform.call('network', 'POST', '/ports', { port: { network_id: own.networkId, tags: ['a'] } });
    expect([one.status, one.body.port.tags]).toEqual([201, []]);
    const many = await actors.platform.call('network', 'POST', '/ports', { ports: [{ network_id: own.networkId, tags: ['a'] }] });
    expect([many.status, many.body.ports[0].tags]).toEqual([201, []]);
    for (const { id } of [one.body.port, many.body.ports[0]]) {
      expect((await neutron.getPort(actors.platform.session, id))!.tags).toEqual([]);
      await neutron.deletePort(actors.platform.session, id);
    }
  });

  it('are set as a whole afterwards, and found by all, any or none of them', async () => {
    const { session } = actors.platform;
    const { id } = await port();
    expect((await neutron.setTags(session, 'ports', id, ['moorage=x', 'b'])).toSorted()).toEqual(['b', 'moorage=x']);
    const found = async (query: object) => (await neutron.listPorts(session, { network_id: own.networkId, ...query })).map((one) => one.id);
    expect(await found({ tags: 'b,moorage=x' })).toEqual([id]);
    expect(await found({ tags: 'b,c' })).toEqual([]);
    expect(await found({ 'tags-any': 'b,c' })).toEqual([id]);
    expect(await found({ 'not-tags': 'b' })).not.toContain(id);
    await neutron.setTags(session, 'ports', id, []);
    expect(await found({ tags: 'b' })).toEqual([]);
  });
});

describe('a list', () => {
  it('comes in pages that hold everything once', async () => {
    const ids = [(await port()).id, (await port()).id, (await port()).id];
    const paged = await neutron.listPorts(actors.platform.session, { network_id: own.networkId, limit: 1 } as object);
    expect(paged.map(({ id }) => id).sort()).toEqual(ids.sort());
    const page = await actors.platform.call('network', 'GET', `/ports?network_id=${own.networkId}&limit=2`);
    expect(page.body.ports).toHaveLength(2);
    expect(page.body.ports_links.find(({ rel }: { rel: string }) => rel === 'next').href).toContain(`marker=${page.body.ports[1].id}`);
  });

  it('takes one of several values for one attribute', async () => {
    const [a, b] = [await port({ name: 'a' }), await port({ name: 'b' })];
    await port({ name: 'c' });
    const answer = await actors.platform.call('network', 'GET', `/ports?network_id=${own.networkId}&name=a&name=b&fields=id`);
    expect(answer.body.ports.map(({ id }: { id: string }) => id).sort()).toEqual([a.id, b.id].sort());
  });

  it('finds names as they are, not parts of them', async () => {
    await port({ name: 'whole' });
    expect(await neutron.listPorts(actors.platform.session, { network_id: own.networkId, name: 'who' })).toEqual([]);
  });

  it('refuses filters that there are not', async () => {
    expect(await actors.platform.call('network', 'GET', '/ports?bogus=1')).toMatchObject({ status: 400, error: { message: '[\'bogus\'] is invalid attribute for filtering' } });
  });

  it('of external networks is everybody\'s', async () => {
    const [external] = await neutron.listNetworks(actors.stranger.session, { 'router:external': true });
    expect(external).toMatchObject({ 'router:external': true, 'subnets': [expect.any(String)] });
  });

  it('of Moorage covers groups and ports of all projects, but no trunks, routers and subnets of theirs', async () => {
    const theirs = await makeNetwork(actors.stranger, '10.62.0.0/24');
    const group = await makeGroup(actors.stranger);
    const there = await makePort(actors.stranger, { network_id: theirs.networkId });
    const { session } = actors.platform;
    expect(await neutron.getSecurityGroup(session, group.id)).toBeDefined();
    expect(await neutron.getPort(session, there.id)).toBeDefined();
    expect(await neutron.getNetwork(session, theirs.networkId)).toBeDefined();
    expect(await neutron.getSubnet(session, theirs.subnetId)).toBeUndefined();
  });
});
