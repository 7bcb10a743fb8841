// Source: what a real Zed answered, facts a, b, c, f and g.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { boot, login, makeNetwork, makePort, serviceProject, userNetwork, type Client } from './client.ts';

let cloud: Cloud;
let demo: Client;
let service: Awaited<ReturnType<typeof serviceProject>>;
let users: { networkId: string; subnetId: string };
let own: { networkId: string; subnetId: string };

beforeAll(async () => {
  cloud = await startCloud({ scale: 10_000, seed: 1 });
  demo = await login(cloud.authUrl, cloud.credentials.demo);
  service = await serviceProject(cloud, 'ports');
  users = await userNetwork(demo);
  own = await makeNetwork(service.member, 'own', '100.96.0.0/20');
});
afterAll(() => cloud.close());

const errorOf = (answer: { status: number; body: { NeutronError: { type: string } } }) =>
  `${answer.status} ${answer.body.NeutronError.type}`;

describe('ports of another project on the user\'s network (b)', () => {
  it('are seen by the owner of the network, who may delete but not change them', async () => {
    const id = await makePort(service.admin, users.networkId, { project_id: service.id, name: 'worker' });
    const seen = await demo.call('network', 'GET', `/ports/${id}`);
    expect(seen.body.port).toMatchObject({ name: 'worker', project_id: service.id, device_id: '', status: 'DOWN' });
    expect(seen.body.port).not.toHaveProperty('binding:host_id');
    expect(errorOf(await demo.call('network', 'PUT', `/ports/${id}`, { port: { name: 'x' } })))
      .toBe('403 PolicyNotAuthorized');
    expect(errorOf(await demo.call('network', 'DELETE', `/networks/${users.networkId}`))).toBe('409 NetworkInUse');
    expect((await demo.call('network', 'DELETE', `/ports/${id}`)).status).toBe(204);
  });

  it('are made by a plain member only under an RBAC policy, and not with an address of choice', async () => {
    const make = (more: object) => service.member.call('network', 'POST', '/ports', {
      port: { network_id: users.networkId, ...more },
    });
    expect(errorOf(await make({}))).toBe('404 NetworkNotFound');
    const admin = await login(cloud.authUrl, cloud.credentials.admin);
    const { rbac_policy: policy } = (await admin.call('network', 'POST', '/rbac-policies', {
      rbac_policy: {
        object_type: 'network', object_id: users.networkId, target_tenant: service.id, action: 'access_as_shared',
      },
    })).body;
    expect((await demo.call('network', 'GET', '/rbac-policies')).body.rbac_policies).toEqual([]);
    const made = await make({});
    expect(made.status).toBe(201);
    expect(errorOf(await make({ fixed_ips: [{ ip_address: '10.10.0.99' }] }))).toBe('403 PolicyNotAuthorized');
    expect(errorOf(await make({ allowed_address_pairs: [{ ip_address: '1.2.3.4' }] }))).toBe('403 PolicyNotAuthorized');
    const remove = () => admin.call('network', 'DELETE', `/rbac-policies/${policy.id}`);
    expect(errorOf(await remove())).toBe('409 RbacPolicyInUse');
    await demo.call('network', 'DELETE', `/ports/${made.body.port.id}`);
    expect((await remove()).status).toBe(204);
  });

  it('keep their owner for ever (a)', async () => {
    const id = await makePort(service.admin, users.networkId, { project_id: demo.projectId });
    const moved = await service.admin.call('network', 'PUT', `/ports/${id}`, { port: { project_id: service.id } });
    expect(moved.body.NeutronError.message).toBe('Cannot update read-only attribute tenant_id');
    await demo.call('network', 'DELETE', `/ports/${id}`);
  });
});

