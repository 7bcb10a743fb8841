/** Neutron's security-group rules: each is its own natural key. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { SecurityGroupRuleRow } from './rows.ts';
import { asInteger, type Attributes, type Route } from '../service.ts';
import { rangeOf, toAddress } from './addresses.ts';
import { badRequest, textOf, withStandard } from './attributes.ts';
import { owns, servesAll } from './policy.ts';
import { resourceRoutes, showStandard, type Resource } from './resource.ts';
import { missingSecurityGroup } from './security-groups.ts';

const MAP = withStandard({
  security_group_id: 'r', direction: 'r', ethertype: 'p', protocol: 'p', port_range_min: 'p', port_range_max: 'p',
  remote_ip_prefix: 'p', remote_group_id: 'p', remote_address_group_id: 'p', normalized_cidr: '-', name: '-',
  description: 'pu',
});

const PROTOCOLS = ['ah', 'dccp', 'egp', 'esp', 'gre', 'hopopt', 'icmp', 'igmp', 'ip', 'ipip', 'ipv6-encap', 'ipv6-frag',
  'ipv6-icmp', 'icmpv6', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route', 'ospf', 'pgm', 'rsvp', 'sctp', 'tcp', 'udp',
  'udplite',
  'vrrp'];

/** What makes two rules of a group the same. */
const KEY = ['security_group_id', 'direction', 'ethertype', 'protocol', 'port_range_min', 'port_range_max',
  'remote_ip_prefix', 'remote_group_id'] as const;

export function securityGroupRuleRoutes(core: Core): Route[] {
  const table = core.state.table('securityGroupRules');
  const resource: Resource<SecurityGroupRuleRow> = {
    singular: 'security_group_rule', plural: 'security-group-rules', counted: 'security_group_rule', map: MAP, table,
    missing: (id) => new Refusal(404, `Security group rule ${id} does not exist`, 'SecurityGroupRuleNotFound'),
    sees: (caller, row) => owns(caller, row),
    show: showRule,
    checkMany: (given) => {
      if (new Set(given.map((one) => one['security_group_id'])).size <= 1) return;
      throw new Refusal(400, 'Only allowed to update rules for one security profile at a time',
        'SecurityGroupNotSingleGroupRules');
    },
    create: (call, given, standard) => {
      const group = core.state.table('securityGroups').get(textOf(given, 'security_group_id'));
      if (!group || !(owns(call.caller, group) || servesAll(call.caller))) throw missingSecurityGroup(String(given['security_group_id']));
      const remote = textOf(given, 'remote_group_id') ?? null;
      if (remote !== null && !core.state.table('securityGroups').get(remote)) throw missingSecurityGroup(remote);
      const rule: SecurityGroupRuleRow = {
        ...standard, revision_number: 0, security_group_id: group.id, remote_group_id: remote, initial: false,
        direction: oneOf(given, 'direction', ['ingress', 'egress']),
        ethertype: given['ethertype'] == null ? 'IPv4' : oneOf(given, 'ethertype', ['IPv4', 'IPv6']),
        protocol: protocolIn(given), port_range_min: portIn(given, 'port_range_min'),
        port_range_max: portIn(given, 'port_range_max'), remote_ip_prefix: textOf(given, 'remote_ip_prefix') ?? null,
      };
      checkPorts(rule);
      checkPrefix(rule);
      const same = table.find((other) => KEY.every((key) => other[key] === rule[key]));
      if (same) {
        throw new Refusal(409, `Security group rule already exists. Rule id is ${same.id}.`, 'SecurityGroupRuleExists');
      }
      return table.insert(rule);
    },
    update: () => ({}),
    remove: (_call, row) => table.remove(row.id),
  };
  return resourceRoutes(core, resource);
}

export function showRule(row: SecurityGroupRuleRow): Attributes {
  const { name: _name, ...standard } = showStandard(row);
  const range = row.remote_ip_prefix === null ? undefined : rangeOf(row.remote_ip_prefix);
  return {
    ...standard, description: row.initial ? null : row.description,
    ...Object.fromEntries(KEY.map((key) => [key, row[key]])), remote_address_group_id: null,
    normalized_cidr: range ? `${toAddress(range.first)}/${row.remote_ip_prefix?.split('/')[1]}` : row.remote_ip_prefix,
  };
}

function oneOf(given: Attributes, key: string, values: string[]): string {
  const value = textOf(given, key) ?? '';
  if (values.includes(value)) return value;
  throw badRequest(`Invalid input for ${key}. Reason: ${value} is not in valid_values.`);
}

function protocolIn(given: Attributes): string | null {
  const value = given['protocol'] == null ? null : String(given['protocol']).toLowerCase();
  const known = value === null || PROTOCOLS.includes(value) || (/^\d+$/.test(value) && Number(value) <= 255);
  if (known) return value === 'any' ? null : value;
  const names = PROTOCOLS.map((name) => `'${name}'`).join(', ');
  throw new Refusal(400,
    `Security group rule protocol ${value} not supported. Only protocol values [None, ${names}] and `
    + 'integer representations [0 to 255] are supported.', 'SecurityGroupRuleInvalidProtocol');
}

function portIn(given: Attributes, key: string): number | null {
  if (given[key] == null) return null;
  const port = asInteger(given[key]);
  if (port !== undefined && port >= 0 && port <= 65_535) return port;
  throw new Refusal(400, `Invalid value for port ${String(given[key])}`, 'SecurityGroupInvalidPortValue');
}

function checkPorts({ protocol, port_range_min: low, port_range_max: high }: SecurityGroupRuleRow): void {
  if (low === null && high === null) return;
  if (protocol === null) {
    throw new Refusal(400, 'Must also specify protocol if port range is given.',
      'SecurityGroupProtocolRequiredWithPorts');
  }
  if (!['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17'].includes(protocol)) return;
  if (low === null || high === null || low > high) {
    throw new Refusal(400, 'For TCP/UDP protocols, port_range_min must be <= port_range_max',
      'SecurityGroupInvalidPortRange');
  }
}

function checkPrefix({ remote_ip_prefix: prefix, remote_group_id: group, ethertype }: SecurityGroupRuleRow): void {
  if (prefix === null) return;
  if (group !== null) {
    throw new Refusal(400, 'Only remote_ip_prefix, remote_group_id, remote_address_group_id may be provided.',
      'SecurityGroupMultipleRemoteEntites');
  }
  if (ethertype === 'IPv4' && !rangeOf(prefix.includes('/') ? prefix : `${prefix}/32`)) {
    throw badRequest(`Invalid input for remote_ip_prefix. Reason: '${prefix}' is not a valid IP subnet.`);
  }
}
