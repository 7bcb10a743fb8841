/** The ports and the security group a load balancer has in Neutron. */
import type { Core } from '../core.ts';
import { pickAddress, takeAddress } from '../neutron/addresses.ts';
import { owns, seesNetwork, seesPort, seesSubnet } from '../neutron/policy.ts';
import { blankPort, removePort } from '../neutron/ports.ts';
import { requireQuota } from '../neutron/quotas.ts';
import { newStandard } from '../neutron/resource.ts';
import { insertGroup, removeSecurityGroup } from '../neutron/security-groups.ts';
import { Refusal } from '../refusal.ts';
import type { PortRow, SubnetRow } from '../neutron/rows.ts';
import type { LoadBalancerRow } from './rows.ts';
import { asText, type Attributes, type Call } from '../service.ts';
import { invalidOption } from './attributes.ts';

type Vip = Pick<LoadBalancerRow, 'vip_address' | 'vip_port_id' | 'vip_subnet_id' | 'vip_network_id' | 'ownPort'
  | 'securityGroupId'>;

/** The VIP asked for, its port made if none is given. What Neutron refuses becomes the provider's error. */
export function takeVip(core: Core, call: Call, balancerId: string, projectId: string, given: Attributes): Vip {
  const portId = asText(given['vip_port_id']);
  if (portId !== undefined) return givenPort(core, call, balancerId, portId);
  const subnet = subnetOf(core, call, given);
  const securityGroupId = makeGroup(core, balancerId);
  const port = viaProvider(core, () => {
    requireQuota(core, projectId, 'port', 1);
    const address = asText(given['vip_address']);
    const fixed = address === undefined ? pickAddress(core, subnet) : takeAddress(core, subnet, address);
    return core.state.table('ports').insert({
      ...newStandard(core, projectId, { name: `octavia-lb-${balancerId}` }), ...blankPort(core),
      network_id: subnet.network_id, fixed_ips: [fixed], admin_state_up: false, device_id: `lb-${balancerId}`,
      device_owner: 'Octavia', security_groups: [securityGroupId],
    });
  });
  return { ...vipOf(port), ownPort: true, securityGroupId };
}

/** The amphora's own port beside the VIP; it belongs to Octavia's project. */
export function plugAmphora(core: Core, balancer: LoadBalancerRow): string | null {
  const subnet = core.state.table('subnets').get(balancer.vip_subnet_id);
  if (!subnet) return null;
  const amphora = core.random.uuid();
  return core.state.table('ports').insert({
    ...newStandard(core, serviceProject(core), { name: `octavia-lb-vrrp-${amphora}` }), ...blankPort(core),
    network_id: subnet.network_id, fixed_ips: [pickAddress(core, subnet)], device_id: amphora,
    device_owner: 'Octavia', host_id: 'compute-octavia', status: 'ACTIVE',
    security_groups: [balancer.securityGroupId],
  }).id;
}

/** Removes what the load balancer had in Neutron; a VIP port that was given stays. */
export function dropVip(core: Core, balancer: LoadBalancerRow): void {
  const ports = core.state.table('ports');
  const vrrp = ports.get(balancer.vrrpPortId);
  const vip = ports.get(balancer.vip_port_id);
  if (vrrp) removePort(core, vrrp);
  if (vip && balancer.ownPort) removePort(core, vip);
  else if (vip) {
    ports.update(vip.id, { security_groups: vip.security_groups.filter((id) => id !== balancer.securityGroupId) });
  }
  const group = core.state.table('securityGroups').get(balancer.securityGroupId);
  if (group) removeSecurityGroup(core, group);
}

/** The project Octavia works in. */
function serviceProject(core: Core): string {
  return core.state.table('projects')
    .find(({ name, domain_id }) => name === 'service' && domain_id === 'default')?.id ?? '';
}

function makeGroup(core: Core, balancerId: string): string {
  const standard = newStandard(core, serviceProject(core), { name: `lb-${balancerId}` });
  return insertGroup(core, standard, true).id;
}

function givenPort(core: Core, call: Call, balancerId: string, portId: string): Vip {
  const port = core.state.table('ports').get(portId);
  if (!port || !seesPort(core, call.caller, port)) throw new Refusal(400, `Port ${portId} not found.`);
  const securityGroupId = makeGroup(core, balancerId);
  core.state.table('ports').update(portId, { security_groups: [...port.security_groups, securityGroupId] });
  return { ...vipOf(port), ownPort: false, securityGroupId };
}

function subnetOf(core: Core, call: Call, given: Attributes): SubnetRow {
  const subnetId = asText(given['vip_subnet_id']);
  const networkId = asText(given['vip_network_id']);
  if (subnetId === undefined && networkId === undefined) {
    throw invalidOption('VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.');
  }
  if (subnetId !== undefined) {
    const subnet = core.state.table('subnets').get(subnetId);
    if (subnet && seesSubnet(core, call.caller, subnet)) return subnet;
    throw new Refusal(400, `Subnet ${subnetId} not found.`);
  }
  const network = core.state.table('networks').get(networkId);
  if (!network || !seesNetwork(core, call.caller, network)) throw new Refusal(400, `Network ${networkId} not found.`);
  const subnet = core.state.table('subnets').find((one) => one.network_id === network.id);
  if (subnet && (owns(call.caller, network) || seesSubnet(core, call.caller, subnet))) return subnet;
  throw invalidOption('Supplied network does not contain a subnet.');
}

function vipOf(port: PortRow): Pick<Vip, 'vip_address' | 'vip_port_id' | 'vip_subnet_id' | 'vip_network_id'> {
  const fixed = port.fixed_ips[0];
  return {
    vip_address: fixed?.ip_address ?? '', vip_port_id: port.id, vip_subnet_id: fixed?.subnet_id ?? null,
    vip_network_id: port.network_id,
  };
}

function viaProvider<T>(core: Core, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(500, `Provider 'amphora' reports error: ${error.message}\nNeutron server returns request_ids: `
      + `['req-${core.random.uuid()}']`);
  }
}
