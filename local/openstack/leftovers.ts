/** What is left of a cluster: everything in these projects, or with this mark, by service and kind. */
import type { Core } from './core.ts';
import type { Tables } from './rows.ts';

export interface Leftover { id: string; name: string; projectId: string }
/** By service, then by kind; kinds without anything left are absent. */
export type Leftovers = Record<string, Record<string, Leftover[]>>;

const KINDS = {
  keystone: ['projects', 'users', 'applicationCredentials'],
  nova: ['servers', 'serverGroups'],
  neutron: ['networks', 'subnets', 'ports', 'routers', 'securityGroups', 'floatingIps', 'trunks', 'rbacPolicies'],
  cinder: ['volumes', 'snapshots'],
  octavia: ['loadBalancers', 'listeners', 'pools', 'members', 'healthMonitors'],
} as const satisfies Record<string, readonly (keyof Tables)[]>;

interface Owned {
  id: string;
  name?: string | null;
  description?: string | null;
  project_id?: string;
  tags?: string[];
  metadata?: Record<string, string>;
}

/**
 * What exists in the projects (the projects themselves included, default security groups left out), or carries the
 * mark: a tag `moorage=<id>`, metadata of that value, or the id in its name or description.
 */
export function leftovers(core: Core, wanted: { projectIds: string[] } | { mark: string }): Leftovers {
  const isWanted = 'mark' in wanted ? (row: Owned) => marked(row, wanted.mark)
    : (row: Owned) => wanted.projectIds.includes(row.project_id ?? row.id);
  const found: Leftovers = {};
  for (const [service, kinds] of Object.entries(KINDS)) {
    for (const kind of kinds) {
      const rows = (core.state.table(kind).list() as Owned[]).filter((row) => isWanted(row)
        && !(kind === 'securityGroups' && row.name === 'default'));
      if (rows.length === 0) continue;
      (found[service] ??= {})[kind] = rows.map(({ id, name, project_id }) =>
        ({ id, name: name ?? '', projectId: project_id ?? '' }));
    }
  }
  return found;
}

function marked({ name, description, tags, metadata }: Owned, mark: string): boolean {
  const id = mark.replace(/^moorage=/, '');
  return (tags ?? []).includes(`moorage=${id}`) || Object.values(metadata ?? {}).includes(id)
    || (name ?? '').includes(id) || (description ?? '').includes(id);
}
