/** Octavia's quotas. */
import type { Core } from '../core.ts';
import { limitsOf, removeLimits, setLimits } from '../quota.ts';
import { Refusal } from '../refusal.ts';
import { asInteger, route, within, type Call, type Reply, type Route } from '../service.ts';
import { isAdmin, denied } from './policy.ts';

const DEFAULTS: Record<string, number> = {
  load_balancer: -1, listener: -1, member: -1, pool: -1, health_monitor: -1, l7policy: -1, l7rule: -1,
};
const COUNTED = {
  load_balancer: ['loadBalancers', 'Load Balancer'], listener: ['listeners', 'Listener'], member: ['members', 'Member'],
  pool: ['pools', 'Pool'], health_monitor: ['healthMonitors', 'Health Monitor'],
} as const;

/** Refuses with 403 when so many more would be too many for the project. */
export function requireQuota(core: Core, projectId: string, resource: keyof typeof COUNTED, more = 1): void {
  const limit = limitsOf(core, 'octavia', projectId, DEFAULTS)[resource] ?? -1;
  const [table, name] = COUNTED[resource];
  const rows: { project_id: string }[] = core.state.table(table).list();
  const used = rows.filter(({ project_id }) => project_id === projectId).length;
  if (limit >= 0 && used + more > limit) throw new Refusal(403, `Quota has been met for resources: ${name}`);
}

export function octaviaQuotaRoutes(core: Core): Route[] {
  const path = '/v2.0/lbaas/quotas';
  const show = (call: Call, status = 200): Reply =>
    ({ status, body: { quota: limitsOf(core, 'octavia', call.param('project'), DEFAULTS) } });
  const requireQuotaAdmin = (call: Call): void => {
    if (!isAdmin(call.caller) && !call.caller.has('load-balancer_quota_admin')) throw denied();
  };
  return [
    route('GET', `${path}/defaults`, () => ({ status: 200, body: { quota: DEFAULTS } })),
    route('GET', `${path}/{project}`, (call) => {
      if (call.param('project') !== call.caller.projectId) requireQuotaAdmin(call);
      return show(call);
    }),
    route('PUT', `${path}/{project}`, (call) => {
      requireQuotaAdmin(call);
      setLimits(core, 'octavia', call.param('project'), limitsIn(call));
      return show(call, 202);
    }),
    route('DELETE', `${path}/{project}`, (call) => {
      requireQuotaAdmin(call);
      removeLimits(core, 'octavia', call.param('project'));
      return { status: 202 };
    }),
  ];
}

function limitsIn(call: Call): Record<string, number> {
  const given = within(call.body, 'quota') ?? {};
  const aliases: Record<string, string> = { loadbalancer: 'load_balancer', healthmonitor: 'health_monitor' };
  return Object.fromEntries(Object.entries(given).map(([key, value]) => {
    const name = aliases[key] ?? key;
    if (DEFAULTS[name] === undefined) throw new Refusal(400, `Unknown attribute for argument quotas.quota: ${key}`);
    const limit = asInteger(value);
    if (limit !== undefined && limit >= -1) return [name, limit];
    throw new Refusal(400,
      `Invalid input for field/attribute ${key}. Value: '${String(value)}'. Value should be integer`);
  }));
}
