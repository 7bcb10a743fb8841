// Source: default policies of Zed's services: what a user of the user's project gets for each attempt on the service project.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../layers/openstack/error.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { useActors } from './actors.ts';
import { bootServer, builtServer, makeGroup, makeLoadBalancer, makeNetwork, makePort, makeRouter, makeTrunk, makeVolume, subPort } from './things.ts';

const actors = useActors();
const made = {} as Record<'server' | 'volume' | 'network' | 'subnet' | 'router' | 'port' | 'group' | 'trunk' | 'balancer' | 'sub', string>;

beforeAll(async () => {
  const { platform } = actors;
  const own = await makeNetwork(platform);
  const users = await makeNetwork(actors.user, '10.30.0.0/24');
  made.network = own.networkId;
  made.subnet = own.subnetId;
  made.router = (await makeRouter(platform, own.subnetId)).routerId;
  made.group = (await makeGroup(platform)).id;
  made.port = (await makePort(platform, { network_id: own.networkId })).id;
  made.sub = (await makePort(platform, { network_id: users.networkId, project_id: actors.userProjectId })).id;
  made.trunk = (await makeTrunk(platform, made.port, [subPort(made.sub)])).id;
  made.balancer = (await makeLoadBalancer(platform, { vip_subnet_id: own.subnetId })).id;
  made.volume = (await makeVolume(platform)).id;
  made.server = await bootServer(platform, { networks: [{ port: made.port }] });
  await builtServer(platform, made.server);
});

const kinds = [
  ['server', 'compute', '/servers', 'servers', 404, { server: { name: 'x' } }], ['volume', 'block-storage', '/volumes', 'volumes', 404, { volume: { name: 'x' } }],
  ['network', 'network', '/networks', 'networks', 404, { network: { name: 'x' } }], ['subnet', 'network', '/subnets', 'subnets', 404, { subnet: { name: 'x' } }],
  ['router', 'network', '/routers', 'routers', 404, { router: { name: 'x' } }], ['port', 'network', '/ports', 'ports', 404, { port: { name: 'x' } }],
  ['group', 'network', '/security-groups', 'security_groups', 404, { security_group: { name: 'x' } }], ['trunk', 'network', '/trunks', 'trunks', 404, { trunk: { name: 'x' } }],
  ['balancer', 'load-balancer', '/lbaas/loadbalancers', 'loadbalancers', 403, { loadbalancer: { name: 'x' } }],
] as const satisfies readonly (readonly [keyof typeof made, Service, string, string, number, object])[];

describe.each(kinds)('a %s of the service project', (kind, service, path, key, refusal, change) => {
  it('is in no list of the user\'s', async () => {
    const { status, body } = await actors.user.call(service, 'GET', path);
    expect(status).toBe(200);
    expect(body[key].map(({ id }: { id: string }) => id)).not.toContain(made[kind]);
  });

  it('cannot be read, changed or deleted by the user', async () => {
    const at = `${path}/${made[kind]}`;
    const answers = [await actors.user.call(service, 'GET', at), await actors.user.call(service, 'PUT', at, change), await actors.user.call(service, 'DELETE', at)];
    expect(answers.map(({ status }) => status)).toEqual([refusal, refusal, refusal]);
  });
});

describe('the user', () => {
  it('neither reads nor lists projects, users and roles of the service domain', async () => {
    const paths = [`/projects/${actors.serviceProjectId}`, '/projects', '/users', '/role_assignments', `/users/${actors.member.userId}`, '/domains'];
    for (const path of paths) expect((await actors.user.call('identity', 'GET', path)).status, path).toBe(403);
    expect((await actors.user.call('identity', 'GET', `/projects/${actors.userProjectId}`)).status).toBe(200);
  });

  it('cannot give themselves a role there', async () => {
    const { body } = await actors.admin.call('identity', 'GET', '/roles?name=member');
    const path = `/projects/${actors.serviceProjectId}/users/${actors.user.userId}/roles/${body.roles[0].id}`;
    expect((await actors.user.call('identity', 'PUT', path)).status).toBe(403);
  });

  it('cannot detach the sub-port of a node, nor take its trunk apart', async () => {
    expect(await actors.user.call('network', 'DELETE', `/ports/${made.sub}`)).toMatchObject({ status: 409, error: { type: 'PortInUseAsSubPort' } });
    expect((await actors.user.call('network', 'PUT', `/trunks/${made.trunk}/remove_subports`, { sub_ports: [{ port_id: made.sub }] })).status).toBe(404);
    expect((await actors.user.call('compute', 'DELETE', `/servers/${made.server}/os-interface/${made.port}`)).status).toBe(404);
    expect(await neutron.getTrunk(actors.platform.session, made.trunk)).toMatchObject({ sub_ports: [{ port_id: made.sub }] });
  });

  it('cannot stop a server of it', async () => {
    expect((await actors.user.call('compute', 'POST', `/servers/${made.server}/action`, { 'os-stop': null })).status).toBe(404);
  });

  it('cannot set tags on anything of it', async () => {
    expect((await actors.user.call('network', 'PUT', `/networks/${made.network}/tags`, { tags: ['x'] })).status).toBe(404);
  });
});

describe('a reader of the user\'s project', () => {
  it('reads there and changes nothing', async () => {
    expect((await actors.reader.call('network', 'GET', `/ports/${made.sub}`)).status).toBe(200);
    expect((await actors.reader.call('network', 'GET', `/ports/${made.port}`)).status).toBe(404);
    expect((await actors.reader.call('identity', 'GET', `/projects/${actors.userProjectId}`)).status).toBe(200);
  });
});
