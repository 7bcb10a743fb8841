/** Who sees and who may change what, as Neutron's default policy has it, with what an operator adds for Moorage's role. */
import type { Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { NetworkRow, PortRow, SubnetRow } from './rows.ts';

export function owns(caller: Caller, row: { project_id: string }): boolean {
  return caller.isAdmin || (caller.projectId !== null && row.project_id === caller.projectId);
}

/** An "advanced service": sees networks, ports and groups of all projects, makes ports for them, changes and deletes ports. */
export function servesAll(caller: Caller): boolean {
  return caller.has('moorage');
}

/** Shared with the project by an RBAC policy `access_as_shared`. */
export function sharedWith(core: Core, projectId: string | null, network: NetworkRow): boolean {
  return network.shared || core.state.table('rbacPolicies').find((policy) => policy.object_id === network.id
    && policy.action === 'access_as_shared'
    && (policy.target_tenant === '*' || policy.target_tenant === projectId)) !== undefined;
}

export function seesNetwork(core: Core, caller: Caller, network: NetworkRow): boolean {
  return owns(caller, network) || servesAll(caller) || network.external || sharedWith(core, caller.projectId, network);
}

/** Subnets of external networks are seen by their owner alone. */
export function seesSubnet(core: Core, caller: Caller, subnet: SubnetRow): boolean {
  const network = core.state.table('networks').get(subnet.network_id);
  return owns(caller, subnet) || (network !== undefined
    && (owns(caller, network) || sharedWith(core, caller.projectId, network)));
}

/** The owner of a network sees every port on it, whosesoever it is. */
export function seesPort(core: Core, caller: Caller, port: PortRow): boolean {
  const network = core.state.table('networks').get(port.network_id);
  return owns(caller, port) || servesAll(caller) || (network !== undefined && owns(caller, network));
}

export function disallowed(rule: string): Refusal {
  const text = /[ (]/.test(rule) ? rule : `rule:${rule}`;
  return new Refusal(403, `${text} is disallowed by policy`, 'PolicyNotAuthorized');
}

/** Who may make things in which project: the own one, or as admin or service of all any. */
export function projectFor(caller: Caller, given: Record<string, unknown>): string {
  const asked = given['project_id'] ?? given['tenant_id'];
  if (asked !== undefined && asked !== caller.projectId && !caller.isAdmin && !servesAll(caller)) {
    throw new Refusal(400, 'Specifying \'project_id\' or \'tenant_id\' other than the authenticated project in request '
      + 'requires admin or advsvc privileges', 'HTTPBadRequest');
  }
  const projectId = asked ?? caller.projectId;
  if (typeof projectId === 'string') return projectId;
  throw new Refusal(400, 'Running without keystone AuthN requires that tenant_id is specified', 'HTTPBadRequest');
}
