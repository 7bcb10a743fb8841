/** Neutron's quotas. */
import type { Core } from '../core.ts';
import { limitsOf, removeLimits, setLimits } from '../quota.ts';
import { Refusal } from '../refusal.ts';
import type { Tables } from '../rows.ts';
import { asInteger, route, within, type Call, type Reply, type Route } from '../service.ts';
import { badRequest } from './attributes.ts';
import { disallowed, servesAll } from './policy.ts';

const DEFAULTS: Record<string, number> = {
  network: 100, subnet: 100, subnetpool: -1, port: 500, router: 10, floatingip: 50, rbac_policy: 10,
  security_group: 10, security_group_rule: 100, trunk: -1,
};

const TABLES = {
  network: 'networks', subnet: 'subnets', port: 'ports', router: 'routers', floatingip: 'floatingIps',
  rbac_policy: 'rbacPolicies', security_group: 'securityGroups', security_group_rule: 'securityGroupRules',
  trunk: 'trunks',
} as const satisfies Record<string, keyof Tables>;

export type Counted = keyof typeof TABLES;

/** Refuses with 409 OverQuota when so many more would be too many for the project. */
export function requireQuota(core: Core, projectId: string, resource: Counted, more: number): void {
  const limit = limitsOf(core, 'neutron', projectId, DEFAULTS)[resource] ?? -1;
  if (limit < 0 || used(core, projectId, resource) + more <= limit) return;
  throw new Refusal(409, `Quota exceeded for resources: ['${resource}'].`, 'OverQuota');
}

/** The ports that the project has and may have; undefined without a limit. */
export function portRoom(core: Core, projectId: string): { used: number; limit: number } | undefined {
  const limit = limitsOf(core, 'neutron', projectId, DEFAULTS)['port'] ?? -1;
  return limit < 0 ? undefined : { used: used(core, projectId, 'port'), limit };
}

export function quotaRoutes(core: Core): Route[] {
  const show = (projectId: string): Reply =>
    ({ status: 200, body: { quota: limitsOf(core, 'neutron', projectId, DEFAULTS) } });
  return [
    route('GET', '/v2.0/quotas', (call) => {
      if (!call.caller.isAdmin) throw disallowed('get_quota');
      const rows = core.state.table('quotas').list(({ id }) => id.startsWith('neutron/'));
      return {
        status: 200,
        body: {
          quotas: rows.map(({ id }) => {
            const project_id = id.slice('neutron/'.length);
            return { ...limitsOf(core, 'neutron', project_id, DEFAULTS), project_id, tenant_id: project_id };
          }),
        },
      };
    }),
    route('GET', '/v2.0/quotas/{project}/default', () => ({ status: 200, body: { quota: DEFAULTS } })),
    route('GET', '/v2.0/quotas/{project}/details', (call) => {
      requireReader(call);
      return { status: 200, body: { quota: details(core, call.param('project')) } };
    }),
    route('GET', '/v2.0/quotas/{project}', (call) => {
      requireReader(call);
      return show(call.param('project'));
    }),
    route('PUT', '/v2.0/quotas/{project}', (call) => {
      if (!call.caller.isAdmin && !servesAll(call.caller)) throw disallowed('update_quota');
      setLimits(core, 'neutron', call.param('project'), limitsIn(call));
      return show(call.param('project'));
    }),
    route('DELETE', '/v2.0/quotas/{project}', (call) => {
      if (!call.caller.isAdmin && !servesAll(call.caller)) throw disallowed('delete_quota');
      removeLimits(core, 'neutron', call.param('project'));
      return { status: 204 };
    }),
  ];
}

function used(core: Core, projectId: string, resource: Counted): number {
  const rows: { project_id: string }[] = core.state.table(TABLES[resource]).list();
  return rows.filter((row) => row.project_id === projectId).length;
}

function details(core: Core, projectId: string): unknown {
  const limits = limitsOf(core, 'neutron', projectId, DEFAULTS);
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, {
    limit, used: name in TABLES ? used(core, projectId, name as Counted) : 0, reserved: 0,
  }]));
}

function limitsIn(call: Call): Record<string, number> {
  const { tenant_id: _tenant, project_id: _project, ...given } = within(call.body, 'quota') ?? {};
  const unknown = Object.keys(given).filter((key) => DEFAULTS[key] === undefined);
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => {
    const limit = asInteger(value);
    if (limit !== undefined && limit >= -1) return [key, limit];
    throw badRequest(`Invalid input for ${key}. Reason: '${String(value)}' is not an integer.`);
  }));
}

function requireReader(call: Call): void {
  if (!call.caller.isAdmin && call.caller.projectId !== call.param('project')) throw disallowed('get_quota');
}
