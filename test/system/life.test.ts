/** The whole life of a regional cluster, and what of it is whose. The tests follow one another. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isReady, listNodes, type KubeNode } from '../../layers/kubernetes/nodes.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { idFrom } from '../../layers/store/ids.ts';
import { leftBehind, type Thing } from '../../local/demo/inventory.ts';
import { addGroup, clusterRequest, create, groupSpec, operation, read, readGroup, remove, whenGone, whenGroupRuns, whenStatus } from './clusters.ts';
import { fromNetwork, openCluster, type Opened } from './kubernetes.ts';
import { changesSince, everything, startWorld, until, type World } from './world.ts';

let world: World;
let before: Thing[];
let id: string;
/** Of the cluster's API, from the user's network. */
let opened: Opened;
let publicId: string;

const uuid = randomUUID();
const taints = [{ key: 'dedicated', value: 'front', effect: 'NoSchedule' as const }];
const frontGroup = { name: 'front', labels: { tier: 'front' }, taints, scale_spec: { auto_scale: { min_size: 1, max_size: 3, size: 2 } } };

beforeAll(async () => {
  world = await startWorld();
  id = idFrom(world.demo.user.projectId, uuid);
  await makeLookAlikes();
  await world.embedded.cloud.settled();
  before = await everything(world.admin);
}, 120_000);

afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

/** Things of the user's own that are called nearly as the cluster's are, or as theirs are elsewhere. */
async function makeLookAlikes(): Promise<void> {
  const { demo: { user: { session } }, choice: { networkId, subnetId, externalNetworkId } } = world;
  await Promise.all([
    neutron.createFloatingIp(session, { floating_network_id: externalNetworkId, description: 'mine' }),
    neutron.createFloatingIp(session, {
      floating_network_id: externalNetworkId, description: `Floating IP for Kubernetes external service default/web from cluster ${id}0`,
    }),
    octavia.createLoadBalancer(session, { name: `kube_service_${id}0_default_web`, vip_subnet_id: subnetId }),
    octavia.createLoadBalancer(session, { name: `my_kube_service_${id}_default_web`, vip_subnet_id: subnetId }),
    neutron.createPort(session, { name: `moorage-${id}-front-0`, network_id: networkId }),
    neutron.createSecurityGroup(session, { name: `moorage-${id}-nodes`, description: 'mine' }),
    cinder.createVolume(session, { name: 'harbour-front-0-boot', size: 1, metadata: { moorage: id } }),
  ]);
}

const nodesByName = async (): Promise<Map<string, KubeNode>> => new Map((await listNodes(opened.kube)).map((node) => [node.metadata.name, node]));
const namesOf = async (groupId: string): Promise<string[]> => (await readGroup(world.demo.api, groupId)).nodes.map(({ name }) => name).toSorted();
const groupNamed = async (name: string) => (await read(world.demo.api, id)).node_groups.find((group) => group.name === name)!;
const change = (groupId: string, body: object) => world.demo.api.call('PATCH', `/v2/node-groups/${groupId}`, body);

/** Whatever one node consists of, in both projects, of which something is there. */
async function partsOf(name: string): Promise<string[]> {
  const slot = name.split('-').at(-1)!;
  const outsideName = `moorage-${id}-${name.split('-').slice(1, -1).join('-')}-${slot}`;
  const found = leftBehind(before, await everything(world.admin)).filter((thing) => [name, `${name}-boot`, outsideName].includes(thing.name));
  const node = (await nodesByName()).has(name) ? ['kubernetes node'] : [];
  return [...found.map(({ service, kind }) => `${service} ${kind}`), ...node].toSorted();
}

