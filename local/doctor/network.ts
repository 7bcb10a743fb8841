/** Neutron: what it must know, the way out, and the things across projects that worker nodes stand on. */
import * as neutron from '../../layers/openstack/neutron.ts';
import { path } from '../../layers/openstack/path.ts';
import { list } from '../../layers/openstack/resource.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { missing, ok, type Check, type Patient } from './check.ts';
import { allow } from './remedies.ts';

const wantedExtensions = [
  'external-net', 'router', 'security-group', 'trunk', 'standard-attr-tag', 'standard-attr-description', 'quotas', 'quota_details',
  'allowed-address-pairs', 'net-mtu',
];

const extensions: Check = {
  title: 'Neutron\'s extensions',
  async look({ project }) {
    const found = await list<{ alias: string }>(project, { service: 'network', path: path`/extensions`, key: 'extensions', paging: 'none' });
    const known = new Set(found.map(({ alias }) => alias));
    const lacking = wantedExtensions.filter((alias) => !known.has(alias));
    if (lacking.length === 0) return ok(`${wantedExtensions.length} of ${wantedExtensions.length}, trunk among them`);
    return missing(`lacks ${lacking.join(', ')}`,
      ...(lacking.includes('trunk') ? ['# in neutron.conf of every neutron-server: service_plugins = …,trunk', 'systemctl restart neutron-server'] : []));
  },
  type: () => ['openstack extension list --network'],
};

const externalNetwork: Check = {
  title: 'External network',
  async look({ project, settings: { externalNetwork: wanted }, cloud }) {
    const networks = await neutron.listNetworks(project, { 'router:external': true });
    const found = networks.find(({ id, name }) => id === wanted || name === wanted);
    const others = networks.map(({ name }) => name).join(', ');
    if (!cloud.env.EXTERNAL_NETWORK) return missing(`EXTERNAL_NETWORK is not set; there is: ${others || 'none'}`, `export EXTERNAL_NETWORK=${networks[0]?.name ?? 'public'}`);
    if (!found) {
      return missing(`there is no ${wanted}${others ? `, but ${others}` : ''}`,
        `openstack network create --external --provider-network-type flat --provider-physical-network public ${wanted}`,
        `openstack subnet create --network ${wanted} --subnet-range CIDR --no-dhcp --allocation-pool start=FIRST,end=LAST ${wanted}`);
    }
    if (found.subnets.length === 0) return missing(`${wanted} has no subnet`, `openstack subnet create --network ${wanted} --subnet-range CIDR --no-dhcp ${wanted}`);
    return ok(`${found.name} (${found.id})`);
  },
  type: (patient) => allow(patient, 'neutron'),
};

const quota: Check = {
  title: 'Quotas of Neutron',
  async look({ project, projectId }) {
    await neutron.updateQuota(project, projectId, { network: 2, port: 50 });
    if ((await neutron.getQuota(project, projectId)).port !== 50) return missing('are accepted, but do not count');
    await neutron.deleteQuota(project, projectId);
    return ok('can be set');
  },
  type: (patient) => allow(patient, 'neutron'),
};

const wayOut: Check = {
  title: 'Router and floating addresses',
  async look({ project, projectId, other, otherProjectId, mark, cloud, settings: { externalNetwork: wanted } }) {
    const external = (await neutron.listNetworks(project, { 'router:external': true })).find(({ id, name }) => id === wanted || name === wanted);
    if (!external) return missing('not tried: there is no external network');
    const owner = { project_id: projectId, description: mark };
    const router = await neutron.createRouter(project, { ...owner, name: mark, external_gateway_info: { network_id: external.id } });
    const address = await neutron.createFloatingIp(project, { ...owner, floating_network_id: external.id });
    const theirs = await neutron.createFloatingIp(other, { project_id: otherProjectId, description: mark, floating_network_id: external.id });
    for (const { id } of [address, theirs]) await neutron.deleteFloatingIp(project, id);
    await neutron.deleteRouter(project, router.id);
    if (await neutron.getFloatingIp(other, theirs.id)) return missing('one of another project cannot be taken away', ...allow({ cloud }, 'neutron'));
    return ok(`made and taken away, of another project too: ${address.floating_ip_address}`);
  },
  type: (patient) => allow(patient, 'neutron'),
};

/** As for a worker: a port of a user's project on that project's network, reached through a port and network of ours. */
const trunks: Check = {
  title: 'Trunk across projects',
  async look(patient) {
    const { project, projectId, other, otherProjectId, mark } = patient;
    const ours = await networkWithPort(patient, project, projectId, '100.96.0.0/24');
    const theirs = await networkWithPort(patient, other, otherProjectId, '10.250.0.0/24');
    const trunk = await neutron.createTrunk(project, {
      name: mark, description: mark, project_id: projectId, port_id: ours.id,
      sub_ports: [{ port_id: theirs.id, segmentation_type: 'vlan', segmentation_id: 100 }],
    });
    await neutron.setTags(project, 'ports', theirs.id, [mark]);
    if (theirs.project_id !== otherProjectId) return missing('a port for another project came to be Moorage\'s own');
    await neutron.updatePort(project, theirs.id, { admin_state_up: true, allowed_address_pairs: [] });
    const refused = await neutron.deletePort(project, theirs.id).then(() => false, () => true);
    await neutron.deleteTrunk(project, trunk.id);
    if (!refused) return missing('a port that a trunk uses could be deleted: users could cut off their nodes');
    return ok('port and security group for another project, trunk over it; nobody can delete the port');
  },
  type: (patient) => allow(patient, 'neutron'),
};

async function networkWithPort({ project, mark: description }: Patient, owns: Session, project_id: string, cidr: string): Promise<neutron.Port> {
  const owner = { project_id, description, name: description };
  const network = await neutron.createNetwork(owns, owner);
  const subnet = await neutron.createSubnet(owns, { ...owner, network_id: network.id, ip_version: 4, cidr, enable_dhcp: false });
  const group = await neutron.createSecurityGroup(project, owner);
  await neutron.createSecurityGroupRules(project, [{
    security_group_id: group.id, project_id, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 443, port_range_max: 443, remote_ip_prefix: cidr,
  }]);
  return neutron.createPort(project, { ...owner, network_id: network.id, fixed_ips: [{ subnet_id: subnet.id }], security_groups: [group.id] });
}

export const networkChecks = [extensions, externalNetwork, quota, wayOut, trunks];
