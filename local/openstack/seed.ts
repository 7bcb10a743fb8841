/** What a new cloud holds: identities, networks, flavors, images. Passwords are the cloud's own and mean nothing. */
import { randomBytes } from 'node:crypto';
import type { Core } from './core.ts';
import { timestamp } from './core.ts';
import { blankPort } from './neutron/ports.ts';
import { newStandard } from './neutron/resource.ts';
import { setLimits } from './quota.ts';
import type { AssignmentRow } from './keystone/rows.ts';
import type { NetworkRow, SubnetRow } from './neutron/rows.ts';

/** Where the seeded domain, projects and things are told apart by name. */
export const NAMES = {
  serviceDomain: 'moorage', externalNetwork: 'public', userNetwork: 'demo-net', userSubnet: 'demo-subnet',
};

/**
 * Of the users' subnets: of a range for documentation, so nobody answers there. One at 127.0.0.0/8 would make each pod that asks for names
 * ask itself, and CoreDNS end because of it.
 */
const nobodysNameServer = '192.0.2.53';

/** Everybody's password. */
export const PASSWORD = 'secret';

const ROLES = ['admin', 'member', 'reader', 'service', 'moorage', 'load-balancer_member', 'load-balancer_observer',
  'load-balancer_admin', 'load-balancer_global_observer', 'load-balancer_quota_admin'];

const SERVICES = [
  ['compute', 'nova', '/compute/v2.1'], ['container-infra', 'magnum', '/container-infra/v1'],
  ['orchestration', 'heat', '/orchestration/v1/%(project_id)s'], ['identity', 'keystone', '/identity/v3'], ['image', 'glance', '/image'],
  ['load-balancer', 'octavia', '/load-balancer'], ['network', 'neutron', '/network'],
  ['volumev3', 'cinder', '/volume/v3/%(project_id)s'],
] as const;

const FLAVORS = [
  ['lab.tiny', 1, 512, 5], ['lab.small', 1, 2048, 20], ['lab.medium', 2, 4096, 40], ['lab.large', 4, 8192, 80],
] as const;

const IMAGES = [
  ['ubuntu-2404-kube-v1.33.5', { os_distro: 'ubuntu', os_version: '24.04', kube_version: 'v1.33.5' }],
  ['ubuntu-2404-kube-v1.34.2', { os_distro: 'ubuntu', os_version: '24.04', kube_version: 'v1.34.2' }],
  ['debian-13', { os_distro: 'debian', os_version: '13' }],
] as const;

/** Fills an empty cloud; to be called within a transaction. */
export function seed(core: Core): void {
  core.state.table('meta').insert({ id: 'tokenKey', value: randomBytes(32).toString('base64url') });
  for (const name of ROLES) {
    const immutable = ['admin', 'member', 'reader'].includes(name);
    core.state.table('roles').insert({ id: core.random.hex(32), name, description: null, immutable });
  }
  seedIdentities(core);
  seedNetworks(core);
  seedCatalogue(core);
  for (const [name, vcpus, ram, disk] of FLAVORS) {
    core.state.table('flavors').insert({ id: core.random.uuid(), name, vcpus, ram, disk, extra_specs: {} });
  }
  seedImages(core);
  for (const [name, isDefault] of [['__DEFAULT__', true], ['fast', false]] as const) {
    const description = isDefault ? 'Default Volume Type' : 'Solid state';
    core.state.table('volumeTypes').insert({ id: core.random.uuid(), name, description, isDefault });
  }
}

/** Writes the catalogue anew when the cloud listens somewhere else than the last time. */
export function moveCatalogue(core: Core): void {
  const meta = core.state.table('meta');
  const before = meta.get('baseUrl')?.value;
  if (before === core.baseUrl) return;
  const endpoints = core.state.table('endpoints');
  for (const { id, url } of endpoints.list(({ url }) => before !== undefined && url.startsWith(`${before}/`))) {
    endpoints.update(id, { url: core.baseUrl + url.slice(String(before).length) });
  }
  if (before === undefined) meta.insert({ id: 'baseUrl', value: core.baseUrl });
  else meta.update('baseUrl', { value: core.baseUrl });
}

function seedIdentities(core: Core): void {
  const domains = core.state.table('domains');
  domains.insert({ id: 'default', name: 'Default', description: 'The default domain', enabled: true });
  const own = core.random.hex(32);
  domains.insert({ id: own, name: NAMES.serviceDomain, description: '', enabled: true });

  const admin = addUser(core, 'admin', 'default');
  grant(core, admin, 'admin', 'project', addProject(core, 'admin'));
  grant(core, admin, 'load-balancer_admin', 'project', projectNamed(core, 'admin'));
  const service = addProject(core, 'service');
  setLimits(core, 'neutron', service, { port: -1, security_group: -1, security_group_rule: -1 });

  const platform = addUser(core, NAMES.serviceDomain, own);
  for (const role of ['moorage', 'member', 'load-balancer_admin']) {
    grant(core, platform, role, 'domain', own);
    grant(core, platform, role, 'inherited', own);
  }

  const demo = addProject(core, 'demo');
  const demoUser = addUser(core, 'demo', 'default');
  for (const role of ['member', 'load-balancer_member', 'reader']) grant(core, demoUser, role, 'project', demo);
  grant(core, addUser(core, 'viewer', 'default'), 'reader', 'project', demo);
  const other = addProject(core, 'other');
  const otherUser = addUser(core, 'other', 'default');
  for (const role of ['member', 'load-balancer_member']) grant(core, otherUser, role, 'project', other);
}

