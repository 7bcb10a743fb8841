/**
 * Rights in the user's cluster of those who come from outside it: the control plane's components and the cluster's
 * admins.
 */
import { users } from '../../pki/users.ts';
import type { Manifest } from './manifest.ts';
import { bindClusterRole, bindRole, clusterRole, read, role, rule, type Rule } from './rbac.ts';

/** Group of the client certificates in kubeconfigs: rights that can be taken back, unlike system:masters. */
export const adminGroup = 'moorage:admins';

const events = rule('', ['events'], ['create', 'patch', 'update']);

const machineRules: Rule[] = [
  rule('', ['nodes'], [...read, 'delete', 'patch', 'update']),
  rule('', ['nodes/status'], ['patch']),
  events,
];

const loadBalancerRules: Rule[] = [
  rule('', ['nodes'], read),
  rule('', ['services'], [...read, 'patch', 'update']),
  rule('', ['services/status'], ['patch', 'update']),
  events,
];

const volumeRules: Rule[] = [
  rule('', ['nodes', 'pods'], read),
  rule('', ['persistentvolumes'], [...read, 'create', 'delete', 'patch', 'update']),
  rule('', ['persistentvolumeclaims', 'persistentvolumeclaims/status'], [...read, 'patch', 'update']),
  rule('', ['events'], ['list', 'watch', 'create', 'patch', 'update']),
  rule('storage.k8s.io', ['storageclasses', 'csinodes'], read),
  rule('storage.k8s.io', ['volumeattachments'], [...read, 'patch', 'update']),
  rule('storage.k8s.io', ['volumeattachments/status'], ['patch']),
  rule('snapshot.storage.k8s.io', ['volumesnapshotclasses', 'volumesnapshots', 'volumesnapshotcontents'], read),
  rule('snapshot.storage.k8s.io', ['volumesnapshotcontents', 'volumesnapshotcontents/status'], ['patch', 'update']),
];

/** A component's user with its rights, and a lease in kube-system to lead by. */
function component(user: string, rules: Rule[]): Manifest[] {
  const subject = { kind: 'User', name: user } as const;
  return [
    clusterRole(user, rules),
    bindClusterRole(user, user, subject),
    role('kube-system', user, [
      rule('coordination.k8s.io', ['leases'], [...read, 'create', 'delete', 'patch', 'update']),
    ]),
    bindRole('kube-system', user, user, subject),
  ];
}

export const accessRights = (): Manifest[] => [
  bindClusterRole(adminGroup, 'cluster-admin', { kind: 'Group', name: adminGroup }),
  bindClusterRole('moorage:kubelet-api-admin', 'system:kubelet-api-admin', { kind: 'User', name: users.kubeletClient }),
  bindClusterRole('moorage:konnectivity-server', 'system:auth-delegator', {
    kind: 'User',
    name: users.konnectivityServer,
  }),
  ...component(users.cloudNode, machineRules),
  ...component(users.cloudService, loadBalancerRules),
  ...component(users.cinderCsi, volumeRules),
];
