/** Heat, as far as somebody looks for the servers of Magnum's clusters: stacks by id, and their servers. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { middlewareUnauthorized, route, type Attributes, type Call, type Service } from '../service.ts';
import type { MagnumNodeGroupRow } from './rows.ts';

interface Stack { id: string; name: string; status: string; groups: Readonly<MagnumNodeGroupRow>[] }

export function heat(core: Core): Service {
  return {
    name: 'heat',
    prefix: '/orchestration',
    routes: [
      route('GET', '/v1/{project}/stacks', (call) => {
        const id = call.query.get('id');
        const found = stacksOf(core, call).filter((stack) => id === null || stack.id === id);
        return { status: 200, body: { stacks: found.map(({ id: stackId, name, status }) => ({ id: stackId, stack_name: name, stack_status: status })) } };
      }),
      route('GET', '/v1/{project}/stacks/{name}/{id}/resources', (call) => {
        const stack = stacksOf(core, call).find(({ id, name }) => id === call.param('id') && name === call.param('name'));
        if (!stack) throw new Refusal(404, `The Stack (${call.param('name')}) could not be found.`);
        return { status: 200, body: { resources: call.query.get('nested_depth') ? stack.groups.flatMap(serversOf) : [] } };
      }),
    ],
    refuse: ({ status, message, headers }) => ({
      status, headers, body: { code: status, title: 'Error', explanation: message, error: { message, type: 'HTTPError', traceback: null } },
    }),
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: ({ requestId }) => ({ 'X-Openstack-Request-Id': requestId }),
  };
}

/** One for each cluster, with its default groups; one for each other group. */
function stacksOf(core: Core, call: Call): Stack[] {
  if (call.param('project') !== call.caller.projectId) throw new Refusal(403, 'You are not authorized to use this stack.');
  return core.state.table('magnumClusters').list(({ project_id }) => project_id === call.caller.projectId).flatMap((cluster) => {
    const groups = core.state.table('magnumNodeGroups').list(({ cluster_id }) => cluster_id === cluster.id);
    const ids = [...new Set(groups.map(({ stack_id }) => stack_id))];
    return ids.map((id) => {
      const own = groups.filter(({ stack_id }) => stack_id === id);
      return { id, name: `${cluster.name}-${id.slice(0, 12)}`, status: own[0]!.status, groups: own };
    });
  });
}

const serversOf = ({ role, servers, status }: MagnumNodeGroupRow): Attributes[] => servers.map((id) => ({
  resource_name: role === 'master' ? 'kube-master' : 'kube-minion', resource_type: 'OS::Nova::Server', physical_resource_id: id,
  resource_status: status, parent_resource: '0',
}));
