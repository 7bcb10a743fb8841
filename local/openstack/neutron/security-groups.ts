/** Neutron's security groups; each project has a default one as soon as it is looked for. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { SecurityGroupRow, StandardRow } from './rows.ts';
import type { Route } from '../service.ts';
import { flagOf, withStandard } from './attributes.ts';
import { owns, servesAll } from './policy.ts';
import { newStandard, resourceRoutes, showStandard, type Resource } from './resource.ts';
import { showRule } from './security-group-rules.ts';

const MAP = withStandard({ stateful: 'pu', shared: '-', security_group_rules: '-' });

export function securityGroupRoutes(core: Core): Route[] {
  const table = core.state.table('securityGroups');
  const resource: Resource<SecurityGroupRow> = {
    singular: 'security_group', plural: 'security-groups', counted: 'security_group', map: MAP, table,
    missing: missingSecurityGroup,
    sees: (caller, row) => owns(caller, row) || servesAll(caller),
    mayUpdate: servesAll,
    mayRemove: servesAll,
    show: (row) => ({
      ...showStandard(row), stateful: row.stateful, shared: false,
      security_group_rules: core.state.table('securityGroupRules').list((rule) => rule.security_group_id === row.id)
        .map(showRule),
    }),
    create: (_call, given, standard) => {
      if (standard.name === 'default') {
        throw new Refusal(409, 'Default security group already exists.', 'SecurityGroupDefaultAlreadyExists');
      }
      defaultSecurityGroup(core, standard.project_id);
      return insertGroup(core, standard, flagOf(given, 'stateful') ?? true);
    },
    update: (_call, row, given) => {
      if (row.name !== 'default' || given['name'] === undefined) {
        return { stateful: flagOf(given, 'stateful') ?? row.stateful };
      }
      throw new Refusal(409, 'Updating default security group not allowed.', 'SecurityGroupCannotUpdateDefault');
    },
    remove: (call, row) => {
      if (row.name === 'default' && !call.caller.isAdmin) {
        throw new Refusal(409, 'Insufficient rights for removing default security group.',
          'SecurityGroupCannotRemoveDefault');
      }
      removeSecurityGroup(core, row);
    },
  };
  const routes = resourceRoutes(core, resource);
  return routes.map((one) => one.template !== '/v2.0/security-groups' || one.method !== 'GET' ? one : {
    ...one,
    handle: (call) => {
      if (call.caller.projectId) defaultSecurityGroup(core, call.caller.projectId);
      return one.handle(call);
    },
  });
}

export function missingSecurityGroup(id: string): Refusal {
  return new Refusal(404, `Security group ${id} does not exist`, 'SecurityGroupNotFound');
}

/** The project's default group, made if there is none. */
export function defaultSecurityGroup(core: Core, projectId: string): SecurityGroupRow {
  const known = core.state.table('securityGroups').find((group) => group.project_id === projectId
    && group.name === 'default');
  if (known) return known;
  const standard = newStandard(core, projectId, { name: 'default', description: 'Default security group' });
  const group = insertGroup(core, standard, true);
  for (const ethertype of ['IPv4', 'IPv6']) insertRule(core, group, 'ingress', ethertype, group.id);
  return group;
}

/** A new group with the two rules that let everything out. */
export function insertGroup(core: Core, standard: StandardRow, stateful: boolean): SecurityGroupRow {
  const group = core.state.table('securityGroups').insert({ ...standard, stateful });
  for (const ethertype of ['IPv4', 'IPv6']) insertRule(core, group, 'egress', ethertype, null);
  return group;
}

/** Removes the group with its rules; 409 while a port has it. */
export function removeSecurityGroup(core: Core, row: SecurityGroupRow): void {
  if (core.state.table('ports').find(({ security_groups }) => security_groups.includes(row.id))) {
    throw new Refusal(409, `Security Group ${row.id} in use.`, 'SecurityGroupInUse');
  }
  const rules = core.state.table('securityGroupRules');
  for (const rule of rules.list((one) => one.security_group_id === row.id || one.remote_group_id === row.id)) {
    rules.remove(rule.id);
  }
  core.state.table('securityGroups').remove(row.id);
}

function insertRule(
  core: Core, group: SecurityGroupRow, direction: string, ethertype: string, remoteGroupId: string | null,
): void {
  core.state.table('securityGroupRules').insert({
    ...newStandard(core, group.project_id), revision_number: 0, security_group_id: group.id, direction, ethertype,
    protocol: null, port_range_min: null, port_range_max: null, remote_ip_prefix: null,
    remote_group_id: remoteGroupId, initial: true,
  });
}
