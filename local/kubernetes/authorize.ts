/** Who may: role bindings, and what kubelets may do about their own node. */
import type { Api } from './api.ts';
import type { User } from './authenticate.ts';
import type { KubeObject } from './objects.ts';
import { builtInResource } from './resource-table.ts';

/** What somebody wants to do: to a resource, or to a path that is none. */
export type Attributes = { verb: string } & ({
  path?: undefined; group: string; resource: string; subresource: string; namespace: string | undefined; name: string | undefined;
} | { path: string });

interface Rule { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[]; nonResourceURLs?: string[] }
interface Subject { kind: 'User' | 'Group' | 'ServiceAccount'; name: string; namespace?: string }
interface RoleRef { kind: 'Role' | 'ClusterRole'; name: string }

const [roles, clusterRoles, roleBindings, clusterRoleBindings] =
  (['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'] as const)
    .map(builtInResource) as [never, never, never, never];

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

function allows(rule: Rule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false;
  if (wanted.path !== undefined) {
    return (rule.nonResourceURLs ?? [])
      .some((url) => url.endsWith('*') ? wanted.path.startsWith(url.slice(0, -1)) : url === wanted.path);
  }
  const { group, resource, subresource, name } = wanted;
  const full = subresource ? `${resource}/${subresource}` : resource;
  const resources = rule.resources ?? [];
  return has(rule.apiGroups, group)
    && (has(resources, full) || (subresource !== '' && resources.includes(`*/${subresource}`)))
    && (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)));
}

const concerns = (binding: KubeObject, user: User): boolean => ((binding.subjects ?? []) as Subject[])
  .some(({ kind, name, namespace }) =>
  (kind === 'User' && name === user.name) || (kind === 'Group' && user.groups.includes(name))
  || (kind === 'ServiceAccount' && `system:serviceaccount:${namespace}:${name}` === user.name));

function rulesOf(api: Api, { kind, name }: RoleRef, namespace: string | undefined): Rule[] {
  const role = api.find(kind === 'ClusterRole' ? { resource: clusterRoles, name }
    : { resource: roles, namespace, name });
  return (role?.rules ?? []) as Rule[];
}

/** Kubelets see what pods need, and write their own Node, Lease and pods' status. */
function nodeMay({ name: user, groups }: User, wanted: Attributes): boolean {
  if (!groups.includes('system:nodes') || !user.startsWith('system:node:') || wanted.path !== undefined) return false;
  const node = user.slice('system:node:'.length);
  const { verb, resource, name } = wanted;
  const reads = ['get', 'list', 'watch'].includes(verb);
  switch (resource) {
    case 'nodes': return reads || verb === 'create' || name === node;
    case 'leases': return verb === 'create' || name === node;
    case 'csinodes': return reads || name === node || verb === 'create';
    case 'pods': case 'certificatesigningrequests': case 'events': return reads || verb === 'create'
      || verb === 'patch' || verb === 'delete';
    case 'secrets': case 'configmaps': case 'services': case 'persistentvolumes': case 'persistentvolumeclaims': case 'volumeattachments':
    case 'csidrivers': case 'runtimeclasses': return reads;
    default: return false;
  }
}

/** Whether a binding, or being a kubelet, lets the user do it. Whoever is in system:masters may do everything. */
export function isAllowed(api: Api, user: User, wanted: Attributes): boolean {
  if (user.groups.includes('system:masters') || nodeMay(user, wanted)) return true;
  const grants = (binding: KubeObject, namespace: string | undefined): boolean => concerns(binding, user)
    && rulesOf(api, binding.roleRef as RoleRef, namespace).some((rule) => allows(rule, wanted));
  if (api.list(clusterRoleBindings).some((binding) => grants(binding, undefined))) return true;
  if (wanted.path !== undefined || wanted.namespace === undefined) return false;
  return api.list(roleBindings, wanted.namespace).some((binding) => grants(binding, wanted.namespace));
}