describe('trunks (c)', () => {
  it('hold a sub-port of the user, who cannot delete it but can change it', async () => {
    const parent = await makePort(service.admin, own.networkId);
    const sub = await makePort(service.admin, users.networkId, { project_id: demo.projectId });
    const sub_ports = [{ port_id: sub, segmentation_type: 'vlan', segmentation_id: 100 }];
    const made = await service.admin.call('network', 'POST', '/trunks', { trunk: { port_id: parent, sub_ports } });
    expect(made.status).toBe(201);
    expect(made.body.trunk).toMatchObject({ project_id: service.id, sub_ports, status: 'DOWN' });
    expect(errorOf(await demo.call('network', 'DELETE', `/ports/${sub}`))).toBe('409 PortInUseAsSubPort');
    const changed = await demo.call('network', 'PUT', `/ports/${sub}`,
      { port: { security_groups: [], admin_state_up: false } });
    expect(changed.body.port).toMatchObject({ security_groups: [], admin_state_up: false });
    expect((await demo.call('network', 'GET', '/trunks')).body.trunks).toEqual([]);
    expect(errorOf(await service.admin.call('network', 'DELETE', `/ports/${parent}`)))
      .toBe('409 PortInUseAsTrunkParent');

    const booted = await boot(service.member, 'with-trunk', { networks: [{ port: parent }] });
    await cloud.settled();
    const up = (await demo.call('network', 'GET', `/ports/${sub}`)).body.port;
    expect(up).toMatchObject({ status: 'ACTIVE', device_owner: 'trunk:subport' });
    const trunk = `/trunks/${made.body.trunk.id}`;
    expect(errorOf(await service.admin.call('network', 'DELETE', trunk))).toBe('409 TrunkInUse');
    await service.member.call('compute', 'DELETE', `/servers/${booted.body.server.id}`);
    await cloud.settled();
    expect((await service.admin.call('network', 'DELETE', trunk)).status).toBe(204);
    expect((await demo.call('network', 'DELETE', `/ports/${sub}`)).status).toBe(204);
  });

  it('take sub-ports that the caller sees, each VLAN id once', async () => {
    const { id } = (await service.member.call('network', 'POST', '/trunks', {
      trunk: { port_id: await makePort(service.member, own.networkId) },
    })).body.trunk;
    const add = (by: Client, port_id: string, segmentation_id: number) =>
      by.call('network', 'PUT', `/trunks/${id}/add_subports`, {
        sub_ports: [{ port_id, segmentation_type: 'vlan', segmentation_id }],
      });
    const theirs = await makePort(service.admin, users.networkId, { project_id: demo.projectId });
    const ours = await makePort(service.admin, users.networkId, { project_id: service.id });
    expect(errorOf(await add(service.member, theirs, 1))).toBe('404 PortNotFound');
    expect((await add(service.member, ours, 1)).status).toBe(200);
    expect(errorOf(await add(service.admin, theirs, 1))).toBe('409 DuplicateSubPort');
    expect((await add(service.admin, theirs, 2)).status).toBe(200);
    expect(errorOf(await add(service.admin, theirs, 3))).toBe('409 TrunkPortInUse');
    const removed = await service.admin.call('network', 'PUT', `/trunks/${id}/remove_subports`,
      { sub_ports: [{ port_id: theirs }] });
    expect(removed.body.sub_ports.map((sub: { port_id: string }) => sub.port_id)).toEqual([ours]);
  });
});

