/** Limits of a project at one service: its own where set, else the service's defaults; a fault may force others. */
import type { Core } from './core.ts';

export function limitsOf(
  core: Core, service: string, projectId: string, defaults: Record<string, number>,
): Record<string, number> {
  const limits = { ...defaults, ...core.state.table('quotas').get(`${service}/${projectId}`)?.limits };
  for (const name of Object.keys(limits)) limits[name] = core.faults.quota(service, name) ?? limits[name] ?? -1;
  return limits;
}

/** Sets these limits and leaves the others as they are. */
export function setLimits(core: Core, service: string, projectId: string, limits: Record<string, number>): void {
  const quotas = core.state.table('quotas');
  const id = `${service}/${projectId}`;
  const known = quotas.get(id);
  if (known) quotas.update(id, { limits: { ...known.limits, ...limits } });
  else quotas.insert({ id, limits });
}

/** Back to the defaults. */
export function removeLimits(core: Core, service: string, projectId: string): void {
  core.state.table('quotas').remove(`${service}/${projectId}`);
}
