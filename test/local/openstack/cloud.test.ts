// Source: the design's embedded cloud: faults on demand, counters, waits, leftovers, restart; facts b, c for wiring.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Faults } from '../../../local/openstack/faults.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import type { CloudServer } from '../../../local/openstack/machines-view.ts';
import { boot, login, makeNetwork, makePort, send, serviceProject, userNetwork, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
});
afterAll(() => cloud.close());
afterEach(() => cloud.faults.clear());

const networks = () => demo.call('network', 'GET', '/networks');
const newNetwork = (name: string) => demo.call('network', 'POST', '/networks', { network: { name } });
const named = async (name: string) => (await demo.call('network', 'GET', `/networks?name=${name}`))
  .body.networks.length;

describe('faults', () => {
  it('answer so many calls with a status and Retry-After, in the service\'s own shape', async () => {
    cloud.faults.add({ service: 'network', times: 5, status: 500 });
    cloud.faults.add({ service: 'neutron', method: 'GET', pathPattern: '/networks$', times: 2, status: 503,
      retryAfter: 7 });
    const answers = [await networks(), await networks(), await networks()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(answers[0]?.headers.get('retry-after')).toBe('7');
    expect(answers[0]?.body).toHaveProperty('NeutronError.message');
  });

  it('let a service take so many calls a second, and ask to be left alone above that', () => {
    let now = 1_000;
    const faults = new Faults(1, () => 0, () => now);
    faults.add('rate:neutron=5');
    const struck = (calls: number) => Array.from({ length: calls }, () => faults.strike('neutron', 'GET', '/ports')).filter((fault) => fault);
    expect(struck(10)).toEqual([]);
    expect(struck(2)).toEqual([{ status: 429, retryAfter: 3 }, { status: 429, retryAfter: 3 }]);
    expect(faults.strike('nova', 'GET', '/servers')).toBeUndefined();
    now += 1_000;
    expect(struck(6)).toHaveLength(1);
    faults.clear();
    expect(struck(20)).toEqual([]);
  });

  it('lose the answer of a call that took effect', async () => {
    cloud.faults.add({ service: 'neutron', method: 'POST', times: 1, dropReply: true });
    await expect(newNetwork('lost')).rejects.toThrow();
    expect(await named('lost')).toBe(1);
  });

  it('let a call land after its answer was given up on', async () => {
    cloud.faults.add({ service: 'neutron', method: 'POST', times: 1, landLateMs: 300 });
    await expect(newNetwork('late')).rejects.toThrow();
    expect(await named('late')).toBe(0);
    await expect.poll(() => named('late')).toBe(1);
  });

  it('have names: a server, a load balancer that fails; a service that is down; a quota; lost replies', async () => {
    for (const name of ['server-error', 'load-balancer-error']) cloud.faults.add(name);
    const { id } = (await boot(demo, 'doomed', {})).body.server;
    const { subnetId } = await userNetwork(demo);
    const lb = await demo.call('load-balancer', 'POST', '/loadbalancers',
      { loadbalancer: { vip_subnet_id: subnetId } });
    await cloud.settled();
    const { server } = (await demo.call('compute', 'GET', `/servers/${id}`)).body;
    expect(server).toMatchObject({ status: 'ERROR',
      fault: { message: expect.stringContaining('No valid host was found') } });
    const path = `/loadbalancers/${lb.body.loadbalancer.id}`;
    expect((await demo.call('load-balancer', 'GET', path)).body.loadbalancer.provisioning_status).toBe('ERROR');
    expect((await demo.call('load-balancer', 'DELETE', path)).status).toBe(204);

    cloud.faults.add('nova-down:3600000');
    expect((await demo.call('compute', 'GET', '/servers')).status).toBe(503);
    cloud.faults.add('quota:neutron.network=0');
    expect((await newNetwork('over')).body.NeutronError.type).toBe('OverQuota');
    cloud.faults.add('lost-replies:1');
    await expect(demo.call('volumev3', 'POST', '/volumes', { volume: { size: 1 } })).rejects.toThrow();
    cloud.faults.clear();
    expect((await demo.call('compute', 'GET', '/servers')).status).toBe(200);
    expect(() => cloud.faults.add('flood')).toThrow('server-error');
    await cloud.settled();
  });
});

describe('the log', () => {
  it('counts calls by service, verb and path', async () => {
    cloud.calls.reset();
    await networks();
    await networks();
    await newNetwork('counted');
    await demo.call('compute', 'GET', '/servers/x');
    expect(cloud.calls.read()).toEqual({
      total: 4, byService: { neutron: 3, nova: 1 }, byVerb: { neutron: { GET: 2, POST: 1 }, nova: { GET: 1 } },
      byCall: { 'neutron GET /v2.0/networks': 2, 'neutron POST /v2.0/networks': 1, 'nova GET /servers/{id}': 1 },
    });
  });

  it('holds every wait with the request id of the call that began it', async () => {
    const requestId = 'req-8b7c6f5e-0000-4000-8000-000000000001';
    const answer = await demo.call('volumev3', 'POST', '/volumes', { volume: { size: 1, name: 'v' } },
      { 'X-OpenStack-Request-ID': requestId });
    const mine = () => cloud.waits().filter((wait) => wait.requestId === requestId);
    expect(mine()).toMatchObject([{ resource: 'volume', id: answer.body.volume.id, name: 'v',
      projectId: demo.projectId }]);
    await cloud.settled();
    const [wait] = mine();
    expect(wait?.endedAt).toBeGreaterThanOrEqual(wait?.startedAt ?? Infinity);
  });
});

describe('leftovers', () => {
  it('are what carries the mark or lies in the projects, the default security groups aside', async () => {
    const { id, member } = await serviceProject(cloud, 'leaving');
    const { networkId } = await makeNetwork(member, 'moorage-abc-network', '10.3.0.0/24');
    const port = await makePort(member, networkId);
    await demo.call('volumev3', 'POST', '/volumes', { volume: { size: 1, metadata: { moorage: 'abc' } } });
    await cloud.settled();
    const inProject = cloud.leftovers({ projectIds: [id] });
    expect(inProject['neutron']?.['ports']?.map((one) => one.id)).toEqual([port]);
    expect(inProject['neutron']).not.toHaveProperty('securityGroups');
    expect(inProject['keystone']?.['projects']).toHaveLength(1);
    const marked = cloud.leftovers({ mark: 'moorage=abc' });
    expect(Object.keys(marked)).toEqual(['neutron', 'cinder']);
    expect(cloud.leftovers({ mark: 'moorage=nothing' })).toEqual({});
  });
});

describe('the machines\' view', () => {
  it('tells of servers as they come up, with user data, sub-ports and their VLAN, and as they go', async () => {
    const { id, member, admin } = await serviceProject(cloud, 'machines');
    const { networkId } = await makeNetwork(member, 'service', '100.96.0.0/20');
    const { networkId: outer } = await userNetwork(demo);
    const parent = await makePort(member, networkId);
    const sub = await makePort(admin, outer, { project_id: demo.projectId });
    await admin.call('network', 'POST', '/trunks', {
      trunk: { port_id: parent, sub_ports: [{ port_id: sub, segmentation_type: 'vlan', segmentation_id: 100 }] },
    });
    const came: CloudServer[] = [];
    const gone: string[] = [];
    const stop = [cloud.onServerActive((one) => came.push(one)), cloud.onServerGone((one) => gone.push(one.id))];
    const { server } = (await boot(member, 'worker', { user_data: 'aGk=', networks: [{ port: parent }] })).body;
    await cloud.settled();
    expect(came).toMatchObject([{
      id: server.id, projectId: id, status: 'ACTIVE', powerState: 'running', userData: 'aGk=',
      ports: [{ id: parent, vlanId: null,
        subPorts: [{ id: sub, vlanId: 100, projectId: demo.projectId, fixedIps: [{ cidr: '10.10.0.0/24' }] }] }],
    }]);
    cloud.setServerPower(server.id, 'shutdown');
    expect((await member.call('compute', 'GET', `/servers/${server.id}`)).body.server.status).toBe('SHUTOFF');
    await member.call('compute', 'DELETE', `/servers/${server.id}`);
    await cloud.settled();
    expect(gone).toEqual([server.id]);
    for (const end of stop) end();
  });
});

describe('/_cloud', () => {
  it('opens the same doors to other processes', async () => {
    const door = (method: string, path: string, body?: unknown) =>
      send(method, `${cloud.authUrl.replace('/identity/v3', '/_cloud')}${path}`, body);
    expect((await door('POST', '/faults', { fault: 'server-error' })).body.breakages).toEqual(['server-error']);
    expect((await door('POST', '/faults', { fault: 'flood' })).status).toBe(400);
    expect((await door('DELETE', '/faults')).status).toBe(204);
    expect((await door('GET', '/faults')).body.breakages).toEqual([]);
    expect((await door('GET', '/calls')).body.total).toBe(cloud.calls.read().total);
    expect((await door('GET', '/waits')).body.length).toBe(cloud.waits().length);
    expect((await door('GET', '/servers')).body).toEqual(cloud.servers());
    expect((await door('GET', '/leftovers?mark=moorage%3Dnothing')).body).toEqual({});
  });
});

describe('a killed cloud', () => {
  async function startProcess(statePath: string, scale: number) {
    const file = join(import.meta.dirname, 'cloud-process.ts');
    const child = spawn(process.execPath, [file, statePath, String(scale)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data') as [Buffer];
    return { child, authUrl: line.toString().trim() };
  }

  it('goes on with everything it acknowledged, waits included', async () => {
    const statePath = join(await mkdtemp(join(tmpdir(), 'cloud-')), 'cloud.journal');
    const first = await startProcess(statePath, 30);
    const before = await login(first.authUrl, cloud.credentials.demo);
    const { subnetId } = await userNetwork(before);
    const made = await before.call('load-balancer', 'POST', '/loadbalancers',
      { loadbalancer: { name: 'lb', vip_subnet_id: subnetId } });
    const created = await before.call('network', 'POST', '/networks', { network: { name: 'acknowledged' } });
    expect(made.body.loadbalancer.provisioning_status).toBe('PENDING_CREATE');
    const waits = async (authUrl: string) => (await send('GET', authUrl.replace('/identity/v3', '/_cloud/waits'))).body;
    const [begun] = await waits(first.authUrl);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await startProcess(statePath, 30);
    try {
      const after = await login(second.authUrl, cloud.credentials.demo);
      expect(after.projectId).toBe(before.projectId);
      const { networks: found } = (await after.call('network', 'GET', '/networks?name=acknowledged')).body;
      expect(found.map((one: { id: string }) => one.id)).toEqual([created.body.network.id]);
      const path = `/loadbalancers/${made.body.loadbalancer.id}`;
      const status = async () => (await after.call('load-balancer', 'GET', path)).body.loadbalancer.provisioning_status;
      await expect.poll(status, { timeout: 20_000 }).toBe('ACTIVE');
      const [ended] = await waits(second.authUrl);
      expect(ended).toMatchObject({ id: begun.id, startedAt: begun.startedAt });
      expect(ended.endedAt - begun.startedAt).toBeGreaterThanOrEqual(63_000 / 30 - 1);
      const kept = await send('GET', `${second.authUrl}/auth/tokens`, undefined,
        { 'X-Auth-Token': before.token, 'X-Subject-Token': before.token });
      expect(kept.status).toBe(200);
    } finally {
      second.child.kill('SIGKILL');
    }
  });
});

describe('images and flavors', () => {
  it('are there as image builder and clouds name them', async () => {
    const { images } = (await demo.call('image', 'GET',
      '/images?name=in:ubuntu-2404-kube-v1.33.5,nothing&visibility=public')).body;
    expect(images).toMatchObject([{ name: 'ubuntu-2404-kube-v1.33.5', os_distro: 'ubuntu', kube_version: 'v1.33.5',
      status: 'active' }]);
    expect((await demo.call('image', 'GET', '/images/ffff')).status).toBe(404);
    const page = (await demo.call('image', 'GET', '/images?limit=1')).body;
    expect(page.next).toContain(`marker=${page.images[0].id}`);
    const { availabilityZoneInfo: zones } = (await demo.call('compute', 'GET', '/os-availability-zone')).body;
    expect(zones.map((zone: { zoneName: string }) => zone.zoneName)).toEqual(['zone-1', 'zone-2', 'zone-3']);
  });
});