describe('natural keys and marks (f)', () => {
  it('allow an address of a subnet once', async () => {
    const fixed_ips = [{ subnet_id: own.subnetId, ip_address: '100.96.0.10' }];
    await makePort(service.member, own.networkId, { fixed_ips });
    const again = await service.member.call('network', 'POST', '/ports',
      { port: { network_id: own.networkId, fixed_ips } });
    expect(errorOf(again)).toBe('409 IpAddressAlreadyAllocated');
    const outside = await service.member.call('network', 'POST', '/ports', {
      port: { network_id: own.networkId, fixed_ips: [{ subnet_id: own.subnetId, ip_address: '10.0.0.1' }] },
    });
    expect(errorOf(outside)).toBe('400 InvalidIpForSubnet');
  });

  it('allow a security-group rule once, and say which one is there', async () => {
    const { security_group: group } = (await service.member.call('network', 'POST', '/security-groups', {
      security_group: { name: 'masters' },
    })).body;
    expect(group.security_group_rules.map((rule: { direction: string }) => rule.direction))
      .toEqual(['egress', 'egress']);
    const security_group_rule = {
      security_group_id: group.id, direction: 'ingress', protocol: 'tcp', port_range_min: 6443, port_range_max: 6443,
    };
    const first = await service.member.call('network', 'POST', '/security-group-rules', { security_group_rule });
    const second = await service.member.call('network', 'POST', '/security-group-rules', { security_group_rule });
    expect(errorOf(second)).toBe('409 SecurityGroupRuleExists');
    expect(second.body.NeutronError.message).toContain(first.body.security_group_rule.id);
  });

  it('refuse tags and ids in a POST, drop the tags of a port, and keep them by PUT', async () => {
    const network = await service.member.call('network', 'POST', '/networks', { network: { name: 'n', tags: ['a'] } });
    expect(network.body.NeutronError.message).toBe('Attribute \'tags\' not allowed in POST');
    const withId = await service.member.call('network', 'POST', '/networks', { network: { id: service.id } });
    expect(withId.body.NeutronError.message).toBe('Attribute \'id\' not allowed in POST');
    const id = await makePort(service.member, own.networkId, { tags: ['moorage=1'], description: 'marked' });
    expect((await service.member.call('network', 'GET', `/ports/${id}`)).body.port.tags).toEqual([]);
    await service.member.call('network', 'PUT', `/ports/${id}/tags`, { tags: ['moorage=1', 'a'] });
    const idsFor = async (query: string) => (await service.member.call('network', 'GET', `/ports?fields=id&${query}`))
      .body.ports.map((port: { id: string }) => port.id);
    expect(await idsFor('tags=moorage%3D1,a')).toEqual([id]);
    expect(await idsFor('tags=moorage%3D1,b')).toEqual([]);
    expect(await idsFor('tags-any=moorage%3D1,b')).toEqual([id]);
    expect(await idsFor('not-tags=a')).not.toContain(id);
    expect(await idsFor('description=marked')).toEqual([id]);
  });

  it('let many things have one name', async () => {
    const names = await Promise.all([1, 2].map(() =>
      service.member.call('network', 'POST', '/networks', { network: { name: 'twin' } })));
    expect(names.map(({ status }) => status)).toEqual([201, 201]);
  });
});

describe('lists', () => {
  it('come in pages that hold every port once', async () => {
    const { ports: all } = (await service.member.call('network', 'GET', '/ports?fields=id')).body;
    const seen: string[] = [];
    let path: string | undefined = '/ports?fields=id&limit=2';
    while (path) {
      const { body } = await service.member.call('network', 'GET', path);
      seen.push(...body.ports.map((port: { id: string }) => port.id));
      const next = body.ports_links?.find((link: { rel: string }) => link.rel === 'next')?.href as string | undefined;
      path = next?.split('/v2.0')[1];
    }
    expect(all.length).toBeGreaterThan(4);
    expect(seen).toEqual(all.map((port: { id: string }) => port.id));
  });

  it('refuse filters that are no attributes', async () => {
    const answer = await demo.call('network', 'GET', '/ports?bogus=1');
    expect(answer.body.NeutronError.message).toBe('[\'bogus\'] is invalid attribute for filtering');
  });
});

