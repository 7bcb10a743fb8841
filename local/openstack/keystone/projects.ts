/** Keystone's projects and their tags. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ProjectRow } from './rows.ts';
import { asText, asTexts, route, within, type Call, type Reply, type Route } from '../service.ts';
import { forbidden, listReply, missing, requireProperty } from './keystone.ts';
import { inSight, requireAdmin, requireDomainReader, requireKeeper, requirePlatform } from './policy.ts';

export function projectRoutes(core: Core): Route[] {
  const projects = core.state.table('projects');
  const find = (call: Call): ProjectRow => {
    const row = projects.get(call.param('id'));
    if (!row) throw missing('project', call.param('id'));
    return row;
  };
  const setTags = (call: Call, tags: string[]): void => {
    requireAdmin(call, 'update_project_tags');
    projects.update(find(call).id, { tags });
  };
  return [
    route('GET', '/projects', (call) => {
      requireDomainReader(call, 'list_projects');
      return listReply(call, 'projects', projects.list((one) => inSight(call, one.domain_id) && matches(call, one))
        .map((one) => showProject(call, one)));
    }),
    route('POST', '/projects', (call) => create(core, call)),
    route('GET', '/projects/{id}', (call) => {
      const { projectId, domainId, isAdmin } = call.caller;
      const inDomain = domainId !== null && projects.get(call.param('id'))?.domain_id === domainId;
      if (projectId !== call.param('id') && !inDomain && !isAdmin) throw forbidden('get_project');
      return { status: 200, body: { project: showProject(call, find(call)) } };
    }),
    route('PATCH', '/projects/{id}', (call) => {
      requireAdmin(call, 'update_project');
      const row = update(core, call, find(call));
      return { status: 200, body: { project: { ...showProject(call, row), extra: {} } } };
    }),
    route('DELETE', '/projects/{id}', (call) => {
      requireKeeper(call, 'delete_project', projects.get(call.param('id')));
      removeProject(core, find(call).id);
      return { status: 204 };
    }),
    route('GET', '/projects/{id}/tags', (call) => tagsReply(call, find(call).tags)),
    route('PUT', '/projects/{id}/tags', (call) => {
      setTags(call, asTexts(within({ body: call.body }, 'body')?.['tags']) ?? []);
      return tagsReply(call, find(call).tags);
    }),
    route('DELETE', '/projects/{id}/tags', (call) => {
      setTags(call, []);
      return { status: 204 };
    }),
    route('PUT', '/projects/{id}/tags/{tag}', (call) => {
      setTags(call, [...new Set([...find(call).tags, call.param('tag')])]);
      return { status: 201 };
    }),
    route('DELETE', '/projects/{id}/tags/{tag}', (call) => {
      setTags(call, find(call).tags.filter((tag) => tag !== call.param('tag')));
      return { status: 204 };
    }),
  ];
}

/**
 * Removes project, assignments and application credentials, and nothing else: servers, ports, volumes and load
 * balancers of the project stay as orphans.
 */
export function removeProject(core: Core, id: string): void {
  const assignments = core.state.table('assignments');
  const credentials = core.state.table('applicationCredentials');
  for (const one of assignments.list(({ scope, scopeId }) => scope === 'project' && scopeId === id)) {
    assignments.remove(one.id);
  }
  for (const one of credentials.list((credential) => credential.project_id === id)) credentials.remove(one.id);
  core.state.table('projects').remove(id);
}

export function showProject(call: Call, row: ProjectRow): Record<string, unknown> {
  const { id, name, domain_id, description, enabled, parent_id, tags } = row;
  const links = { self: `${call.serviceUrl}/projects/${id}` };
  return { id, name, domain_id, description, enabled, parent_id, is_domain: false, tags, options: {}, links };
}

function create(core: Core, call: Call): Reply {
  requirePlatform(call, 'create_project');
  const given = within(call.body, 'project');
  const name = requireProperty(given, 'name');
  const domainId = asText(given?.['domain_id']) ?? call.caller.domainId ?? homeDomain(core, call);
  if (!core.state.table('domains').get(domainId)) throw new Refusal(400, `Could not find domain: ${domainId}.`);
  requireFreeName(core, domainId, name);
  const row = core.state.table('projects').insert({
    id: core.random.hex(32), name, domain_id: domainId, parent_id: asText(given?.['parent_id']) ?? domainId,
    description: asText(given?.['description']) ?? '', enabled: given?.['enabled'] !== false,
    tags: checkedTags(given?.['tags']) ?? [],
  });
  return { status: 201, body: { project: showProject(call, row) } };
}

function update(core: Core, call: Call, row: ProjectRow): ProjectRow {
  const given = within(call.body, 'project') ?? {};
  const name = asText(given['name']);
  if (name !== undefined && name !== row.name) requireFreeName(core, row.domain_id, name);
  const tags = checkedTags(given['tags']);
  return core.state.table('projects').update(row.id, {
    ...(name !== undefined && { name }), ...(tags && { tags }),
    ...(typeof given['description'] === 'string' && { description: given['description'] }),
    ...(typeof given['enabled'] === 'boolean' && { enabled: given['enabled'] }),
  }) ?? row;
}

function requireFreeName(core: Core, domainId: string, name: string): void {
  const taken = core.state.table('projects').find((one) => one.domain_id === domainId && one.name === name);
  if (!taken) return;
  throw new Refusal(409,
    'Conflict occurred attempting to store project - it is not permitted to have two projects with '
    + `either the same name or same id in the same domain: name is ${name}, project id ${core.random.hex(32)}.`);
}

function checkedTags(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const tags = asTexts(value);
  const wrong = tags?.find((tag) => !/^[^,/]{1,255}$/.test(tag));
  if (!tags || wrong !== undefined) {
    throw new Refusal(400, `'${wrong ?? ''}' does not match '^[^,/]*$'\n\nFailed validating schema`);
  }
  return tags;
}

function matches(call: Call, row: ProjectRow): boolean {
  const { query } = call;
  const all = query.get('tags')?.split(',') ?? [];
  const any = query.get('tags-any')?.split(',');
  const none = query.get('not-tags')?.split(',');
  const same = (key: 'name' | 'domain_id' | 'parent_id'): boolean => (query.get(key) ?? row[key]) === row[key];
  return same('name') && same('domain_id') && same('parent_id')
    && (query.get('enabled') ?? String(row.enabled)).toLowerCase() === String(row.enabled)
    && all.every((tag) => row.tags.includes(tag))
    && (!any || any.some((tag) => row.tags.includes(tag)))
    && (!none || !none.every((tag) => row.tags.includes(tag)));
}

function homeDomain(core: Core, call: Call): string {
  return core.state.table('projects').get(call.caller.projectId)?.domain_id ?? 'default';
}

function tagsReply(call: Call, tags: string[]): Reply {
  return { status: 200, body: { links: { self: call.serviceUrl }, tags } };
}