function seedNetworks(core: Core): void {
  const admin = projectNamed(core, 'admin');
  const demo = projectNamed(core, 'demo');
  const external = addNetwork(core, admin, NAMES.externalNetwork, true);
  // Floating addresses are listened on, so clouds side by side on one machine begin at different ones.
  const start = `127.64.${core.random.between(1, 250)}.${core.random.between(1, 250)}`;
  const outside = addSubnet(core, admin, external, 'public-subnet', '127.64.0.0/16', '127.64.0.1', start,
    '127.64.255.254');
  const network = addNetwork(core, demo, NAMES.userNetwork, false);
  const inside = addSubnet(core, demo, network, NAMES.userSubnet, '10.10.0.0/24', '10.10.0.1', '10.10.0.2',
    '10.10.0.254');
  const second = addNetwork(core, demo, 'demo-net-2', false);
  addSubnet(core, demo, second, 'demo-subnet-2', '10.20.0.0/24', '10.20.0.1', '10.20.0.2', '10.20.0.254');

  const gateway = { subnet_id: outside.id, ip_address: '127.64.0.2' };
  const router = core.state.table('routers').insert({
    ...newStandard(core, demo, { name: 'demo-router' }), admin_state_up: true, routes: [], availability_zone_hints: [],
    external_gateway_info: { network_id: external.id, external_fixed_ips: [gateway], enable_snat: true },
  });
  const port = (networkId: string, project: string, owner: string, fixed: typeof gateway): void =>
    void core.state.table('ports').insert({
      ...newStandard(core, project), ...blankPort(core), network_id: networkId, device_id: router.id,
      device_owner: owner, status: 'ACTIVE', fixed_ips: [fixed], port_security_enabled: false,
    });
  port(external.id, '', 'network:router_gateway', gateway);
  port(network.id, demo, 'network:router_interface', { subnet_id: inside.id, ip_address: '10.10.0.1' });
}

function seedCatalogue(core: Core): void {
  for (const [type, name, path] of SERVICES) {
    const service = { id: core.random.hex(32), name, type, description: null, enabled: true };
    core.state.table('services').insert(service);
    for (const kind of ['public', 'internal', 'admin']) {
      core.state.table('endpoints').insert({
        id: core.random.hex(32), service_id: service.id, interface: kind, region_id: 'RegionOne',
        url: core.baseUrl + path, enabled: true,
      });
    }
  }
}

function seedImages(core: Core): void {
  for (const [name, properties] of IMAGES) {
    const now = timestamp();
    core.state.table('images').insert({
      id: core.random.uuid(), name, status: 'active', visibility: 'public', owner: projectNamed(core, 'admin'),
      size: 2_147_483_648, min_disk: 5, min_ram: 0, tags: [], properties: { ...properties }, created_at: now,
      updated_at: now,
    });
  }
}

function addProject(core: Core, name: string): string {
  const id = core.random.hex(32);
  core.state.table('projects').insert({
    id, name, domain_id: 'default', parent_id: 'default', description: '', enabled: true, tags: [],
  });
  return id;
}

function projectNamed(core: Core, wanted: string): string {
  return core.state.table('projects').find(({ name }) => name === wanted)?.id ?? '';
}

function addUser(core: Core, name: string, domainId: string): string {
  const id = core.random.hex(32);
  core.state.table('users').insert({
    id, name, domain_id: domainId, password: PASSWORD, description: null, email: null, default_project_id: null,
    enabled: true,
  });
  return id;
}

function grant(core: Core, userId: string, role: string, scope: AssignmentRow['scope'], scopeId: string): void {
  const roleId = core.state.table('roles').find(({ name }) => name === role)?.id ?? '';
  core.state.table('assignments')
    .insert({ id: `${scope}/${scopeId}/${userId}/${roleId}`, userId, roleId, scope, scopeId });
}

function addNetwork(core: Core, projectId: string, name: string, external: boolean): NetworkRow {
  return core.state.table('networks').insert({
    ...newStandard(core, projectId, { name }), admin_state_up: true, status: 'ACTIVE', mtu: external ? 1500 : 1450,
    shared: false, external, port_security_enabled: true, availability_zone_hints: [],
    segmentation_id: external ? null : core.random.between(1, 65_535),
  });
}

function addSubnet(
  core: Core, projectId: string, network: NetworkRow, name: string, cidr: string, gateway: string, start: string,
  end: string,
): SubnetRow {
  return core.state.table('subnets').insert({
    ...newStandard(core, projectId, { name }), network_id: network.id, ip_version: 4, cidr, gateway_ip: gateway,
    allocation_pools: [{ start, end }], dns_nameservers: network.external ? [] : [nobodysNameServer], host_routes: [],
    enable_dhcp: !network.external,
  });
}
