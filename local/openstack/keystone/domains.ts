/** Keystone's domains. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { DomainRow } from './rows.ts';
import { asText, route, within, type Call, type Reply, type Route } from '../service.ts';
import { listReply, missing, requireProperty } from './keystone.ts';
import { requireAdmin } from './policy.ts';
import { removeProject } from './projects.ts';
import { removeUser } from './users.ts';

export function domainRoutes(core: Core): Route[] {
  const domains = core.state.table('domains');
  const find = (call: Call): DomainRow => {
    const row = domains.get(call.param('id'));
    if (!row) throw missing('domain', call.param('id'));
    return row;
  };
  return [
    route('GET', '/domains', (call) => {
      requireAdmin(call, 'list_domains');
      const name = call.query.get('name');
      const enabled = call.query.get('enabled');
      const found = domains.list((one) => (name === null || one.name === name)
        && (enabled === null || String(one.enabled) === enabled.toLowerCase()));
      return listReply(call, 'domains', found.map((row) => show(call, row)));
    }),
    route('POST', '/domains', (call) => create(core, call)),
    route('GET', '/domains/{id}', (call) => {
      requireAdmin(call, 'get_domain');
      return { status: 200, body: { domain: show(call, find(call)) } };
    }),
    route('PATCH', '/domains/{id}', (call) => {
      requireAdmin(call, 'update_domain');
      const given = within(call.body, 'domain') ?? {};
      const row = domains.update(find(call).id, {
        ...(typeof given['enabled'] === 'boolean' && { enabled: given['enabled'] }),
        ...(typeof given['description'] === 'string' && { description: given['description'] }),
        ...(typeof given['name'] === 'string' && { name: given['name'] }),
      });
      return { status: 200, body: { domain: row && show(call, row) } };
    }),
    route('DELETE', '/domains/{id}', (call) => {
      requireAdmin(call, 'delete_domain');
      const row = find(call);
      if (row.enabled) throw new Refusal(403, 'Cannot delete a domain that is enabled, please disable it first.');
      removeDomain(core, row.id);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  requireAdmin(call, 'create_domain');
  const given = within(call.body, 'domain');
  const name = requireProperty(given, 'name');
  const domains = core.state.table('domains');
  if (domains.find((one) => one.name === name)) {
    throw new Refusal(409, 'Conflict occurred attempting to store project - it is not permitted to have two projects '
      + `acting as domains with the same name: ${name}.`);
  }
  const row = domains.insert({
    id: core.random.hex(32), name, description: asText(given?.['description']) ?? '',
    enabled: given?.['enabled'] !== false,
  });
  return { status: 201, body: { domain: show(call, row) } };
}

/** A domain takes its users and projects along; what the projects own elsewhere stays. */
function removeDomain(core: Core, id: string): void {
  for (const project of core.state.table('projects').list((one) => one.domain_id === id)) {
    removeProject(core, project.id);
  }
  for (const user of core.state.table('users').list((one) => one.domain_id === id)) removeUser(core, user.id);
  const assignments = core.state.table('assignments');
  for (const one of assignments.list(({ scope, scopeId }) => scope !== 'project' && scopeId === id)) {
    assignments.remove(one.id);
  }
  core.state.table('domains').remove(id);
}

function show(call: Call, row: DomainRow): unknown {
  return { ...row, tags: [], options: {}, links: { self: `${call.serviceUrl}/domains/${row.id}` } };
}
