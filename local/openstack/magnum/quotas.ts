/** Magnum's quotas, statistics and services. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, asInteger, asText, route, type Attributes, type Call, type Route } from '../service.ts';
import { magnumTime, nextOrder, page, requireMinor } from './magnum.ts';
import type { MagnumQuotaRow } from './rows.ts';
import { groupsOf } from './stacks.ts';

const USUAL = 20;
const idOf = (projectId: string): string => `${projectId}/Cluster`;

/** How many clusters the project may have. */
export const limitOf = (core: Core, projectId: string): number => core.state.table('magnumQuotas').get(idOf(projectId))?.hard_limit ?? USUAL;

export function quotaRoutes(core: Core): Route[] {
  const quotas = core.state.table('magnumQuotas');
  const path = '/v1/quotas/{project}/{resource}';
  const requireOwn = (call: Call): string => {
    const project = call.param('project');
    if (project !== call.caller.projectId) requireAdmin(call, 'quota:get');
    return project;
  };
  const existing = (call: Call): MagnumQuotaRow => {
    requireAdmin(call, 'quota:update');
    const row = quotas.get(idOf(call.param('project')));
    if (!row) throw new Refusal(404, `Quota could not be found: ${call.param('project')}.`);
    return row;
  };
  return [
    route('GET', '/v1/quotas', (call) => {
      const all = call.query.get('all_tenants') === 'True' && call.caller.isAdmin;
      return page(call, 'quotas', quotas.list(({ project_id }) => all || project_id === call.caller.projectId), show);
    }),
    route('POST', '/v1/quotas', (call) => {
      requireAdmin(call, 'quota:create');
      const given = asAttributes(call.body) ?? {};
      const project_id = asText(given['project_id']) ?? '';
      if (quotas.get(idOf(project_id))) throw new Refusal(409, `A quota for project ${project_id} and resource Cluster already exists.`);
      return { status: 201, body: show(quotas.insert({
        id: idOf(project_id), order: nextOrder(core), project_id, resource: 'Cluster', created_at: magnumTime(),
        hard_limit: asInteger(given['hard_limit']) ?? 1,
      })) };
    }),
    route('GET', path, (call) => {
      const project_id = requireOwn(call);
      return { status: 200, body: show(quotas.get(idOf(project_id)) ?? {
        id: '', order: 0, project_id, resource: 'Cluster', hard_limit: USUAL, created_at: '' }) };
    }),
    route('PATCH', path, (call) => {
      const { id } = existing(call);
      return { status: 202, body: show(quotas.update(id, { hard_limit: asInteger(asAttributes(call.body)?.['hard_limit']) ?? 1 })!) };
    }),
    route('DELETE', path, (call) => {
      quotas.remove(existing(call).id);
      return { status: 204 };
    }),
    route('GET', '/v1/stats', (call) => {
      requireMinor(call, 4);
      const project = call.query.get('project_id');
      if (project !== null && project !== call.caller.projectId) requireAdmin(call, 'stats:get_all');
      const clusters = core.state.table('magnumClusters').list(({ project_id }) => project_id === (project ?? call.caller.projectId));
      const nodes = clusters.flatMap(({ id }) => groupsOf(core, id)).reduce((sum, { node_count }) => sum + node_count, 0);
      return { status: 200, body: { clusters: clusters.length, nodes } };
    }),
    route('GET', '/v1/mservices', (call) => {
      requireAdmin(call, 'magnum-service:get_all');
      const service = { id: 1, host: 'embedded', binary: 'magnum-conductor', state: 'up', disabled: false, disabled_reason: null };
      return { status: 200, body: { mservices: [{ ...service, report_count: 1, last_seen_up: magnumTime() }] } };
    }),
  ];
}

function requireAdmin({ caller }: Call, rule: string): void {
  if (!caller.isAdmin) throw new Refusal(403, `Policy doesn't allow ${rule} to be performed.`);
}

const show = ({ order, project_id, resource, hard_limit, created_at }: MagnumQuotaRow): Attributes =>
  ({ id: order, project_id, resource, hard_limit, created_at: created_at || null, updated_at: null });