test('comes up over three zones, its API on the user\'s network', { timeout: 300_000 }, async () => {
  const { demo: { api }, choice } = world;
  const groups = [frontGroup, { name: 'back' }];
  const apiOnly = { enable_public_ip: false, loadbalancer_subnet_id: choice.subnetId };
  const asked = create(api, clusterRequest(world, { uuid, masters: 3, regional: true, groups, api: apiOnly }));
  const other = create(api, clusterRequest(world, { name: 'quay', groups: [] }));
  expect(await asked).toBe(id);
  publicId = await other;
  const first = await read(api, id);
  expect(first).toMatchObject({ status: 'PROVISIONING', api_address: '', node_groups: [{ name: 'back' }, { name: 'front' }] });

  const percents: number[] = [];
  await until(async () => {
    const { percent, status } = await operation(api, id, 'createCluster');
    percents.push(percent);
    return status === 'succeeded';
  });
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  expect(new Set(percents).size).toBeGreaterThan(5);

  const cluster = await whenStatus(api, id, 'RUNNING');
  const internal = cluster.internal_ip;
  expect(cluster).toMatchObject({ external_ip: '', api_address: `https://${internal}:6443` });
  const ports = await neutron.listPorts(world.admin, { network_id: choice.networkId });
  expect(ports.some(({ fixed_ips }) => fixed_ips.some(({ ip_address }) => ip_address === internal))).toBe(true);
  const masters = (await nova.listServers(world.admin, { all_tenants: true })).filter(({ name }) => name.startsWith('harbour-master-'));
  expect(masters.map((server) => server['OS-EXT-AZ:availability_zone']).toSorted()).toEqual(choice.zones.slice(0, 3));
});

test('has its nodes Ready, on the user\'s network, with labels and taints', { timeout: 60_000 }, async () => {
  const { demo: { api }, choice } = world;
  opened = await openCluster(api, id, (server) => fromNetwork(world, choice.networkId, '10.10.0.250', server));
  expect(opened.server).toBe((await read(api, id)).api_address);
  const nodes = await nodesByName();
  const [front, back] = [await groupNamed('front'), await groupNamed('back')];
  expect([...nodes.keys()].toSorted()).toEqual([...front.nodes, ...back.nodes].map(({ name }) => name).toSorted());
  expect(front.nodes).toHaveLength(2);
  expect([...nodes.values()].every(isReady)).toBe(true);
  for (const { name, zone } of front.nodes) {
    const node = nodes.get(name)!;
    expect(node.metadata.labels).toMatchObject({ tier: 'front', 'topology.kubernetes.io/zone': zone });
    expect(node.spec.taints).toContainEqual({ key: 'dedicated', value: 'front', effect: 'NoSchedule' });
  }
  const plain = nodes.get(back.nodes[0]!.name)!;
  expect(plain.metadata.labels).not.toHaveProperty('tier');
  expect(plain.spec.taints ?? []).toEqual([]);
});

test('shows the user ports and a security group, and lets them take away neither', { timeout: 60_000 }, async () => {
  const { demo: { user: { session, projectId } }, admin } = world;
  const theirs = leftBehind(before, await everything(admin)).filter((thing) => thing.projectId === projectId);
  expect(theirs.filter(({ kind }) => kind === 'port').map(({ name }) => name).toSorted())
    .toEqual([...await namesOf((await groupNamed('front')).id), ...await namesOf((await groupNamed('back')).id)]
      .map((name) => name.replace('harbour-', `moorage-${id}-`)).toSorted());
  expect(theirs.filter(({ kind }) => kind !== 'port').map(({ kind, name }) => `${kind} ${name}`).toSorted())
    .toEqual([`security group moorage-${id}-nodes`, `security group moorage-${publicId}-nodes`].toSorted());
  expect(await neutron.listTrunks(session)).toEqual([]);
  expect(await nova.listServers(session)).toEqual([]);
  for (const port of theirs.filter(({ kind }) => kind === 'port')) {
    await expect(neutron.deletePort(session, port.id)).rejects.toMatchObject({ status: 409, type: 'PortInUseAsSubPort' });
  }
});

