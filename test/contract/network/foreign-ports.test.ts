// Source: what a Zed Neutron answered to ports of one project on the network of another, with its own policies and the role
// of test/openstack-lab/policy/neutron.yaml.
import { beforeAll, describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { makeGroup, makeNetwork, makePort, whenDone } from '../things.ts';

const actors = useActors();
let users: { networkId: string; subnetId: string };
beforeAll(async () => { users = await makeNetwork(actors.user, '10.30.0.0/24'); });

/** A port of the service project on the user's network. */
const ours = (more: Partial<neutron.PortCreate> = {}) => makePort(actors.platform, { network_id: users.networkId, project_id: actors.serviceProjectId, ...more });
/** A port of the user's project, made by Moorage. */
const theirs = (more: Partial<neutron.PortCreate> = {}) => makePort(actors.platform, { network_id: users.networkId, project_id: actors.userProjectId, ...more });

describe('a port that Moorage makes in the user\'s project', () => {
  it('is the user\'s, with the groups and the subnet that were asked for', async () => {
    const group = await makeGroup(actors.platform, { project_id: actors.userProjectId });
    const port = await theirs({ fixed_ips: [{ subnet_id: users.subnetId }], security_groups: [group.id] });
    expect(await neutron.getPort(actors.user.session, port.id)).toMatchObject({ project_id: actors.userProjectId, security_groups: [group.id], fixed_ips: [{ subnet_id: users.subnetId }] });
  });

  it('is not for another ordinary project to make', async () => {
    const port = { network_id: users.networkId, project_id: actors.userProjectId };
    expect(await actors.stranger.call('network', 'POST', '/ports', { port })).toMatchObject({ status: 400 });
    expect(await actors.member.call('network', 'POST', '/ports', { port: { network_id: users.networkId } })).toMatchObject({ status: 404, error: { type: 'NetworkNotFound' } });
  });

  it('is changed by the user, and put back by Moorage', async () => {
    const group = await makeGroup(actors.platform, { project_id: actors.userProjectId });
    const port = await theirs({ security_groups: [group.id] });
    await neutron.updatePort(actors.user.session, port.id, {
      name: 'mine', admin_state_up: false, security_groups: [], allowed_address_pairs: [{ ip_address: '10.30.0.200' }],
    });
    const before = { name: port.name, admin_state_up: true, security_groups: [group.id], allowed_address_pairs: [] };
    expect(await neutron.updatePort(actors.platform.session, port.id, before)).toMatchObject({ ...before, project_id: actors.userProjectId });
  });

  it('is deleted by the user when no trunk holds it', async () => {
    const port = await theirs();
    expect((await actors.user.call('network', 'DELETE', `/ports/${port.id}`)).status).toBe(204);
    expect(await neutron.getPort(actors.platform.session, port.id)).toBeUndefined();
  });
});

describe('a port of the service project on the user\'s network', () => {
  it('is seen by the user, who cannot change it but can delete it', async () => {
    const port = await ours({ name: 'user-api' });
    const seen = await neutron.getPort(actors.user.session, port.id);
    expect(seen).toMatchObject({ name: 'user-api', project_id: actors.serviceProjectId, device_id: '', status: 'DOWN' });
    expect(await actors.user.call('network', 'PUT', `/ports/${port.id}`, { port: { name: 'x' } })).toMatchObject({ status: 403, error: { type: 'PolicyNotAuthorized' } });
    expect(await actors.user.call('network', 'DELETE', `/ports/${port.id}`)).toMatchObject({ status: 204 });
  });

  it('keeps network and subnet of the user where they are', async () => {
    await ours();
    expect(await actors.user.call('network', 'DELETE', `/networks/${users.networkId}`)).toMatchObject({ status: 409, error: { type: 'NetworkInUse' } });
    expect(await actors.user.call('network', 'DELETE', `/subnets/${users.subnetId}`)).toMatchObject({ status: 409, error: { type: 'SubnetInUse' } });
  });

  it('gets a group of its own project where none is asked for', async () => {
    const port = await ours();
    const [group] = await neutron.listSecurityGroups(actors.platform.session, { name: 'default', project_id: actors.serviceProjectId });
    expect(port.security_groups).toEqual([group!.id]);
  });

  it('shows an ordinary member of the service project no more than the port', async () => {
    const port = await ours();
    expect(await neutron.getPort(actors.member.session, port.id)).toMatchObject({ id: port.id });
    expect(await neutron.getNetwork(actors.member.session, users.networkId)).toBeUndefined();
  });
});

describe('a network that an administrator shares by an RBAC policy', () => {
  it('takes ports of the other project\'s members, without an address of their choice', async () => {
    const made = await actors.admin.call('network', 'POST', '/rbac-policies', {
      rbac_policy: { object_type: 'network', object_id: users.networkId, target_tenant: actors.serviceProjectId, action: 'access_as_shared' },
    });
    expect(made.status).toBe(201);
    const { id } = made.body.rbac_policy;
    const remove = () => actors.admin.call('network', 'DELETE', `/rbac-policies/${id}`);
    whenDone(remove);
    expect((await actors.user.call('network', 'GET', `/rbac-policies?object_id=${users.networkId}`)).body.rbac_policies).toEqual([]);
    const port = await makePort(actors.member, { network_id: users.networkId });
    const refused = { status: 403, type: 'PolicyNotAuthorized' };
    await expect(makePort(actors.member, { network_id: users.networkId, fixed_ips: [{ ip_address: '10.30.0.99' }] })).rejects.toMatchObject(refused);
    await expect(makePort(actors.member, { network_id: users.networkId, allowed_address_pairs: [{ ip_address: '10.30.0.99' }] })).rejects.toMatchObject(refused);
    expect(await remove()).toMatchObject({ status: 409, error: { type: 'RbacPolicyInUse' } });
    await neutron.deletePort(actors.member.session, port.id);
    expect((await remove()).status).toBe(204);
  });
});

describe('a security group that Moorage makes in the user\'s project', () => {
  it('is the user\'s; Moorage sees it, adds rules and takes them and the group away', async () => {
    const { session } = actors.platform;
    const group = await makeGroup(actors.platform, { project_id: actors.userProjectId, description: 'of nodes' });
    expect(await neutron.getSecurityGroup(actors.user.session, group.id)).toMatchObject({ project_id: actors.userProjectId });
    const [rule] = await neutron.createSecurityGroupRules(session, [
      { security_group_id: group.id, project_id: actors.userProjectId, direction: 'ingress', protocol: 'icmp', remote_ip_prefix: '10.30.0.0/24' },
    ]);
    expect((await neutron.getSecurityGroup(session, group.id))!.security_group_rules).toContainEqual(expect.objectContaining({ id: rule!.id, project_id: actors.userProjectId }));
    await neutron.deleteSecurityGroup(session, group.id);
    expect(await neutron.getSecurityGroup(actors.user.session, group.id)).toBeUndefined();
  });

  it('is renamed by the user, and gets its name and mark back from Moorage', async () => {
    const group = await makeGroup(actors.platform, { project_id: actors.userProjectId, description: 'of nodes' });
    await neutron.updateSecurityGroup(actors.user.session, group.id, { name: 'mine', description: 'mine' });
    const before = { name: group.name, description: 'of nodes' };
    expect(await neutron.updateSecurityGroup(actors.platform.session, group.id, before)).toMatchObject(before);
  });

  it('has rules that the user adds and takes away', async () => {
    const group = await makeGroup(actors.platform, { project_id: actors.userProjectId });
    const rule = { security_group_id: group.id, project_id: actors.userProjectId, direction: 'ingress' as const, protocol: 'icmp' };
    const [made] = await neutron.createSecurityGroupRules(actors.platform.session, [rule]);
    await neutron.deleteSecurityGroupRule(actors.user.session, made!.id);
    await neutron.createSecurityGroupRule(actors.user.session, { security_group_id: group.id, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    expect((await neutron.getSecurityGroup(actors.platform.session, group.id))!.security_group_rules.filter(({ direction }) => direction === 'ingress')).toMatchObject([{ protocol: 'tcp', port_range_min: 22 }]);
  });
});
