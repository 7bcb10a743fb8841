import { expect, it } from 'vitest';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { describeOnCloud, useProject } from './cloud.ts';

describeOnCloud('Neutron', () => {
  const mine = useProject();
  const made = {
    network: '',
    subnet: '',
    router: '',
    group: '',
    port: '',
    other: '',
    trunk: '',
    floatingIp: '',
    external: '',
  };

  it('network and subnet', async () => {
    const { session } = mine;
    const network = await neutron.createNetwork(session, { name: 'n', description: 'first' });
    made.network = network.id;
    expect(network).toMatchObject({ name: 'n', project_id: mine.project.id, tags: [] });
    expect(await neutron.setTags(session, 'networks', network.id, ['moorage=x', 'b'])).toEqual(
      expect.arrayContaining(['moorage=x', 'b']),
    );
    expect(await neutron.listNetworks(session, { tags: 'b,moorage=x', project_id: mine.project.id })).toMatchObject([
      { id: network.id },
    ]);
    expect(await neutron.updateNetwork(session, network.id, { description: 'second' })).toMatchObject({
      description: 'second',
    });
    expect(await neutron.getNetwork(session, network.id)).toMatchObject({ id: network.id, subnets: [] });

    const subnet = await neutron.createSubnet(session, {
      name: 's',
      network_id: network.id,
      ip_version: 4,
      cidr: '100.96.0.0/20',
      gateway_ip: '100.96.0.1',
      dns_nameservers: ['192.0.2.53'],
      allocation_pools: [{ start: '100.96.8.0', end: '100.96.15.254' }],
    });
    made.subnet = subnet.id;
    expect(await neutron.updateSubnet(session, subnet.id, { dns_nameservers: [] })).toMatchObject({
      dns_nameservers: [],
    });
    expect(await neutron.listSubnets(session, { network_id: network.id })).toMatchObject([
      { id: subnet.id, cidr: '100.96.0.0/20' },
    ]);
    expect(await neutron.getSubnet(session, subnet.id)).toMatchObject({ gateway_ip: '100.96.0.1' });
  });

  it('router with gateway and interface', async () => {
    const { session } = mine;
    const [external] = await neutron.listNetworks(session, { 'router:external': true });
    made.external = external!.id;
    const router = await neutron.createRouter(session, {
      name: 'r',
      external_gateway_info: { network_id: made.external },
    });
    made.router = router.id;
    expect(await neutron.addRouterInterface(session, router.id, { subnet_id: made.subnet })).toMatchObject({
      subnet_id: made.subnet,
    });
    await expect(neutron.addRouterInterface(session, router.id, { subnet_id: made.subnet })).rejects.toMatchObject({
      status: 400, type: 'BadRequest', method: 'PUT', path: `/routers/${router.id}/add_router_interface`,
    });
    expect(await neutron.updateRouter(session, router.id, { description: 'd' })).toMatchObject({ description: 'd' });
    expect(await neutron.getRouter(session, router.id)).toMatchObject({
      external_gateway_info: { network_id: made.external },
    });
    expect(await neutron.listRouters(session, { project_id: mine.project.id })).toHaveLength(1);
    expect(await neutron.listPorts(session, { device_id: router.id, fixed_ips: 'ip_address=100.96.0.1' })).toHaveLength(
      1,
    );
  });

  it('security group and rules', async () => {
    const { session } = mine;
    const group = await neutron.createSecurityGroup(session, { name: 'g' });
    made.group = group.id;
    expect(group.security_group_rules).toHaveLength(2);
    const rule = {
      security_group_id: group.id,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 6443,
      port_range_max: 6443,
    } as const;
    const created = await neutron.createSecurityGroupRule(session, { ...rule, remote_ip_prefix: '192.0.2.0/24' });
    await expect(neutron.createSecurityGroupRule(session, { ...rule, remote_ip_prefix: '192.0.2.0/24' }))
      .rejects.toMatchObject({ status: 409, type: 'SecurityGroupRuleExists', quota: false });
    const bulk = await neutron.createSecurityGroupRules(session, [
      { ...rule, remote_group_id: group.id }, { security_group_id: group.id, direction: 'ingress', protocol: 'icmp' },
    ]);
    expect(bulk).toHaveLength(2);
    expect(
      await neutron.listSecurityGroupRules(session, { security_group_id: group.id, direction: 'ingress' }),
    ).toHaveLength(3);
    await neutron.deleteSecurityGroupRule(session, created.id);
    await neutron.deleteSecurityGroupRule(session, created.id);
    expect((await neutron.getSecurityGroup(session, group.id))?.security_group_rules).toHaveLength(4);
    expect(await neutron.updateSecurityGroup(session, group.id, { description: 'd' })).toMatchObject({
      description: 'd',
    });
    expect(await neutron.listSecurityGroups(session, { project_id: mine.project.id, name: 'g' })).toMatchObject([
      { id: group.id },
    ]);
  });

  it('ports, whose address is their key', async () => {
    const { session } = mine;
    const body = {
      name: 'p',
      network_id: made.network,
      fixed_ips: [{ subnet_id: made.subnet, ip_address: '100.96.0.10' }],
      security_groups: [made.group],
    };
    const port = await neutron.createPort(session, body);
    made.port = port.id;
    expect(port).toMatchObject({
      fixed_ips: [{ ip_address: '100.96.0.10' }],
      security_groups: [made.group],
      device_id: '',
    });
    await expect(neutron.createPort(session, body)).rejects.toMatchObject({
      name: 'OpenStackError',
      service: 'network',
      status: 409,
      type: 'IpAddressAlreadyAllocated',
      requestId: expect.stringMatching(/^req-/),
      message: expect.stringContaining('100.96.0.10'),
    });
    const [other, third] = await neutron.createPorts(
      session,
      ['q', 'r'].map((name) => ({ name, network_id: made.network })),
    );
    made.other = other!.id;
    expect(await neutron.listPorts(session, { network_id: made.network, name: 'q' })).toMatchObject([
      { id: other!.id },
    ]);
    expect(
      await neutron.updatePort(session, third!.id, {
        allowed_address_pairs: [{ ip_address: '10.0.0.0/8' }],
        name: 'R',
      }),
    ).toMatchObject({ name: 'R' });
    await neutron.deletePort(session, third!.id);
    await neutron.deletePort(session, third!.id);
    expect(await neutron.getPort(session, third!.id)).toBeUndefined();
    expect(await neutron.getPort(session, port.id)).toMatchObject({ id: port.id });
  });

  it('follows pages to the end', async () => {
    const paged = await neutron.listSecurityGroupRules(mine.session, {
      security_group_id: made.group,
      limit: 1,
    } as object);
    expect(new Set(paged.map(({ id }) => id)).size).toBe(4);
  });

  it('trunk and sub-ports', async () => {
    const { session } = mine;
    const trunk = await neutron.createTrunk(session, { name: 't', port_id: made.port });
    made.trunk = trunk.id;
    const subPort = { port_id: made.other, segmentation_type: 'vlan', segmentation_id: 100 } as const;
    expect(await neutron.addSubports(session, trunk.id, [subPort])).toMatchObject({
      id: trunk.id,
      sub_ports: [subPort],
    });
    await expect(neutron.deletePort(session, made.other)).rejects.toMatchObject({
      status: 409,
      type: 'PortInUseAsSubPort',
    });
    expect(await neutron.getPort(session, made.port)).toMatchObject({
      trunk_details: { trunk_id: trunk.id, sub_ports: [subPort] },
    });
    expect(await neutron.listTrunks(session, { port_id: made.port })).toMatchObject([{ id: trunk.id }]);
    expect(await neutron.getTrunk(session, trunk.id)).toMatchObject({ sub_ports: [subPort] });
    expect(await neutron.removeSubports(session, trunk.id, [{ port_id: made.other }])).toMatchObject({ sub_ports: [] });
  });

  it('floating address', async () => {
    const { session } = mine;
    const floatingIp = await neutron.createFloatingIp(session, {
      floating_network_id: made.external,
      description: 'moorage-x-api',
    });
    made.floatingIp = floatingIp.id;
    expect(await neutron.updateFloatingIp(session, floatingIp.id, { port_id: made.port })).toMatchObject({
      fixed_ip_address: '100.96.0.10',
    });
    expect(
      await neutron.listFloatingIps(session, { description: 'moorage-x-api', project_id: mine.project.id }),
    ).toHaveLength(1);
    expect(await neutron.updateFloatingIp(session, floatingIp.id, { port_id: null })).toMatchObject({ port_id: null });
    expect(await neutron.getFloatingIp(session, floatingIp.id)).toMatchObject({
      floating_ip_address: floatingIp.floating_ip_address,
    });
  });

  it('quota, and what a spent one looks like', async () => {
    const { session } = mine;
    expect(await neutron.updateQuota(session, mine.project.id, { port: 1, trunk: 7 })).toMatchObject({
      port: 1,
      trunk: 7,
    });
    expect(await neutron.getQuota(session, mine.project.id)).toMatchObject({ port: 1 });
    expect(await neutron.getQuotaDetails(session, mine.project.id)).toMatchObject({
      port: { limit: 1, used: expect.any(Number) },
    });
    await expect(neutron.createPort(session, { name: 'x', network_id: made.network })).rejects.toMatchObject({
      status: 409, type: 'OverQuota', quota: true, message: "Quota exceeded for resources: ['port'].",
    });
    await neutron.deleteQuota(session, mine.project.id);
    expect(await neutron.getQuota(session, mine.project.id)).not.toMatchObject({ port: 1 });
  });

  it('takes everything away, twice', async () => {
    const { session } = mine;
    await expect(neutron.deleteNetwork(session, made.network)).rejects.toMatchObject({
      status: 409,
      type: 'NetworkInUse',
    });
    await neutron.removeRouterInterface(session, made.router, { subnet_id: made.subnet });
    for (const _ of [1, 2]) {
      await neutron.deleteTrunk(session, made.trunk);
      await neutron.deleteFloatingIp(session, made.floatingIp);
      await neutron.deletePort(session, made.port);
      await neutron.deletePort(session, made.other);
      await neutron.deleteRouter(session, made.router);
      await neutron.deleteSecurityGroup(session, made.group);
      await neutron.deleteSubnet(session, made.subnet);
      await neutron.deleteNetwork(session, made.network);
    }
    for (const group of await neutron.listSecurityGroups(session, { project_id: mine.project.id }))
      await neutron.deleteSecurityGroup(session, group.id);
    expect(await neutron.getNetwork(session, made.network)).toBeUndefined();
    expect(await neutron.listPorts(session, { project_id: mine.project.id })).toEqual([]);
  });
});
