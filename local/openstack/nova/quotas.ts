/** Nova's quotas and limits. */
import type { Core } from '../core.ts';
import { limitsOf, removeLimits, setLimits } from '../quota.ts';
import { Refusal } from '../refusal.ts';
import type { FlavorRow } from './rows.ts';
import { asInteger, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { invalid } from './invalid.ts';
import { forbidden, requireAdmin, requirePlatform } from './nova.ts';
import { minorVersion } from './version.ts';

const DEFAULTS: Record<string, number> = {
  cores: 20, fixed_ips: -1, floating_ips: -1, injected_file_content_bytes: 10_240, injected_file_path_bytes: 255,
  injected_files: 5, instances: 10, key_pairs: 100, metadata_items: 128, ram: 51_200, security_group_rules: -1,
  security_groups: -1, server_group_members: 10, server_groups: 10,
};
const UNTIL: Record<string, number> = {
  fixed_ips: 36, floating_ips: 36, security_groups: 36, security_group_rules: 36,
  injected_files: 57, injected_file_content_bytes: 57, injected_file_path_bytes: 57,
};

interface Usage { instances: number; cores: number; ram: number; server_groups: number }

/** Refuses with 403 when one more server of this flavor would be too much for the project. */
export function requireServerQuota(core: Core, projectId: string, flavor: FlavorRow): void {
  const limits = limitsOf(core, 'nova', projectId, DEFAULTS);
  const used = usage(core, projectId);
  const wanted = { instances: 1, cores: flavor.vcpus, ram: flavor.ram };
  const over = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((name) => {
    const limit = limits[name] ?? -1;
    return limit >= 0 && used[name] + wanted[name] > limit;
  }).sort();
  if (over.length === 0) return;
  const each = (values: Record<string, number>): string => over.map((name) => values[name]).join(', ');
  throw new Refusal(403, `Quota exceeded for ${over.join(', ')}: Requested ${each(wanted)}, but already used `
    + `${each(used as unknown as Record<string, number>)} of ${each(limits)} ${over.join(', ')}`);
}

export function requireServerGroupQuota(core: Core, projectId: string): void {
  const limit = limitsOf(core, 'nova', projectId, DEFAULTS)['server_groups'] ?? -1;
  if (limit >= 0 && usage(core, projectId).server_groups + 1 > limit) {
    throw new Refusal(403, 'Quota exceeded, too many server groups.');
  }
}

export function novaQuotaRoutes(core: Core): Route[] {
  const path = '/os-quota-sets/{target}';
  const requireReader = (call: Call): void => {
    if (!call.caller.isAdmin && call.caller.projectId !== call.param('target')) throw forbidden('os-quota-sets:show');
  };
  return [
    route('GET', '/limits', (call) => limits(core, call)),
    route('GET', `${path}/detail`, (call) => {
      requireReader(call);
      return { status: 200, body: { quota_set: { id: call.param('target'), ...details(core, call) } } };
    }),
    route('GET', `${path}/defaults`, (call) => ({
      status: 200, body: { quota_set: { id: call.param('target'), ...known(call, DEFAULTS) } },
    })),
    route('GET', path, (call) => {
      requireReader(call);
      const set = limitsOf(core, 'nova', call.param('target'), DEFAULTS);
      return { status: 200, body: { quota_set: { id: call.param('target'), ...known(call, set) } } };
    }),
    route('PUT', path, (call) => update(core, call)),
    route('DELETE', path, (call) => {
      requirePlatform(call, 'os-quota-sets:delete');
      removeLimits(core, 'nova', call.param('target'));
      return { status: 202 };
    }),
  ];
}

function usage(core: Core, projectId: string): Usage {
  const flavors = core.state.table('servers').list(({ project_id }) => project_id === projectId)
    .map(({ flavor_id }) => core.state.table('flavors').get(flavor_id));
  return {
    instances: flavors.length,
    cores: flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, flavor) => sum + (flavor?.ram ?? 0), 0),
    server_groups: core.state.table('serverGroups').list(({ project_id }) => project_id === projectId).length,
  };
}

/** The part of a quota set that this microversion has. */
function known(call: Call, set: Record<string, number>): Record<string, number> {
  const minor = minorVersion(call);
  return Object.fromEntries(Object.entries(set).filter(([name]) => minor < (UNTIL[name] ?? Infinity)));
}

function details(core: Core, call: Call): Attributes {
  const used = usage(core, call.param('target')) as unknown as Record<string, number>;
  const set = known(call, limitsOf(core, 'nova', call.param('target'), DEFAULTS));
  return Object.fromEntries(Object.entries(set)
    .map(([name, limit]) => [name, { limit, in_use: used[name] ?? 0, reserved: 0 }]));
}

function update(core: Core, call: Call): Reply {
  requirePlatform(call, 'os-quota-sets:update');
  const set = within(call.body, 'quota_set') ?? {};
  const { force, tenant_id: _tenant, ...given } = set;
  const target = call.param('target');
  const unknown = Object.keys(given).find((name) => known(call, DEFAULTS)[name] === undefined);
  if (unknown !== undefined) {
    throw invalid('quota_set', set, `Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
  const used = usage(core, target) as unknown as Record<string, number>;
  const wanted = Object.fromEntries(Object.entries(given).map(([name, value]) => {
    const limit = asInteger(value);
    if (limit === undefined || limit < -1) {
      throw invalid(name, value, `${String(value)} is less than the minimum of -1`);
    }
    const minimum = used[name] ?? 0;
    if (limit >= 0 && limit < minimum && force !== true) {
      throw new Refusal(400,
        `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved `
        + `${minimum}.`);
    }
    return [name, limit];
  }));
  setLimits(core, 'nova', target, wanted);
  return { status: 200, body: { quota_set: known(call, limitsOf(core, 'nova', target, DEFAULTS)) } };
}

function limits(core: Core, call: Call): Reply {
  const asked = call.query.get('tenant_id');
  if (asked !== null && asked !== call.caller.projectId) requireAdmin(call, 'limits:other_project');
  const projectId = asked ?? call.caller.projectId ?? '';
  const set = limitsOf(core, 'nova', projectId, DEFAULTS);
  const used = usage(core, projectId);
  return {
    status: 200,
    body: {
      limits: {
        rate: [],
        absolute: {
          maxTotalInstances: set['instances'], maxTotalCores: set['cores'], maxTotalRAMSize: set['ram'],
          maxServerMeta: set['metadata_items'], maxTotalKeypairs: set['key_pairs'],
          maxServerGroups: set['server_groups'], maxServerGroupMembers: set['server_group_members'],
          totalRAMUsed: used.ram, totalCoresUsed: used.cores, totalInstancesUsed: used.instances,
          totalServerGroupsUsed: used.server_groups,
        },
      },
    },
  };
}
