/** What Calico's node agent, its CNI plug-in and its controllers may do. */
import { read, rule } from './rbac.ts';

const crd = 'crd.projectcalico.org';
const write = [...read, 'create', 'update', 'delete'];
const ipam = ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs'];

export const nodeRights = [
  rule('', ['serviceaccounts/token'], ['create'], ['calico-cni-plugin']),
  rule('', ['pods', 'nodes', 'namespaces', 'serviceaccounts', 'endpoints', 'services'], read),
  rule('', ['configmaps'], ['get']),
  rule('', ['nodes/status'], ['patch', 'update']),
  rule('', ['pods/status'], ['patch']),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('networking.k8s.io', ['networkpolicies'], read),
  rule('policy.networking.k8s.io', ['adminnetworkpolicies', 'baselineadminnetworkpolicies'], read),
  rule(crd, ['*'], read),
  rule(
    crd,
    [
      ...ipam,
      'ippools',
      'felixconfigurations',
      'clusterinformations',
      'bgpconfigurations',
      'bgppeers',
      'caliconodestatuses',
      'tiers',
    ],
    ['create', 'update'],
  ),
  rule(crd, ipam, ['delete']),
];
export const pluginRights = [
  rule('', ['pods', 'nodes', 'namespaces'], ['get']),
  rule('', ['pods/status'], ['patch']),
  rule(crd, [...ipam, 'clusterinformations', 'ippools', 'ipreservations'], write),
];
export const controllerRights = [
  rule('', ['nodes', 'pods', 'namespaces', 'serviceaccounts'], read),
  rule('', ['services', 'services/status'], [...read, 'update']),
  rule(crd, ['*'], read),
  rule(crd, [...ipam, 'tiers', 'hostendpoints'], write),
  rule(crd, ['clusterinformations', 'kubecontrollersconfigurations'], ['create', 'update']),
];
