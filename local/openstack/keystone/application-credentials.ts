/** Application credentials: made by the user alone, worth as much as the roles they were made with. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ApplicationCredentialRow, RoleRow } from './rows.ts';
import { asAttributes, asText, route, within, type Call, type Reply, type Route } from '../service.ts';
import { forbidden, listReply, missing, requireProperty } from './keystone.ts';

const PATH = '/users/{user}/application_credentials';

export function applicationCredentialRoutes(core: Core): Route[] {
  const credentials = core.state.table('applicationCredentials');
  const find = (call: Call): ApplicationCredentialRow => {
    const row = credentials.get(call.param('id'));
    if (!row || row.userId !== call.param('user')) throw missing('Application Credential', call.param('id'));
    return row;
  };
  return [
    route('GET', PATH, (call) => {
      requireOwner(call, 'list_application_credentials');
      const name = call.query.get('name');
      return listReply(call, 'application_credentials', credentials
        .list((one) => one.userId === call.param('user') && (name ?? one.name) === one.name)
        .map((one) => show(core, call, one)));
    }),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) => {
      requireOwner(call, 'get_application_credential');
      return { status: 200, body: { application_credential: show(core, call, find(call)) } };
    }),
    route('DELETE', `${PATH}/{id}`, (call) => {
      requireOwner(call, 'delete_application_credential');
      requireUnrestricted(core, call);
      credentials.remove(find(call).id);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  const { caller } = call;
  if (caller.userId !== call.param('user')) throw forbidden('create_application_credential');
  requireUnrestricted(core, call);
  const given = within(call.body, 'application_credential');
  const name = requireProperty(given, 'name');
  if (caller.projectId === null) throw forbidden('create_application_credential');
  const credentials = core.state.table('applicationCredentials');
  if (credentials.find((one) => one.userId === caller.userId && one.name === name)) {
    throw new Refusal(409, 'Conflict occurred attempting to store application_credential - '
      + `Duplicate entry found with name ${name}.`);
  }
  const row = credentials.insert({
    id: core.random.hex(32), userId: caller.userId, project_id: caller.projectId, name,
    secret: asText(given?.['secret']) ?? core.random.hex(86), description: asText(given?.['description']) ?? null,
    expires_at: asText(given?.['expires_at']) ?? null, unrestricted: given?.['unrestricted'] === true,
    roleIds: rolesAsked(caller.roles, given?.['roles']).map(({ id }) => id),
  });
  return { status: 201, body: { application_credential: { ...show(core, call, row), secret: row.secret } } };
}

/** The roles named in the body, or all of the caller's; nobody hands on a role they do not have. */
function rolesAsked(own: RoleRow[], asked: unknown): RoleRow[] {
  if (!Array.isArray(asked) || asked.length === 0) return own;
  return asked.map((item) => {
    const wanted = asAttributes(item);
    const role = own.find(({ id, name }) => id === wanted?.['id'] || name === wanted?.['name']);
    if (role) return role;
    throw new Refusal(400, 'Invalid application credential: Cannot create an application credential with '
      + 'unassigned role');
  });
}

function requireOwner(call: Call, action: string): void {
  if (call.caller.userId !== call.param('user') && !call.caller.isAdmin) throw forbidden(action);
}

/** A restricted application credential manages no further ones. */
function requireUnrestricted(core: Core, call: Call): void {
  const own = core.state.table('applicationCredentials').get(call.caller.token.applicationCredentialId);
  if (!own || own.unrestricted) return;
  throw new Refusal(403, 'You are not authorized to perform the requested action: Using method '
    + '\'application_credential\' is not allowed for managing additional application credentials..');
}

function show(core: Core, call: Call, row: ApplicationCredentialRow): Record<string, unknown> {
  const { id, name, description, userId, project_id, expires_at, unrestricted, roleIds } = row;
  const roles = roleIds.map((roleId) => core.state.table('roles').get(roleId)).filter((role) => role !== undefined);
  return {
    id, name, description, user_id: userId, project_id, system: null, expires_at, unrestricted: unrestricted || null,
    roles: roles.map((role) => ({
      id: role.id, name: role.name, domain_id: null, description: role.description,
      options: role.immutable ? { immutable: true } : {},
    })),
    links: { self: `${call.serviceUrl}/application_credentials/${id}` },
  };
}
