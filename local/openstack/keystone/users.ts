/** Keystone's users. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { UserRow } from './rows.ts';
import { asText, route, within, type Call, type Reply, type Route } from '../service.ts';
import { projectsOf } from './auth.ts';
import { forbidden, listReply, missing, requireProperty } from './keystone.ts';
import { inSight, requireDomainReader, requireKeeper, requirePlatform } from './policy.ts';
import { showProject } from './projects.ts';

export function userRoutes(core: Core): Route[] {
  const users = core.state.table('users');
  const find = (call: Call): UserRow => {
    const row = users.get(call.param('id'));
    if (!row) throw missing('user', call.param('id'));
    return row;
  };
  return [
    route('GET', '/users', (call) => {
      requireDomainReader(call, 'list_users');
      const { query } = call;
      const found = users.list((one) => inSight(call, one.domain_id) && (query.get('name') ?? one.name) === one.name
        && (query.get('domain_id') ?? one.domain_id) === one.domain_id
        && (query.get('enabled') ?? String(one.enabled)).toLowerCase() === String(one.enabled));
      return listReply(call, 'users', found.map((row) => show(call, row)));
    }),
    route('POST', '/users', (call) => create(core, call)),
    route('GET', '/users/{id}', (call) => {
      requireSelf(call, 'get_user');
      return { status: 200, body: { user: show(call, find(call)) } };
    }),
    route('PATCH', '/users/{id}', (call) => {
      requireKeeper(call, 'update_user', users.get(call.param('id')));
      const given = within(call.body, 'user') ?? {};
      const row = users.update(find(call).id, {
        ...(typeof given['name'] === 'string' && { name: given['name'] }),
        ...(typeof given['password'] === 'string' && { password: given['password'] }),
        ...(typeof given['description'] === 'string' && { description: given['description'] }),
        ...(typeof given['enabled'] === 'boolean' && { enabled: given['enabled'] }),
      });
      return { status: 200, body: { user: row && show(call, row) } };
    }),
    route('DELETE', '/users/{id}', (call) => {
      requireKeeper(call, 'delete_user', users.get(call.param('id')));
      removeUser(core, find(call).id);
      return { status: 204 };
    }),
    route('GET', '/users/{id}/projects', (call) => {
      requireSelf(call, 'list_user_projects');
      return listReply(call, 'projects', projectsOf(core, find(call).id).map((one) => showProject(call, one)));
    }),
  ];
}

/** A user takes assignments and application credentials along; tokens of the user are worth nothing from now on. */
export function removeUser(core: Core, id: string): void {
  const assignments = core.state.table('assignments');
  const credentials = core.state.table('applicationCredentials');
  for (const one of assignments.list(({ userId }) => userId === id)) assignments.remove(one.id);
  for (const one of credentials.list(({ userId }) => userId === id)) credentials.remove(one.id);
  core.state.table('users').remove(id);
}

function create(core: Core, call: Call): Reply {
  requirePlatform(call, 'create_user');
  const given = within(call.body, 'user');
  const name = requireProperty(given, 'name');
  const home = core.state.table('projects').get(call.caller.projectId)?.domain_id;
  const domainId = asText(given?.['domain_id']) ?? call.caller.domainId ?? home ?? 'default';
  if (!core.state.table('domains').get(domainId)) throw missing('domain', domainId);
  const users = core.state.table('users');
  if (users.find((one) => one.domain_id === domainId && one.name === name)) {
    throw new Refusal(409, 'Conflict occurred attempting to store user - Duplicate entry found with '
      + `name ${name} at domain ID ${domainId}.`);
  }
  const row = users.insert({
    id: core.random.hex(32), name, domain_id: domainId, password: asText(given?.['password']) ?? null,
    description: asText(given?.['description']) ?? null, email: asText(given?.['email']) ?? null,
    default_project_id: asText(given?.['default_project_id']) ?? null, enabled: given?.['enabled'] !== false,
  });
  return { status: 201, body: { user: show(call, row) } };
}

function requireSelf(call: Call, action: string): void {
  if (call.caller.userId !== call.param('id') && !call.caller.isAdmin) throw forbidden(action);
}

function show(call: Call, row: UserRow): unknown {
  const { id, name, domain_id, enabled, description, email, default_project_id } = row;
  return {
    ...(description !== null && { description }), ...(email !== null && { email }), id, name, domain_id, enabled,
    ...(default_project_id !== null && { default_project_id }),
    password_expires_at: null, options: {}, links: { self: `${call.serviceUrl}/users/${id}` },
  };
}
