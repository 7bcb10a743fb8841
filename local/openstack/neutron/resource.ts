/** What all of Neutron's resources have in common: list, read, create one or many, update, delete, tags. */
import { timestamp, type Core } from '../core.ts';
import type { Caller } from '../keystone/token.ts';
import { Refusal } from '../refusal.ts';
import type { StandardRow } from './rows.ts';
import { asAttributes, asTexts, route, within, type Attributes, type Call, type Reply,
  type Route } from '../service.ts';
import type { Table } from '../state.ts';
import { badRequest, checkCreate, checkUpdate, textOf, type AttributeMap } from './attributes.ts';
import { disallowed, owns, projectFor } from './policy.ts';
import { listReply, pick } from './query.ts';
import { requireQuota, type Counted } from './quotas.ts';

export interface Resource<R extends StandardRow> {
  /** `security_group`; its plural stands in the path: `security-groups`. */
  singular: string;
  plural: string;
  counted: Counted;
  map: AttributeMap;
  table: Table<R>;
  /** How the error of a missing one reads. */
  missing: (id: string) => Refusal;
  sees: (caller: Caller, row: R) => boolean;
  show: (row: R, caller: Caller) => Attributes;
  /** Makes one; `standard` is what every resource starts with. */
  create: (call: Call, given: Attributes, standard: StandardRow) => R;
  /** Refuses many at once that do not go together. */
  checkMany?: (given: Attributes[]) => void;
  /** What the given attributes change; may refuse. */
  update: (call: Call, row: R, given: Attributes) => Partial<R>;
  remove: (call: Call, row: R) => void;
  /** Whether somebody other than the owner may change it too. */
  mayUpdate?: (caller: Caller) => boolean;
  /** Whether somebody other than the owner may delete it too. */
  mayRemove?: (caller: Caller, row: R) => boolean;
}

/** The routes every resource has. */
export function resourceRoutes<R extends StandardRow>(core: Core, resource: Resource<R>): Route[] {
  const { singular, plural, table, map } = resource;
  const path = `/v2.0/${plural}`;
  return [
    route('GET', path, (call) => {
      const isAsked = askedFor(call);
      return listReply(call, plural, map, table.list((row) => isAsked(row) && resource.sees(call.caller, row))
        .map((row) => resource.show(row, call.caller)));
    }),
    route('POST', path, (call) => create(core, resource, call)),
    route('GET', `${path}/{id}`, (call) => {
      const row = requireSeen(resource, call);
      return { status: 200, body: { [singular]: pick(call, resource.show(row, call.caller)) } };
    }),
    route('PUT', `${path}/{id}`, (call) => {
      const given = within(call.body, singular);
      if (!given) throw badRequest(`Unable to find '${singular}' in request body`);
      checkUpdate(map, given);
      const row = requireSeen(resource, call);
      if (!owns(call.caller, row) && !resource.mayUpdate?.(call.caller)) throw disallowed(`update_${singular}`);
      const changed = touch(resource, row, { ...standardChanges(given), ...resource.update(call, row, given) });
      return { status: 200, body: { [singular]: resource.show(changed, call.caller) } };
    }),
    route('DELETE', `${path}/{id}`, (call) => {
      const row = requireSeen(resource, call);
      if (!owns(call.caller, row) && !resource.mayRemove?.(call.caller, row)) throw disallowed(`delete_${singular}`);
      resource.remove(call, row);
      return { status: 204 };
    }),
    ...tagRoutes(resource),
  ];
}

/** What a query by plain attributes leaves out need not be shown first: with many projects that is nearly everything. */
function askedFor(call: Call): (row: object) => boolean {
  const wanted = [...new Set(call.query.keys())].filter((name) => PLAIN.includes(name)).map((name) => [name === 'tenant_id' ? 'project_id' : name, call.query.getAll(name)] as const);
  return (row) => wanted.every(([name, values]) => {
    const value = (row as Record<string, unknown>)[name];
    return typeof value !== 'string' || values.includes(value);
  });
}

const PLAIN = ['id', 'name', 'description', 'project_id', 'tenant_id', 'network_id', 'device_id'];

/** The row named in the path, when the caller sees it. */
export function requireSeen<R extends StandardRow>(resource: Resource<R>, call: Call): R {
  const row = resource.table.get(call.param('id'));
  if (!row || !resource.sees(call.caller, row)) throw resource.missing(call.param('id'));
  return row;
}