describe('routers and floating addresses', () => {
  it('lead from the outside to a port, and stand in one another\'s way until taken apart in order', async () => {
    const { networkId, subnetId } = await makeNetwork(service.member, 'routed', '10.50.0.0/24');
    const [external] = (await service.member.call('network', 'GET', '/networks?router:external=true')).body.networks;
    const portId = await makePort(service.member, networkId);
    const allot = () => service.member.call('network', 'POST', '/floatingips', {
      floatingip: { floating_network_id: external.id, port_id: portId },
    });
    expect(errorOf(await allot())).toBe('404 ExternalGatewayForFloatingIPNotFound');
    const { router } = (await service.member.call('network', 'POST', '/routers', {
      router: { name: 'r', external_gateway_info: { network_id: external.id } },
    })).body;
    const wire = (verb: string) =>
      service.member.call('network', 'PUT', `/routers/${router.id}/${verb}`, { subnet_id: subnetId });
    expect((await wire('add_router_interface')).status).toBe(200);
    expect(errorOf(await wire('add_router_interface'))).toBe('400 BadRequest');
    const { floatingip } = (await allot()).body;
    expect(floatingip).toMatchObject({ router_id: router.id, port_id: portId, status: 'ACTIVE' });
    expect(floatingip.floating_ip_address).toMatch(/^127\.64\.\d+\.\d+$/);
    expect(errorOf(await allot())).toBe('409 FloatingIPPortAlreadyAssociated');
    const remove = (path: string) => service.member.call('network', 'DELETE', path);
    expect(errorOf(await wire('remove_router_interface'))).toBe('409 RouterInterfaceInUseByFloatingIP');
    expect(errorOf(await remove(`/routers/${router.id}`))).toBe('409 RouterInUse');
    expect(errorOf(await remove(`/subnets/${subnetId}`))).toBe('409 SubnetInUse');
    expect((await remove(`/floatingips/${floatingip.id}`)).status).toBe(204);
    expect((await wire('remove_router_interface')).status).toBe(200);
    expect((await remove(`/routers/${router.id}`)).status).toBe(204);
    expect((await remove(`/ports/${portId}`)).status).toBe(204);
    expect((await remove(`/networks/${networkId}`)).status).toBe(204);
  });

  it('run out when the pool does', async () => {
    const admin = await login(cloud.authUrl, cloud.credentials.admin);
    const { network } = (await admin.call('network', 'POST', '/networks',
      { network: { 'name': 'tiny', 'router:external': true } })).body;
    await admin.call('network', 'POST', '/subnets', {
      subnet: {
        network_id: network.id, ip_version: 4, cidr: '127.65.0.0/24',
          allocation_pools: [{ start: '127.65.0.10', end: '127.65.0.10' }],
      },
    });
    const allot = () => demo.call('network', 'POST', '/floatingips',
      { floatingip: { floating_network_id: network.id } });
    expect((await allot()).body.floatingip.floating_ip_address).toBe('127.65.0.10');
    expect(errorOf(await allot())).toBe('409 IpAddressGenerationFailure');
  });
});

describe('quotas (g)', () => {
  it('refuse the port too many with 409 OverQuota', async () => {
    const { id, admin, member } = await serviceProject(cloud, 'narrow');
    const { networkId } = await makeNetwork(member, 'n', '10.9.0.0/24');
    expect((await member.call('network', 'PUT', `/quotas/${id}`, { quota: { port: 9 } })).status).toBe(403);
    expect((await admin.call('network', 'PUT', `/quotas/${id}`, { quota: { port: 1 } })).body.quota)
      .toMatchObject({ port: 1, network: 100 });
    const two = await member.call('network', 'POST', '/ports',
      { ports: [{ network_id: networkId }, { network_id: networkId }] });
    expect(errorOf(two)).toBe('409 OverQuota');
    expect(two.body.NeutronError.message).toBe('Quota exceeded for resources: [\'port\'].');
    expect((await member.call('network', 'GET', '/ports')).body.ports).toEqual([]);
    const details = (await member.call('network', 'GET', `/quotas/${id}/details.json`)).body.quota;
    expect(details.network).toEqual({ limit: 100, used: 1, reserved: 0 });
  });
});
