/** Cinder's quotas and limits. */
import type { Core } from '../core.ts';
import { limitsOf, removeLimits, setLimits } from '../quota.ts';
import { Refusal } from '../refusal.ts';
import { asInteger, route, within, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { requireAdmin, requirePlatform } from './cinder.ts';

/** Refuses with 413 when one more volume or snapshot of that size would be too much for the project. */
export function requireQuotaOf(core: Core, projectId: string, sizeGb: number, what: 'volumes' | 'snapshots'): void {
  const limits = limitsOf(core, 'cinder', projectId, defaultsOf(core));
  const used = usage(core, projectId);
  const { gigabytes } = used;
  const total = limits['gigabytes'] ?? -1;
  if (total >= 0 && gigabytes + sizeGb > total) {
    throw new Refusal(413,
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. '
      + `Requested ${sizeGb}G, quota is ${total}G and ${gigabytes}G has been consumed.`, undefined,
      { 'Retry-After': '0' });
  }
  const count = limits[what] ?? -1;
  if (count >= 0 && used[what] + 1 > count) {
    const name = what === 'volumes' ? 'VolumeLimitExceeded' : 'SnapshotLimitExceeded';
    throw new Refusal(413, `${name}: Maximum number of ${what} allowed (${count}) exceeded`
      + `${what === 'volumes' ? ' for quota \'volumes\'' : ''}.`, undefined, { 'Retry-After': '0' });
  }
}

export function cinderQuotaRoutes(core: Core): Route[] {
  const path = '/os-quota-sets/{target}';
  const shown = (target: string): Record<string, number> => limitsOf(core, 'cinder', target, defaultsOf(core));
  return [
    route('GET', '/limits', (call) => limits(core, call)),
    route('GET', `${path}/defaults`, (call) => ({
      status: 200, body: { quota_set: { ...defaultsOf(core), id: call.param('target') } },
    })),
    route('GET', path, (call) => {
      const target = call.param('target');
      if (target !== call.caller.projectId) requireAdmin(call, 'volume_extension:quotas:show');
      const detailed = call.query.get('usage')?.toLowerCase() === 'true';
      const set = detailed ? details(core, target) : shown(target);
      return { status: 200, body: { quota_set: { ...set, id: target } } };
    }),
    route('PUT', path, (call) => {
      requirePlatform(call, 'volume_extension:quotas:update');
      setLimits(core, 'cinder', call.param('target'), limitsIn(core, call));
      return { status: 200, body: { quota_set: shown(call.param('target')) } };
    }),
    route('DELETE', path, (call) => {
      requirePlatform(call, 'volume_extension:quotas:delete');
      removeLimits(core, 'cinder', call.param('target'));
      return { status: 200 };
    }),
  ];
}

function defaultsOf(core: Core): Record<string, number> {
  const perType = core.state.table('volumeTypes').list().flatMap(({ name }) =>
    [[`volumes_${name}`, -1], [`gigabytes_${name}`, -1], [`snapshots_${name}`, -1]]);
  return {
    volumes: 10, per_volume_gigabytes: -1, snapshots: 10, gigabytes: 1000, backups: 10, backup_gigabytes: 1000,
    ...Object.fromEntries(perType) as Record<string, number>, groups: 10,
  };
}

function usage(core: Core, projectId: string): { volumes: number; snapshots: number; gigabytes: number } {
  const volumes = core.state.table('volumes').list(({ project_id }) => project_id === projectId);
  const snapshots = core.state.table('snapshots').list(({ project_id }) => project_id === projectId);
  return {
    volumes: volumes.length, snapshots: snapshots.length,
    gigabytes: [...volumes, ...snapshots].reduce((sum, { size }) => sum + size, 0),
  };
}

function details(core: Core, projectId: string): Attributes {
  const used: Record<string, number> = usage(core, projectId);
  return Object.fromEntries(Object.entries(limitsOf(core, 'cinder', projectId, defaultsOf(core)))
    .map(([name, limit]) => [name, { limit, in_use: used[name] ?? 0, reserved: 0 }]));
}

function limits(core: Core, call: Call): Reply {
  const projectId = (call.caller.isAdmin ? call.query.get('project_id') : null) ?? call.caller.projectId ?? '';
  const set = limitsOf(core, 'cinder', projectId, defaultsOf(core));
  const used = usage(core, projectId);
  return {
    status: 200,
    body: {
      limits: {
        rate: [],
        absolute: {
          maxTotalVolumes: set['volumes'], maxTotalSnapshots: set['snapshots'],
          maxTotalVolumeGigabytes: set['gigabytes'], maxTotalBackups: set['backups'],
          maxTotalBackupGigabytes: set['backup_gigabytes'], totalVolumesUsed: used.volumes,
          totalGigabytesUsed: used.gigabytes, totalSnapshotsUsed: used.snapshots, totalBackupsUsed: 0, totalBackupGigabytesUsed: 0,
        },
      },
    },
  };
}

function limitsIn(core: Core, call: Call): Record<string, number> {
  const known = defaultsOf(core);
  const { tenant_id: _tenant, id: _id, ...given } = within(call.body, 'quota_set') ?? {};
  const unknown = Object.keys(given).find((key) => known[key] === undefined);
  if (unknown !== undefined) throw new Refusal(400, `Bad key(s) in quota set: ${unknown}`);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => {
    const limit = asInteger(value);
    if (limit === undefined || limit < -1) throw new Refusal(400, `${key} must be an integer not smaller than -1.`);
    return [key, limit];
  }));
}
