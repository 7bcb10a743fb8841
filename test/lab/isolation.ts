/**
 * What a user of the user's project can do to what the platform keeps for their cluster: nothing. Every attempt is told with
 * the answer it got; afterwards everything is there, and as it was.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../../layers/openstack/call.ts';
import { isOpenStackError, type Method, type Service } from '../../layers/openstack/error.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { until } from '../system/world.ts';
import { inventory, type Thing } from '../../local/demo/inventory.ts';
import type { LabWorld, RunningCluster } from './world.ts';

interface Answer { status: number; body: unknown }

export function isolation(running: () => RunningCluster): void {
  let world: LabWorld;
  let user: Session;
  let clusterId: string;
  let serviceProjectId: string;
  /** Everything in the service project, as the administrator sees it. */
  let things: Thing[];
  const told: string[] = [];

  beforeAll(async () => {
    ({ world, id: clusterId } = running());
    user = world.demo.user.session;
    serviceProjectId = (await inventory(world.admin, [], clusterId)).find(({ kind }) => kind === 'project')!.id;
    things = await ours();
  });
  afterAll(() => {
    process.stdout.write(`\nWhat a user of project "demo" tried on the service project, and the answer:\n${told.map((line) => `  ${line}\n`).join('')}`);
  });

  const ours = async (): Promise<Thing[]> => (await inventory(world.admin, [serviceProjectId], clusterId))
    .filter(({ id, projectId, kind }) => projectId === serviceProjectId || id === serviceProjectId || kind === 'user');

  /** What the service answered the user, with its own name for a refusal. */
  async function attempt(what: string, service: Service, method: Method, text: string, body?: unknown, microversion?: string): Promise<Answer> {
    const call: Call = { service, method, path: { text, template: text }, ...(body !== undefined && { body }), ...(microversion && { microversion }) };
    const answer = await user.request<unknown>(call).then((found) => ({ status: 200, body: found, type: '' }), (error: unknown) => {
      if (!isOpenStackError(error)) throw error;
      return { status: error.status, body: error.message, type: error.type };
    });
    told.push(`${String(answer.status)} ${answer.type.padEnd(28)} ${what}: ${method} ${text}`);
    return answer;
  }

  const refused = [403, 404];
  const one = (kind: string): Thing => things.find((thing) => thing.kind === kind)!;

  /** Kind → where it is listed (as if for all projects), where it is, and what would change it. */
  const kinds: Record<string, { service: Service; list: string; at: (id: string) => string; change: [Method, string, unknown] }> = {
    'server': { service: 'compute', list: '/servers/detail', at: (id) => `/servers/${id}`, change: ['PUT', '', { server: { name: 'mine' } }] },
    'volume': { service: 'block-storage', list: '/volumes/detail?all_tenants=1', at: (id) => `/volumes/${id}`, change: ['PUT', '', { volume: { name: 'mine' } }] },
    ...Object.fromEntries(Object.entries({
      'network': 'networks', 'subnet': 'subnets', 'router': 'routers', 'security group': 'security-groups', 'port': 'ports', 'trunk': 'trunks',
    }).map(([kind, plural]) => {
      const key = plural.slice(0, -1).replace('-', '_');
      return [kind, { service: 'network' as const, list: `/${plural}`, at: (id: string) => `/${plural}/${id}`, change: ['PUT', '', { [key]: { name: 'mine' } }] as [Method, string, unknown] }];
    })),
    'floating address': { service: 'network', list: '/floatingips', at: (id) => `/floatingips/${id}`, change: ['PUT', '', { floatingip: { port_id: null } }] },
    'load balancer': { service: 'load-balancer', list: '/lbaas/loadbalancers', at: (id) => `/lbaas/loadbalancers/${id}`, change: ['PUT', '', { loadbalancer: { admin_state_up: false } }] },
  };

  test.each(Object.keys(kinds))('a %s is neither listed, read, changed nor deleted', { timeout: 240_000 }, async (kind) => {
    const { service, list, at, change: [method, below, body] } = kinds[kind]!;
    const ours = things.filter((thing) => thing.kind === kind);
    expect(ours, `the cluster has a ${kind}`).not.toHaveLength(0);
    const join = list.includes('?') ? '&' : '?';
    for (const path of [list, `${list}${join}project_id=${serviceProjectId}`]) {
      const { status, body: found } = await attempt(`list each ${kind}`, service, 'GET', path);
      const listed = JSON.stringify(found);
      if (status === 200) for (const { id } of ours) expect(listed.includes(`"id": "${id}"`) || listed.includes(`"id":"${id}"`), `${path} shows ${id}`).toBe(false);
      else expect(refused).toContain(status);
    }
    for (const { id, name } of ours.slice(0, 3)) {
      expect(refused).toContain((await attempt(`read ${kind} ${name}`, service, 'GET', at(id))).status);
      expect(refused).toContain((await attempt(`change ${kind} ${name}`, service, method, `${at(id)}${below}`, body)).status);
      expect(refused).toContain((await attempt(`delete ${kind} ${name}`, service, 'DELETE', at(id))).status);
    }
  });

  test('nor the parts of the load balancer', { timeout: 240_000 }, async () => {
    const { id } = one('load balancer');
    const tree = (await octavia.getLoadBalancerStatus(world.admin, id))!;
    expect(tree.listeners).toHaveLength(3);
    for (const listener of tree.listeners) {
      const [pool] = listener.pools;
      const [member] = pool!.members;
      for (const [what, path, body] of [
        ['listener', `/lbaas/listeners/${listener.id}`, { listener: { admin_state_up: false } }], ['pool', `/lbaas/pools/${pool!.id}`, { pool: { admin_state_up: false } }],
        ['member', `/lbaas/pools/${pool!.id}/members/${member!.id}`, { member: { admin_state_up: false } }],
      ] as const) {
        expect(refused).toContain((await attempt(`read ${what} ${listener.name}`, 'load-balancer', 'GET', path)).status);
        expect(refused).toContain((await attempt(`change ${what} ${listener.name}`, 'load-balancer', 'PUT', path, body)).status);
        expect(refused).toContain((await attempt(`delete ${what} ${listener.name}`, 'load-balancer', 'DELETE', path)).status);
      }
    }
    expect(refused).toContain((await attempt('add a listener', 'load-balancer', 'POST', '/lbaas/listeners', { listener: { loadbalancer_id: id, protocol: 'TCP', protocol_port: 22 } })).status);
    expect(refused).toContain((await attempt('delete with all its parts', 'load-balancer', 'DELETE', `/lbaas/loadbalancers/${id}?cascade=true`)).status);
  });

  test('nor is a machine reached: console, power, volumes, ports, user data', { timeout: 240_000 }, async () => {
    for (const { id, name } of things.filter(({ kind }) => kind === 'server')) {
      for (const [what, body] of Object.entries({
        'read the console of': { 'os-getConsoleOutput': {} }, 'stop': { 'os-stop': null }, 'reboot': { reboot: { type: 'HARD' } }, 'rebuild': { rebuild: { imageRef: id } },
      })) expect(refused).toContain((await attempt(`${what} server ${name}`, 'compute', 'POST', `/servers/${id}/action`, body)).status);
      expect(refused).toContain((await attempt(`open a console of server ${name}`, 'compute', 'POST', `/servers/${id}/remote-consoles`, { remote_console: { protocol: 'vnc', type: 'novnc' } }, '2.6')).status);
      expect(refused).toContain((await attempt(`read the user data of server ${name}`, 'compute', 'GET', `/servers/${id}`, undefined, '2.3')).status);
      expect(refused).toContain((await attempt(`attach a port to server ${name}`, 'compute', 'POST', `/servers/${id}/os-interface`, { interfaceAttachment: { net_id: world.choice.networkId } })).status);
      expect(refused).toContain((await attempt(`list the volumes of server ${name}`, 'compute', 'GET', `/servers/${id}/os-volume_attachments`)).status);
    }
    const volume = one('volume');
    for (const [what, body] of Object.entries({ 'detach': { 'os-detach': {} }, 'copy into an image': { 'os-volume_upload_image': { image_name: 'mine' } } })) {
      expect(refused).toContain((await attempt(`${what} volume ${volume.name}`, 'block-storage', 'POST', `/volumes/${volume.id}/action`, body)).status);
    }
    expect(refused).toContain((await attempt(`make a snapshot of volume ${volume.name}`, 'block-storage', 'POST', '/snapshots', { snapshot: { volume_id: volume.id, force: true } })).status);
  });

  test('nor its networks entered, nor its limits changed', { timeout: 240_000 }, async () => {
    const [network, subnet, router, group] = ['network', 'subnet', 'router', 'security group'].map(one) as [Thing, Thing, Thing, Thing];
    expect(refused).toContain((await attempt('put a port on the service network', 'network', 'POST', '/ports', { port: { network_id: network.id } })).status);
    expect(refused).toContain((await attempt('add a subnet to the service network', 'network', 'POST', '/subnets', { subnet: { network_id: network.id, ip_version: 4, cidr: '10.99.0.0/24' } })).status);
    expect(refused).toContain((await attempt('take the subnet from the router', 'network', 'PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id })).status);
    expect(refused).toContain((await attempt('add a rule to a security group', 'network', 'POST', '/security-group-rules', { security_group_rule: { security_group_id: group.id, direction: 'ingress' } })).status);
    for (const [service, path, key] of [['compute', '/os-quota-sets', 'quota_set'], ['block-storage', '/os-quota-sets', 'quota_set'], ['network', '/quotas', 'quota'], ['load-balancer', '/lbaas/quotas', 'quota']] as const) {
      expect(refused).toContain((await attempt('change the quota', service, 'PUT', `${path}/${serviceProjectId}`, { [key]: { [key === 'quota' ? (service === 'network' ? 'port' : 'load_balancer') : service === 'compute' ? 'cores' : 'volumes']: 1 } })).status);
    }
  });

  test('nor are its project, its user and their roles', { timeout: 240_000 }, async () => {
    const { id: userId } = one('user');
    for (const [what, path, body] of [['project', `/projects/${serviceProjectId}`, { project: { name: 'mine' } }], ['user', `/users/${userId}`, { user: { password: 'mine' } }]] as const) {
      expect(refused).toContain((await attempt(`list each ${what}`, 'identity', 'GET', `/${what}s`)).status);
      expect(refused).toContain((await attempt(`read the ${what}`, 'identity', 'GET', path)).status);
      expect(refused).toContain((await attempt(`change the ${what}`, 'identity', 'PATCH', path, body)).status);
      expect(refused).toContain((await attempt(`delete the ${what}`, 'identity', 'DELETE', path)).status);
    }
    expect(refused).toContain((await attempt('read its application credentials', 'identity', 'GET', `/users/${userId}/application_credentials`)).status);
    expect(refused).toContain((await attempt('list the roles on it', 'identity', 'GET', `/role_assignments?scope.project.id=${serviceProjectId}`)).status);
  });

  test('the sub-port of a node can be neither deleted nor taken from its trunk', { timeout: 240_000 }, async () => {
    const [port] = await neutron.listPorts(user, { name: `moorage-${clusterId}-berths-0` });
    const { id: trunkId } = one('trunk');
    const deleted = await attempt('delete the sub-port of a node', 'network', 'DELETE', `/ports/${port!.id}`);
    expect(deleted).toMatchObject({ status: 409, body: expect.stringContaining('trunk') as string });
    expect(refused).toContain((await attempt('take it from its trunk', 'network', 'PUT', `/trunks/${trunkId}/remove_subports`, { sub_ports: [{ port_id: port!.id }] })).status);
    expect([403, 404, 409]).toContain((await attempt('put it into a trunk of one\'s own', 'network', 'POST', '/trunks', { trunk: { port_id: port!.id } })).status);
    // This much is let through, and put back by the watch; it opens no way to delete the port.
    await attempt('say that it is another machine\'s', 'network', 'PUT', `/ports/${port!.id}`, { port: { device_id: 'mine', device_owner: 'compute:mine' } });
    expect(await attempt('delete it then', 'network', 'DELETE', `/ports/${port!.id}`)).toMatchObject({ status: 409 });
    const [trunk] = await neutron.listTrunks(world.admin, { id: trunkId });
    expect(trunk!.sub_ports).toEqual([expect.objectContaining({ port_id: port!.id })]);
    await until(async () => (await neutron.getPort(world.admin, port!.id))!.device_id === '', 500);
  });

  test('and after all that everything is there, as it was', { timeout: 240_000 }, async () => {
    const after = await ours();
    expect(after).toEqual(expect.arrayContaining(things));
    expect(after).toHaveLength(things.length);
    expect((await world.demo.api.call<{ status: string }>('GET', `/v2/clusters/${clusterId}`)).status).toBe('RUNNING');
  });
}
