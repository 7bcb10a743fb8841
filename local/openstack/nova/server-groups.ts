/** Nova's server groups. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ServerGroupRow } from './rows.ts';
import { asAttributes, asText, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { invalid } from './invalid.ts';
import { requireServerGroupQuota } from './quotas.ts';
import { minorVersion } from './version.ts';

export function serverGroupRoutes(core: Core): Route[] {
  const table = core.state.table('serverGroups');
  const find = (call: Call): ServerGroupRow => {
    const row = table.get(call.param('id'));
    if (row && (call.caller.isAdmin || row.project_id === call.caller.projectId)) return row;
    throw new Refusal(404, `Instance group ${call.param('id')} could not be found.`);
  };
  return [
    route('GET', '/os-server-groups', (call) => {
      const everywhere = call.caller.isAdmin && call.query.has('all_projects');
      const rows = table.list((row) => everywhere || row.project_id === call.caller.projectId);
      const offset = Number(call.query.get('offset') ?? 0);
      const page = rows.slice(offset, offset + Number(call.query.get('limit') ?? 1000));
      return { status: 200, body: { server_groups: page.map((row) => show(core, call, row)) } };
    }),
    route('POST', '/os-server-groups', (call) => create(core, call)),
    route('GET', '/os-server-groups/{id}', (call) => ({
      status: 200, body: { server_group: show(core, call, find(call)) },
    })),
    route('DELETE', '/os-server-groups/{id}', (call) => {
      table.remove(find(call).id);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  const given = within(call.body, 'server_group') ?? {};
  const projectId = call.caller.projectId ?? '';
  const name = asText(given['name']);
  if (!name) throw invalid('server_group', given, '\'name\' is a required property');
  const policy = policyIn(call, given);
  requireServerGroupQuota(core, projectId);
  const row = core.state.table('serverGroups').insert({
    id: core.random.uuid(), name, project_id: projectId, user_id: call.caller.userId, policy,
    rules: asAttributes(given['rules']) ?? {},
  });
  return { status: 200, body: { server_group: show(core, call, row) } };
}

/** One word from 2.64 on, a list of one before; the soft ones since 2.15. */
function policyIn(call: Call, given: Attributes): string {
  const minor = minorVersion(call);
  const policies = ['anti-affinity', 'affinity', ...(minor >= 15 ? ['soft-anti-affinity', 'soft-affinity'] : [])];
  const key = minor >= 64 ? 'policy' : 'policies';
  if (given[key] === undefined) throw invalid('server_group', given, `'${key}' is a required property`);
  const policy: unknown = minor >= 64 ? given['policy'] : (given['policies'] as unknown[])[0];
  if (typeof policy === 'string' && policies.includes(policy)) return policy;
  const listed = policies.map((one) => `'${one}'`).join(', ');
  throw new Refusal(400, `Invalid input for field/attribute ${minor >= 64 ? 'policy' : '0'}. Value: ${String(policy)}. `
    + `'${String(policy)}' is not one of [${listed}]`);
}

function show(core: Core, call: Call, row: ServerGroupRow): Attributes {
  const minor = minorVersion(call);
  const members = core.state.table('servers').list(({ group_id }) => group_id === row.id).map(({ id }) => id);
  return {
    id: row.id, name: row.name,
    ...(minor >= 64 ? { policy: row.policy, rules: row.rules } : { policies: [row.policy], metadata: {} }),
    members, ...(minor >= 13 && { project_id: row.project_id, user_id: row.user_id }),
  };
}