/** Changes a row as Neutron does: its revision goes up. */
export function touch<R extends StandardRow>(resource: { table: Table<R> }, row: R, patch: Partial<R>): R {
  const standard = { updated_at: timestamp(), revision_number: row.revision_number + 1 } as Partial<R>;
  return resource.table.update(row.id, { ...patch, ...standard }) ?? row;
}

/** What every new row starts with. */
export function newStandard(core: Core, projectId: string, given: Attributes = {}): StandardRow {
  const now = timestamp();
  return {
    id: core.random.uuid(), project_id: projectId, name: textOf(given, 'name') ?? '',
    description: textOf(given, 'description') ?? '', tags: [], created_at: now, updated_at: now, revision_number: 1,
  };
}

/** The part of a shown row that all resources have. */
export function showStandard(row: StandardRow): Attributes {
  const { id, name, description, project_id, tags, created_at, updated_at, revision_number } = row;
  return {
    id, name, description, tenant_id: project_id, project_id, tags: [...tags].sort(), created_at, updated_at,
    revision_number,
  };
}

function create<R extends StandardRow>(core: Core, resource: Resource<R>, call: Call): Reply {
  const { singular, map } = resource;
  const many = asAttributes(call.body)?.[resource.plural.replaceAll('-', '_')];
  const one = within(call.body, singular);
  const given = Array.isArray(many) ? many.map((item) => asAttributes(item) ?? {}) : one ? [one] : undefined;
  if (!given) throw badRequest(`Unable to find '${singular}' in request body`);
  for (const attributes of given) checkCreate(map, attributes);
  resource.checkMany?.(given);
  const made = given.map((attributes) => {
    const projectId = projectFor(call.caller, attributes);
    requireQuota(core, projectId, resource.counted, 1);
    const row = resource.create(call, attributes, newStandard(core, projectId, attributes));
    return resource.show(resource.table.get(row.id) ?? row, call.caller);
  });
  const body = Array.isArray(many) ? { [resource.plural.replaceAll('-', '_')]: made } : { [singular]: made[0] };
  return { status: 201, body };
}

function standardChanges(given: Attributes): Partial<StandardRow> {
  const name = textOf(given, 'name');
  const description = textOf(given, 'description');
  return { ...(name !== undefined && { name }), ...(description !== undefined && { description }) };
}

function tagRoutes<R extends StandardRow>(resource: Resource<R>): Route[] {
  const path = `/v2.0/${resource.plural}/{id}/tags`;
  const find = (call: Call): R => {
    const row = resource.table.get(call.param('id'));
    if (row && resource.sees(call.caller, row)) return row;
    throw new Refusal(404, `Resource ${resource.plural} ${call.param('id')} could not be found.`,
      'TagResourceNotFound');
  };
  const set = (row: R, tags: string[]): void => void touch(resource, row, { tags: [...new Set(tags)] } as Partial<R>);
  const requireTag = (call: Call): void => {
    if (find(call).tags.includes(call.param('tag'))) return;
    throw new Refusal(404, `Tag ${call.param('tag')} could not be found.`, 'TagNotFound');
  };
  return [
    route('GET', path, (call) => ({ status: 200, body: { tags: [...find(call).tags].sort() } })),
    route('PUT', path, (call) => {
      const tags = asTexts(asAttributes(call.body)?.['tags']);
      const row = find(call);
      if (!tags) throw badRequest('Invalid input for tags. Reason: not a list of strings.');
      set(row, tags);
      return { status: 200, body: { tags } };
    }),
    route('DELETE', path, (call) => {
      set(find(call), []);
      return { status: 204 };
    }),
    route('GET', `${path}/{tag}`, (call) => {
      requireTag(call);
      return { status: 204 };
    }),
    route('PUT', `${path}/{tag}`, (call) => {
      const row = find(call);
      set(row, [...row.tags, call.param('tag')]);
      return { status: 201, body: 'null' };
    }),
    route('DELETE', `${path}/{tag}`, (call) => {
      requireTag(call);
      const row = find(call);
      set(row, row.tags.filter((tag) => tag !== call.param('tag')));
      return { status: 204 };
    }),
  ];
}
