/**
 * What users can still change on their nodes' ports, and what gets lost of a cluster: noticed by the scheduled watch, told
 * as an event with what was changed, and put back. That the watch runs every minute and that a cluster is due in every run of it
 * is its schedule's to say; here it runs more often.
 */
import { beforeAll, expect, test } from 'vitest';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { path } from '../../layers/openstack/path.ts';
import type { Session } from '../../layers/openstack/session.ts';
import type { Event } from '../../schemas/generated/types.ts';
import { events, read } from '../system/clusters.ts';
import { until } from '../system/world.ts';
import type { LabWorld, RunningCluster } from './world.ts';

export function tampering(running: () => RunningCluster): void {
  let world: LabWorld;
  let id: string;
  beforeAll(() => { ({ world, id } = running()); });

  /** The event of that reason that tells of something since then. */
  const whenTold = (reason: string, since: number, holds: (event: Event) => boolean = () => true): Promise<Event> => until(async () =>
    (await events(world.demo.api, id)).find((event) => event.reason === reason && Date.parse(event.at) >= since && holds(event)), 500);

  /** Healthy again, and nothing under way. */
  const whenHealthy = (): Promise<unknown> => until(async () => {
    const { status, health } = await read(world.demo.api, id);
    return status === 'RUNNING' && health?.status === 'healthy';
  }, 500);

  const nodePort = async (session: Session): Promise<neutron.Port> => {
    const { projectId } = world.demo.user;
    const ports = await neutron.listPorts(session, { project_id: projectId });
    return ports.find(({ description }) => description.includes(id))!;
  };

  test.each<[string, (session: Session, port: neutron.Port) => Promise<unknown>, string]>([
    ['security groups', (session, { id: port }) => neutron.updatePort(session, port, { security_groups: [] }), 'security_groups was []'],
    ['allowed address pairs', (session, { id: port }) => neutron.updatePort(session, port, { allowed_address_pairs: [{ ip_address: '10.10.0.250' }] }), 'allowed_address_pairs was'],
    ['admin state', (session, { id: port }) => neutron.updatePort(session, port, { admin_state_up: false }), 'admin_state_up was false'],
    ['name', (session, { id: port }) => neutron.updatePort(session, port, { name: 'mine' }), 'name was "mine"'],
    ['device', (session, { id: port }) => neutron.updatePort(session, port, { device_id: 'mine', device_owner: 'compute:mine' }), 'device_id was "mine"'],
    ['tags', (session, { id: port }) => neutron.setTags(session, 'ports', port, ['mine']), 'tags was ["mine"]'],
  ])('the %s of a node\'s port are put back', { timeout: 300_000 }, async (_what, tamper, message) => {
    const port = await nodePort(world.admin);
    const since = Date.now();
    await tamper(world.demo.user.session, port);
    const event = await whenTold('PortChanged', since - 2_000, (told) => told.message.includes(message));
    expect(event).toMatchObject({ level: 'warning', message: expect.stringContaining(port.id) as string });
    const { security_groups, allowed_address_pairs, admin_state_up, name, tags, device_id, device_owner } = (await neutron.getPort(world.admin, port.id))!;
    expect({ security_groups, allowed_address_pairs, admin_state_up, name, tags, device_id, device_owner }).toEqual({
      security_groups: port.security_groups, allowed_address_pairs: [], admin_state_up: true, name: port.name, tags: [],
      device_id: port.device_id, device_owner: port.device_owner,
    });
  });

  test('a deleted floating address of the API is taken again, the same', { timeout: 600_000 }, async () => {
    const { external_ip } = await read(world.demo.api, id);
    const [lost] = await neutron.listFloatingIps(world.admin, { floating_ip_address: external_ip });
    const since = Date.now();
    await neutron.deleteFloatingIp(world.admin, lost!.id);
    await whenTold('AddressGone', since - 2_000);
    await until(async () => (await neutron.listFloatingIps(world.admin, { floating_ip_address: external_ip })).some(({ port_id }) => port_id !== null), 500);
    await whenHealthy();
  });

  test('a removed member of the load balancer comes back', { timeout: 600_000 }, async () => {
    const [loadBalancer] = await octavia.listLoadBalancers(world.admin, { name: `moorage-${id}-api` });
    const memberIds = async () => (await octavia.getLoadBalancerStatus(world.admin, loadBalancer!.id))!.listeners
      .map(({ pools: [pool] }) => ({ poolId: pool!.id, members: pool!.members.map(({ id: member }) => member) }));
    const poolId = (await memberIds())[0]!.poolId;
    const since = Date.now();
    await octavia.replaceMembers(world.admin, poolId, []);
    await whenTold('MemberGone', since - 2_000);
    await until(async () => (await memberIds()).every(({ members }) => members.length === 1), 500);
    await whenHealthy();
  });

  test('a deleted server is made anew, with its address; the cluster says that it is unhealthy until then', { timeout: 600_000 }, async () => {
    const servers = () => nova.listServers(world.admin, { all_tenants: true, name: '^harbour-berths-0$' });
    const [lost] = await servers();
    const since = Date.now();
    await nova.deleteServer(world.admin, lost!.id);
    // Nova remembers who did it.
    const { users: [me] } = await world.admin.request<{ users: { id: string }[] }>({ service: 'identity', method: 'GET', path: path`/users`, query: { name: 'admin' } });
    expect((await whenTold('ServerGone', since - 2_000)).message).toContain(`told to delete, by user ${me!.id}`);
    expect((await read(world.demo.api, id)).health).toMatchObject({ status: 'unhealthy', reasons: [expect.stringContaining('harbour-berths-0 is gone')] });
    const made = await until(async () => (await servers()).find(({ id: now, status }) => now !== lost!.id && status === 'ACTIVE'), 500);
    expect(made.addresses).toEqual(lost!.addresses);
    await whenHealthy();
  });
}
