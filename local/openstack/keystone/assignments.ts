/** Keystone's roles, and who has them where. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { AssignmentRow, RoleRow } from './rows.ts';
import { route, type Call, type Reply, type Route } from '../service.ts';
import { listReply, missing } from './keystone.ts';
import { inSight, requireAdmin, requireDomainReader, requireGranter, requirePlatform } from './policy.ts';

type Scope = AssignmentRow['scope'];

export function assignmentRoutes(core: Core): Route[] {
  const roles = core.state.table('roles');
  return [
    route('GET', '/roles', (call) => {
      requirePlatform(call, 'list_roles');
      const name = call.query.get('name');
      return listReply(call, 'roles', roles.list((role) => (name ?? role.name) === role.name)
        .map((role) => showRole(call, role)));
    }),
    route('GET', '/roles/{role}', (call) => {
      requireAdmin(call, 'get_role');
      const role = roles.get(call.param('role'));
      if (!role) throw missing('role', call.param('role'));
      return { status: 200, body: { role: showRole(call, role) } };
    }),
    route('GET', '/role_assignments', (call) => {
      requireDomainReader(call, 'list_role_assignments');
      return listReply(call, 'role_assignments', core.state.table('assignments')
        .list((one) => matches(call, one) && inSight(call, domainOf(core, one))).map((one) => showAssignment(core, call, one)));
    }),
    ...grantRoutes(core, 'project', '/projects/{scope}/users/{user}/roles', ''),
    ...grantRoutes(core, 'domain', '/domains/{scope}/users/{user}/roles', ''),
    ...grantRoutes(core, 'inherited', '/OS-INHERIT/domains/{scope}/users/{user}/roles', '/inherited_to_projects'),
  ];
}

function grantRoutes(core: Core, scope: Scope, prefix: string, suffix: string): Route[] {
  const assignments = core.state.table('assignments');
  const one = `${prefix}/{role}${suffix}`;
  const idOf = (call: Call): string => `${scope}/${call.param('scope')}/${call.param('user')}/${call.param('role')}`;
  const requireGrant = (call: Call): AssignmentRow => {
    requireEnds(core, call, scope);
    const row = assignments.get(idOf(call));
    if (row) return row;
    throw missing('role assignment with role', `${call.param('role')}, user or group: ${call.param('user')}, project, `
      + `domain, or system: ${call.param('scope')}`);
  };
  return [
    route('GET', `${prefix}${suffix}`, (call) => {
      requireAdmin(call, 'list_grants');
      const granted = assignments.list((row) => row.scope === scope && row.scopeId === call.param('scope')
        && row.userId === call.param('user'));
      return listReply(call, 'roles', granted.map(({ roleId }) => core.state.table('roles').get(roleId))
        .filter((role) => role !== undefined).map((role) => showRole(call, role)));
    }),
    route('PUT', one, (call) => {
      requireGranter(call, 'create_grant', core.state.table('users').get(call.param('user')), core.state.table('roles').get(call.param('role')));
      requireEnds(core, call, scope);
      const [scopeId, userId, roleId] = [call.param('scope'), call.param('user'), call.param('role')];
      if (!assignments.get(idOf(call))) assignments.insert({ id: idOf(call), userId, roleId, scope, scopeId });
      return { status: 204 };
    }),
    route('GET', one, (call) => checked(call, requireGrant)),
    route('DELETE', one, (call) => {
      requireAdmin(call, 'revoke_grant');
      assignments.remove(requireGrant(call).id);
      return { status: 204 };
    }),
  ];
}

function checked(call: Call, requireGrant: (call: Call) => unknown): Reply {
  requireAdmin(call, 'check_grant');
  requireGrant(call);
  return { status: 204 };
}

function requireEnds(core: Core, call: Call, scope: Scope): void {
  const [kind, table] = scope === 'project' ? ['project', 'projects'] as const : ['domain', 'domains'] as const;
  if (!core.state.table('roles').get(call.param('role'))) throw missing('role', call.param('role'));
  if (!core.state.table('users').get(call.param('user'))) throw missing('user', call.param('user'));
  if (!core.state.table(table).get(call.param('scope'))) throw missing(kind, call.param('scope'));
}

function matches(call: Call, row: AssignmentRow): boolean {
  const { query } = call;
  if (query.has('effective')) throw new Refusal(400, 'This cloud does not work out effective role assignments.');
  const project = query.get('scope.project.id');
  const domain = query.get('scope.domain.id');
  return (query.get('user.id') ?? row.userId) === row.userId && (query.get('role.id') ?? row.roleId) === row.roleId
    && (project === null || (row.scope === 'project' && row.scopeId === project))
    && (domain === null || (row.scope !== 'project' && row.scopeId === domain));
}

function domainOf(core: Core, { scope, scopeId }: AssignmentRow): string | undefined {
  return scope === 'project' ? core.state.table('projects').get(scopeId)?.domain_id : scopeId;
}

function showAssignment(core: Core, call: Call, row: AssignmentRow): unknown {
  const { scope, scopeId, userId, roleId } = row;
  const named = call.query.has('include_names');
  const domain = (id: string | undefined): unknown => ({ id, name: core.state.table('domains').get(id)?.name });
  const kind = scope === 'project' ? 'project' : 'domain';
  const place = core.state.table(scope === 'project' ? 'projects' : 'domains').get(scopeId);
  const user = core.state.table('users').get(userId);
  const names = (name: string | undefined, domainId?: string): object =>
    named ? { name, ...(domainId && { domain: domain(domainId) }) } : {};
  const path = `${kind}s/${scopeId}/users/${userId}/roles/${roleId}`;
  const inherited = scope === 'inherited';
  const link = inherited ? `OS-INHERIT/${path}/inherited_to_projects` : path;
  const placeDomain = place && 'domain_id' in place ? place.domain_id : undefined;
  return {
    links: { assignment: `${call.serviceUrl}/${link}` },
    scope: {
      [kind]: { id: scopeId, ...names(place?.name, placeDomain) },
      ...(inherited && { 'OS-INHERIT:inherited_to': 'projects' }),
    },
    user: { id: userId, ...names(user?.name, user?.domain_id) },
    role: { id: roleId, ...names(core.state.table('roles').get(roleId)?.name) },
  };
}

function showRole(call: Call, { id, name, description, immutable }: RoleRow): unknown {
  const links = { self: `${call.serviceUrl}/roles/${id}` };
  return { id, name, domain_id: null, description, options: immutable ? { immutable } : {}, links };
}
