/** Neutron's RBAC policies: a network shared with one project. */
import type { Core } from '../core.ts';
import type { RbacPolicyRow } from './rows.ts';
import { Refusal } from '../refusal.ts';
import { route, within, type Call, type Reply, type Route } from '../service.ts';
import { checkCreate, textOf, type AttributeMap } from './attributes.ts';
import { missingNetwork } from './networks.ts';
import { disallowed, owns, projectFor } from './policy.ts';
import { listReply } from './query.ts';
import { requireQuota } from './quotas.ts';

const PATH = '/v2.0/rbac-policies';
const MAP: AttributeMap = {
  id: '-', object_type: 'r', object_id: 'r', target_tenant: 'r', action: 'r', project_id: 'p', tenant_id: 'p',
};

export function rbacRoutes(core: Core): Route[] {
  const table = core.state.table('rbacPolicies');
  const find = (call: Call): RbacPolicyRow => {
    const row = table.get(call.param('id'));
    if (row && owns(call.caller, row)) return row;
    throw new Refusal(404, `RBAC policy with id ${call.param('id')} could not be found.`, 'RbacPolicyNotFound');
  };
  return [
    route('GET', PATH, (call) =>
      listReply(call, 'rbac-policies', MAP, table.list((row) => owns(call.caller, row)).map(show))),
    route('POST', PATH, (call) => create(core, call)),
    route('GET', `${PATH}/{id}`, (call) => ({ status: 200, body: { rbac_policy: show(find(call)) } })),
    route('DELETE', `${PATH}/{id}`, (call) => {
      const row = find(call);
      requireUnused(core, row);
      table.remove(row.id);
      return { status: 204 };
    }),
  ];
}

function create(core: Core, call: Call): Reply {
  const given = within(call.body, 'rbac_policy') ?? {};
  checkCreate(MAP, given);
  const network = core.state.table('networks').get(textOf(given, 'object_id'));
  if (!network || !owns(call.caller, network)) throw missingNetwork(String(given['object_id']));
  const target = textOf(given, 'target_tenant') ?? '';
  if (target === '*' && !call.caller.isAdmin) throw disallowed('create_rbac_policy:target_tenant');
  const projectId = projectFor(call.caller, given);
  requireQuota(core, projectId, 'rbac_policy', 1);
  const row = core.state.table('rbacPolicies').insert({
    id: core.random.uuid(), project_id: projectId,
    object_type: textOf(given, 'object_type') ?? '', object_id: network.id,
    target_tenant: target, action: textOf(given, 'action') ?? '',
  });
  return { status: 201, body: { rbac_policy: show(row) } };
}

/** A share stays while ports of the other project stand on the network. */
function requireUnused(core: Core, row: RbacPolicyRow): void {
  const used = core.state.table('ports').find((port) => port.network_id === row.object_id
    && (row.target_tenant === '*' || port.project_id === row.target_tenant));
  if (!used) return;
  throw new Refusal(409,
    `RBAC policy on object ${row.object_id} cannot be removed because other objects depend on it.\n`
    + 'Details: Callback neutron.plugins.ml2.plugin.NeutronDbPluginV2.validate_network_rbac_policy_change failed with '
    + `"Unable to reconfigure sharing settings for network ${row.object_id}. Multiple tenants are using it."`,
    'RbacPolicyInUse');
}

function show(row: RbacPolicyRow): Record<string, unknown> {
  return { ...row, tenant_id: row.project_id };
}
