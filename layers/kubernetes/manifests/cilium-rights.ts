/** What Cilium's agents and its operator may do. */
import { read, rule, type Rule } from './rbac.ts';

const group = 'cilium.io';

export const agentRights: Rule[] = [
  rule('', ['namespaces', 'services', 'pods', 'endpoints', 'nodes'], read),
  rule('', ['nodes/status'], ['patch']),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('networking.k8s.io', ['networkpolicies'], read),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], read),
  rule(group, ['*'], read),
  rule(group, ['ciliumidentities', 'ciliumendpoints', 'ciliumnodes'], ['create']),
  rule(group, ['ciliumidentities'], ['update']),
  rule(group, ['ciliumendpoints'], ['delete', 'patch']),
  rule(group, ['ciliumnodes', 'ciliumnodes/status'], ['update']),
  rule(
    group,
    [
      'ciliumendpoints/status',
      'ciliumnetworkpolicies/status',
      'ciliumclusterwidenetworkpolicies/status',
      'ciliuml2announcementpolicies/status',
    ],
    ['patch'],
  ),
];

export const operatorRights: Rule[] = [
  rule('', ['pods', 'namespaces', 'services', 'nodes', 'endpoints'], read),
  rule('', ['pods'], ['delete']),
  rule('', ['nodes', 'nodes/status'], ['patch']),
  rule('', ['services/status'], ['update', 'patch']),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('coordination.k8s.io', ['leases'], ['create', 'get', 'update']),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], [...read, 'create', 'update']),
  rule(group, ['*'], [...read, 'create', 'update', 'patch', 'delete', 'deletecollection']),
];
