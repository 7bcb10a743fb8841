/** What the hypervisors have, all together: for administrators, and whom the operator's policy names. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { route, type Route } from '../service.ts';
import { requirePlatform, ZONES } from './nova.ts';
import { minorVersion } from './version.ts';

/** Of each, one in a zone. Room enough for whoever tries the service out. */
const EACH = { vcpus: 1_000, memory_mb: 4_096_000, local_gb: 600_000 };

export function hypervisorRoutes(core: Core): Route[] {
  return [route('GET', '/os-hypervisors/statistics', (call) => {
    requirePlatform(call, 'os-hypervisors:statistics');
    if (minorVersion(call) > 87) throw new Refusal(404, 'The resource could not be found.');
    const flavors = core.state.table('servers').list().map(({ flavor_id }) => core.state.table('flavors').get(flavor_id));
    const used = (key: 'vcpus' | 'ram' | 'disk'): number => flavors.reduce((sum, flavor) => sum + (flavor?.[key] ?? 0), 0);
    const count = ZONES.length;
    const { vcpus, memory_mb, local_gb } = EACH;
    return {
      status: 200,
      body: {
        hypervisor_statistics: {
          count, running_vms: flavors.length, vcpus: vcpus * count, vcpus_used: used('vcpus'), memory_mb: memory_mb * count, memory_mb_used: used('ram'),
          free_ram_mb: memory_mb * count - used('ram'), local_gb: local_gb * count, local_gb_used: used('disk'), free_disk_gb: local_gb * count - used('disk'),
          current_workload: 0, disk_available_least: local_gb * count,
        },
      },
    };
  })];
}
