/** What is changed or lost from outside, on a cluster that runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import type { Event } from '../../schemas/generated/types.ts';
import { clusterRequest, create, read, whenStatus } from './clusters.ts';
import { startWorld, until, type World } from './world.ts';

let world: World;
let id: string;

beforeAll(async () => {
  world = await startWorld();
  id = await create(world.demo.api, clusterRequest(world, { groups: [{ name: 'berths' }] }));
  await whenStatus(world.demo.api, id, 'RUNNING');
}, 240_000);
afterAll(() => world?.stop());

const whenTold = (reason: string): Promise<Event> => until(async () => {
  const { events } = await world.demo.api.call<{ events: Event[] }>('GET', `/v2/clusters/${id}/events?limit=50`);
  return events.find((event) => event.reason === reason) ?? false;
});

describe('the watch', { timeout: 180_000 }, () => {
  test('puts back what a user changed on a node\'s port, and says so', async () => {
    const { session, projectId } = world.demo.user;
    const [port] = await neutron.listPorts(session, { project_id: projectId, name: `moorage-${id}-berths-0` });
    await neutron.updatePort(session, port!.id, { admin_state_up: false, name: 'mine', security_groups: [] });
    const { message } = await whenTold('PortChanged');
    expect(message).toContain(port!.id);
    expect(message).toContain('admin_state_up was false');
    const now = await neutron.getPort(session, port!.id);
    expect(now).toMatchObject({ admin_state_up: true, name: port!.name, security_groups: port!.security_groups });
  });

  test('puts back rules that a user took from the nodes\' security group, and its name', async () => {
    const { session, projectId } = world.demo.user;
    const find = async () => (await neutron.listSecurityGroups(session, { project_id: projectId, name: `moorage-${id}-nodes` }))[0];
    const { id: groupId, security_group_rules: before, description } = (await find())!;
    const ingress = before.filter(({ direction }) => direction === 'ingress');
    for (const rule of ingress) await neutron.deleteSecurityGroupRule(session, rule.id);
    await neutron.createSecurityGroupRule(session, { security_group_id: groupId, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    await neutron.updateSecurityGroup(session, groupId, { name: 'mine' });
    expect((await whenTold('RulesChanged')).message).toContain('udp 30000-32767');
    await whenTold('SecurityGroupChanged');
    const after = await until(async () => (await find()) ?? false);
    expect(after).toMatchObject({ id: groupId, description });
    expect(after.security_group_rules.filter(({ direction }) => direction === 'ingress')).toHaveLength(ingress.length + 1);
  });

  test('makes a lost server anew, on the same address', async () => {
    const servers = () => nova.listServers(world.admin, { all_tenants: true, name: '^harbour-berths-0$' });
    const [before] = await servers();
    await nova.deleteServer(world.admin, before!.id);
    await whenTold('ServerGone');
    const after = await until(async () => (await servers()).find(({ id: now, status }) => now !== before!.id && status === 'ACTIVE') ?? false);
    expect(after.addresses).toEqual(before!.addresses);
    expect((await whenStatus(world.demo.api, id, 'RUNNING')).status).toBe('RUNNING');
  });

  test('takes a lost address again: kubeconfigs name it', async () => {
    const { external_ip } = await read(world.demo.api, id);
    const [floating] = await neutron.listFloatingIps(world.admin, { floating_ip_address: external_ip });
    await neutron.deleteFloatingIp(world.admin, floating!.id);
    await whenTold('AddressGone');
    const again = await until(async () => (await neutron.listFloatingIps(world.admin, { floating_ip_address: external_ip })).find(({ port_id }) => port_id !== null) ?? false);
    expect(again.id).not.toBe(floating!.id);
    await whenStatus(world.demo.api, id, 'RUNNING');
    const { health } = await until(async () => {
      const cluster = await read(world.demo.api, id);
      return cluster.health?.status === 'healthy' && cluster;
    });
    expect(health).toEqual({ status: 'healthy', reasons: [] });
  });
});
