/**
 * What Moorage's user may and may not do in a cloud that gives it the role `moorage` and the policies beside this file:
 * all that the steps need (the rest is the doctor's to try), and nothing of anybody else's.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCloud, scopeOf, type CloudAccess, type Login } from '../../local/clouds.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import { OpenStackError } from '../../layers/openstack/error.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import type { Scope } from '../../layers/openstack/token.ts';

const lab = await labThatAnswers();
const name = `role-test-${randomBytes(4).toString('hex')}`;

let admin: Session;
let user: Session;
let domain: Session;
let service: Session;
let userProjectId: string;
let serviceProjectId: string;
let userSubnet: neutron.Subnet;

/** Ways out of what a test has made, in reverse order. */
const undo: (() => Promise<unknown>)[] = [];

describe.skipIf(!lab)('the platform\'s user on the lab', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    admin = sessionOf(lab!.admin!);
    user = sessionOf(lab!.user!);
    domain = sessionOf(lab!.platform);
    userProjectId = (await keystone.listProjects(admin, { name: lab!.user!.projectName! }))[0]!.id;
    userSubnet = (await neutron.listSubnets(user, { name: 'demo-subnet' }))[0]!;
    serviceProjectId = (await keystone.createProject(domain, { name, enabled: true, tags: [] })).id;
    undo.push(() => keystone.deleteProject(domain, serviceProjectId));
    service = sessionOf(lab!.platform, { projectId: serviceProjectId });
  }, 60_000);
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  }, 60_000);

  test('puts back what a user changed on a port of a node', async () => {
    const group = await neutron.createSecurityGroup(service, { name, project_id: userProjectId });
    undo.push(() => neutron.deleteSecurityGroup(service, group.id));
    const port = await neutron.createPort(service, {
      name, project_id: userProjectId, network_id: userSubnet.network_id, fixed_ips: [{ subnet_id: userSubnet.id }], security_groups: [group.id],
    });
    undo.push(() => neutron.deletePort(service, port.id));
    await neutron.updatePort(user, port.id, { name: 'mine', admin_state_up: false, security_groups: [], allowed_address_pairs: [{ ip_address: '10.10.0.200' }] });
    const back = await neutron.updatePort(service, port.id, { name, admin_state_up: true, security_groups: [group.id], allowed_address_pairs: [] });
    expect(back).toMatchObject({ name, admin_state_up: true, security_groups: [group.id], allowed_address_pairs: [], project_id: userProjectId });
  });

  test('removes floating addresses that the cluster took in the user\'s project', async () => {
    const [external] = await neutron.listNetworks(user, { 'router:external': true });
    const address = await neutron.createFloatingIp(user, { floating_network_id: external!.id });
    expect(await neutron.listFloatingIps(service, { project_id: userProjectId })).toContainEqual(expect.objectContaining({ id: address.id }));
    await neutron.deleteFloatingIp(service, address.id);
    expect(await neutron.getFloatingIp(user, address.id)).toBeUndefined();
  });

  test('gives the users of clusters two roles in any project, and no other', async () => {
    const cluster = await keystone.createUser(domain, { name, password: randomBytes(16).toString('hex') });
    undo.push(() => keystone.deleteUser(domain, cluster.id));
    const roles = new Map((await keystone.listRoles(domain)).map((role) => [role.name, role.id]));
    for (const role of ['member', 'load-balancer_member']) {
      await keystone.assignRole(domain, userProjectId, cluster.id, roles.get(role)!);
      expect(await keystone.listRoleAssignments(admin, { 'user.id': cluster.id, 'role.id': roles.get(role)! })).toHaveLength(1);
    }
    for (const role of ['admin', 'service', 'load-balancer_admin', 'moorage']) {
      expect(await refusal(keystone.assignRole(domain, userProjectId, cluster.id, roles.get(role)!)), role).toBe(403);
      expect(await refusal(keystone.assignRole(domain, serviceProjectId, cluster.id, roles.get(role)!)), role).toBe(403);
    }
  });

  test('gives nobody else a role, and leaves their users and projects as they are', async () => {
    const [somebody] = await keystone.listUsers(admin, { name: 'other', domain_id: 'default' });
    const [member] = await keystone.listRoles(domain, { name: 'member' });
    expect(await refusal(keystone.assignRole(domain, userProjectId, somebody!.id, member!.id))).toBe(403);
    expect(await refusal(keystone.updateUser(domain, somebody!.id, { password: 'taken' }))).toBe(403);
    expect(await refusal(keystone.deleteUser(domain, somebody!.id))).toBe(403);
    expect(await refusal(keystone.updateProject(domain, userProjectId, { enabled: false }))).toBe(403);
    expect(await refusal(keystone.deleteProject(domain, userProjectId))).toBe(403);
    expect(await refusal(keystone.listDomains(domain))).toBe(403);
  });

  test('makes itself no administrator', async () => {
    const [own] = await keystone.listUsers(domain, { name: lab!.platform.username });
    const [role] = await keystone.listRoles(domain, { name: 'admin' });
    const domainId = own!.domain_id;
    expect(await refusal(keystone.assignRole(domain, serviceProjectId, own!.id, role!.id))).toBe(403);
    expect(await refusal(keystone.assignDomainRole(domain, domainId, own!.id, role!.id))).toBe(403);
    expect(await refusal(keystone.assignInheritedRole(domain, domainId, own!.id, role!.id))).toBe(403);
  });

  test('sees and touches no servers and volumes of others', async () => {
    const volume = await cinder.createVolume(user, { name, size: 1 });
    undo.push(() => cinder.deleteVolume(admin, volume.id));
    expect(await cinder.getVolume(service, volume.id)).toBeUndefined();
    expect(await cinder.listVolumes(service, { all_tenants: true })).not.toContainEqual(expect.objectContaining({ id: volume.id }));
    await cinder.deleteVolume(service, volume.id);
    expect(await cinder.getVolume(user, volume.id)).toBeDefined();
    expect(await refusal(nova.listServers(service, { all_tenants: true }))).toBe(403);
  });

  test('leaves networks, subnets and routers of others as they are', async () => {
    const [router] = await neutron.listRouters(admin, { name: 'demo-router' });
    expect(await refusal(neutron.deleteNetwork(service, userSubnet.network_id))).toBe(403);
    expect(await refusal(neutron.updateNetwork(service, userSubnet.network_id, { name: 'taken' }))).toBe(403);
    expect(await refusal(neutron.updateSubnet(service, userSubnet.id, { name: 'taken' }))).not.toBe(200);
    expect(await refusal(neutron.updateRouter(service, router!.id, { external_gateway_info: null }))).not.toBe(200);
  });
});

/** The status that a call was refused with; 200 when it was not. */
async function refusal(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 200;
  } catch (error) {
    if (error instanceof OpenStackError) return error.status;
    throw error;
  }
}

function sessionOf(login: Login, scope: Scope | undefined = scopeOf(login)): Session {
  const { username, password, userDomainName } = login;
  return openSession({ authUrl: lab!.authUrl, region: lab!.regionName, credential: { username, password, userDomainName }, scope });
}

async function labThatAnswers(): Promise<CloudAccess | undefined> {
  try {
    const cloud = readCloud('lab');
    await fetch(cloud.authUrl, { signal: AbortSignal.timeout(5_000) });
    return cloud;
  } catch {
    return undefined;
  }
}
