// Source: Networking API v2.0, security groups (docs.openstack.org/api-ref/network/v2), and what a Zed Neutron answered.
import { describe, expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { useActors } from '../actors.ts';
import { uniqueName } from '../names.ts';
import { makeGroup, makeNetwork, makePort } from '../things.ts';

const actors = useActors();
const api = (security_group_id: string) => ({ security_group_id, direction: 'ingress' as const, protocol: 'tcp', port_range_min: 6443, port_range_max: 6443 });

describe('a security group', () => {
  it('lets everything out and nothing in at first, and is found by description', async () => {
    const description = uniqueName('mark');
    const { session } = actors.platform;
    const { id, security_group_rules: rules } = await makeGroup(actors.platform, { description });
    expect(rules.map(({ direction, ethertype, protocol }) => [direction, ethertype, protocol]).sort()).toEqual([['egress', 'IPv4', null], ['egress', 'IPv6', null]]);
    expect(await neutron.listSecurityGroups(session, { description })).toMatchObject([{ id, security_group_rules: rules.map(() => expect.anything()) }]);
    expect(await neutron.updateSecurityGroup(session, id, { description: `${description} changed` })).toMatchObject({ description: `${description} changed` });
    expect(await neutron.listSecurityGroups(session, { description })).toEqual([]);
  });

  it('may have the name of another', async () => {
    const name = uniqueName('twin');
    await makeGroup(actors.platform, { name });
    await makeGroup(actors.platform, { name });
    expect(await neutron.listSecurityGroups(actors.platform.session, { name })).toHaveLength(2);
  });

  it('stays while a port has it', async () => {
    const { networkId } = await makeNetwork(actors.platform);
    const { id } = await makeGroup(actors.platform);
    const port = await makePort(actors.platform, { network_id: networkId, security_groups: [id] });
    await expect(neutron.deleteSecurityGroup(actors.platform.session, id)).rejects.toMatchObject({ status: 409, type: 'SecurityGroupInUse' });
    await neutron.deletePort(actors.platform.session, port.id);
    await neutron.deleteSecurityGroup(actors.platform.session, id);
    await neutron.deleteSecurityGroup(actors.platform.session, id);
    expect(await neutron.getSecurityGroup(actors.platform.session, id)).toBeUndefined();
  });

  it('named default is every project\'s from its first look on, and cannot be taken away by its users', async () => {
    const [group] = await neutron.listSecurityGroups(actors.stranger.session, { name: 'default' });
    expect(group).toMatchObject({ project_id: actors.strangerProjectId });
    await expect(neutron.deleteSecurityGroup(actors.stranger.session, group!.id)).rejects.toMatchObject({ status: 409, type: 'SecurityGroupCannotRemoveDefault' });
  });

  it('is what a port gets that asks for none', async () => {
    const { networkId } = await makeNetwork(actors.member);
    const port = await makePort(actors.member, { network_id: networkId });
    const [group] = await neutron.listSecurityGroups(actors.member.session, { name: 'default' });
    expect(port.security_groups).toEqual([group!.id]);
  });
});

describe('a rule', () => {
  it('is its own key: the same again is 409 and names the one there is', async () => {
    const { session } = actors.platform;
    const { id } = await makeGroup(actors.platform);
    const rule = await neutron.createSecurityGroupRule(session, { ...api(id), remote_ip_prefix: '192.0.2.0/24' });
    await expect(neutron.createSecurityGroupRule(session, { ...api(id), remote_ip_prefix: '192.0.2.0/24' })).rejects.toMatchObject({
      status: 409, type: 'SecurityGroupRuleExists', quota: false, message: expect.stringContaining(rule.id),
    });
    expect(await neutron.createSecurityGroupRule(session, { ...api(id), remote_ip_prefix: '192.0.3.0/24' })).toMatchObject({ remote_ip_prefix: '192.0.3.0/24' });
  });

  it('says null for what it leaves open, and is compared by that', async () => {
    const { session } = actors.platform;
    const { id } = await makeGroup(actors.platform);
    const rule = await neutron.createSecurityGroupRule(session, { security_group_id: id, direction: 'ingress', ethertype: 'IPv4', protocol: null, remote_group_id: id });
    expect(rule).toMatchObject({ protocol: null, port_range_min: null, port_range_max: null, remote_ip_prefix: null, remote_group_id: id });
  });

  it('comes in bulk: all of them or none', async () => {
    const { session } = actors.platform;
    const { id } = await makeGroup(actors.platform);
    const made = await neutron.createSecurityGroupRules(session, [{ ...api(id), remote_group_id: id }, { security_group_id: id, direction: 'ingress', protocol: 'icmp' }]);
    expect(made).toHaveLength(2);
    const udp = { security_group_id: id, direction: 'ingress' as const, protocol: 'udp' };
    await expect(neutron.createSecurityGroupRules(session, [udp, { ...api(id), remote_group_id: id }])).rejects.toMatchObject({ status: 409 });
    expect(await neutron.listSecurityGroupRules(session, { security_group_id: id, direction: 'ingress' })).toHaveLength(2);
  });

  it('of several groups does not come in one call', async () => {
    const [one, two] = [await makeGroup(actors.platform), await makeGroup(actors.platform)];
    await expect(neutron.createSecurityGroupRules(actors.platform.session, [api(one.id), api(two.id)])).rejects.toMatchObject({ status: 400, type: 'SecurityGroupNotSingleGroupRules' });
  });

  it('deleted twice is no error', async () => {
    const { session } = actors.platform;
    const { id } = await makeGroup(actors.platform);
    const rule = await neutron.createSecurityGroupRule(session, api(id));
    await neutron.deleteSecurityGroupRule(session, rule.id);
    await neutron.deleteSecurityGroupRule(session, rule.id);
    expect((await neutron.getSecurityGroup(session, id))!.security_group_rules).toHaveLength(2);
  });
});