test('lets the allow-list of a public API be edited', { timeout: 120_000 }, async () => {
  const { demo: { api }, admin } = world;
  await whenStatus(api, publicId, 'RUNNING');
  const name = `moorage-${publicId}-kubernetes`;
  const allowed = async () => (await octavia.listListeners(admin)).find((listener) => listener.name === name)!.allowed_cidrs ?? [];
  const edit = async (allowed_cidrs: string[]) => {
    await api.call('PATCH', `/v2/clusters/${publicId}`, { load_balancer_config: { octavia_engine: { allowed_cidrs } } });
    return (await whenStatus(api, publicId, 'RUNNING')).load_balancer_config.octavia_engine.allowed_cidrs;
  };
  expect(await allowed()).toEqual([]);
  expect(await edit(['203.0.113.0/24'])).toEqual(['203.0.113.0/24']);
  // The nodes' own network and the platform are always let in.
  expect((await allowed()).toSorted()).toEqual(['100.96.0.0/20', '127.0.0.0/8', '203.0.113.0/24']);
  expect(await edit([])).toEqual([]);
  expect(await allowed()).toEqual([]);
});

test('brings changed labels and taints to nodes that are there', { timeout: 120_000 }, async () => {
  const { id: groupId } = await groupNamed('front');
  await change(groupId, { labels: { role: 'edge' }, taints: [] });
  await whenGroupRuns(world.demo.api, groupId);
  const nodes = await nodesByName();
  for (const name of await namesOf(groupId)) {
    expect(nodes.get(name)!.metadata.labels).toMatchObject({ role: 'edge' });
    expect(nodes.get(name)!.metadata.labels).not.toHaveProperty('tier');
    expect(nodes.get(name)!.spec.taints ?? []).toEqual([]);
  }
});

test('shrinks a group by whole nodes', { timeout: 120_000 }, async () => {
  const { id: groupId } = await groupNamed('front');
  const had = await namesOf(groupId);
  expect(await partsOf(had[0]!)).toEqual(['cinder volume', 'kubernetes node', 'neutron port', 'neutron port', 'neutron trunk', 'nova server']);
  await change(groupId, { scale_spec: { auto_scale: { min_size: 1, max_size: 3, size: 1 } } });
  await whenGroupRuns(world.demo.api, groupId);
  const kept = await namesOf(groupId);
  expect(kept).toHaveLength(1);
  for (const name of had.filter((one) => !kept.includes(one))) expect(await partsOf(name)).toEqual([]);
  expect(await partsOf(kept[0]!)).toHaveLength(6);
});

test('adds two groups at the same time, and takes one away while the other grows', { timeout: 240_000 }, async () => {
  const { demo: { api } } = world;
  const [left, right] = await Promise.all(['left', 'right'].map((name) => addGroup(api, id, groupSpec(world, { name }))));
  expect((await read(api, id)).status).toBe('RECONCILING');
  await Promise.all([whenGroupRuns(api, left!), whenGroupRuns(api, right!)]);
  const nodes = await nodesByName();
  const [leftNames, rightNames] = [await namesOf(left!), await namesOf(right!)];
  for (const name of [...leftNames, ...rightNames]) expect(isReady(nodes.get(name)!)).toBe(true);
  // Slots are the cluster's: none is taken twice.
  const slots = [...nodes.keys()].map((name) => name.split('-').at(-1));
  expect(new Set(slots).size).toBe(slots.length);

  await change(right!, { scale_spec: { fixed_scale: { size: 2 } } });
  await api.call('DELETE', `/v2/node-groups/${left}`);
  await whenGroupRuns(api, right!);
  await until(async () => (await read(api, id)).status === 'RUNNING');
  expect((await read(api, id)).node_groups.map(({ name }) => name)).toEqual(['back', 'front', 'right']);
  for (const name of leftNames) expect(await partsOf(name)).toEqual([]);
  expect(await namesOf(right!)).toHaveLength(2);
});

test('goes without a trace, and touches nothing that is not its own', { timeout: 240_000 }, async () => {
  const { demo: { api }, admin } = world;
  await Promise.all([remove(api, id), remove(api, publicId)]);
  await Promise.all([whenGone(api, id), whenGone(api, publicId)]);
  expect(await changesSince(before, admin)).toEqual({ added: [], gone: [] });
});
