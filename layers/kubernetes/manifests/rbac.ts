/** Roles and their bindings, in one line each. */
import { manifest, type Manifest } from './manifest.ts';

export interface Rule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

export type Subject =
  { kind: 'User' | 'Group'; name: string } | { kind: 'ServiceAccount'; name: string; namespace: string };

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

/** Rights on `resources` of one API group; the core group is ''. */
export const rule = (group: string, resources: string[], verbs: string[], resourceNames?: string[]): Rule => ({
  apiGroups: [group],
  resources,
  verbs,
  ...(resourceNames && { resourceNames }),
});

export const read = ['get', 'list', 'watch'];

const subjects = (subject: Subject) => [subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup }];

export const clusterRole = (name: string, rules: Rule[]): Manifest =>
  manifest(apiVersion, 'ClusterRole', { name }, { rules });
export const role = (namespace: string, name: string, rules: Rule[]): Manifest =>
  manifest(apiVersion, 'Role', { name, namespace }, { rules });

export const bindClusterRole = (name: string, clusterRoleName: string, subject: Subject): Manifest =>
  manifest(
    apiVersion,
    'ClusterRoleBinding',
    { name },
    { roleRef: { apiGroup, kind: 'ClusterRole', name: clusterRoleName }, subjects: subjects(subject) },
  );
export const bindRole = (namespace: string, name: string, roleName: string, subject: Subject): Manifest =>
  manifest(
    apiVersion,
    'RoleBinding',
    { name, namespace },
    { roleRef: { apiGroup, kind: 'Role', name: roleName }, subjects: subjects(subject) },
  );

export const serviceAccount = (name: string, namespace = 'kube-system'): Manifest =>
  manifest('v1', 'ServiceAccount', { name, namespace });

/** A service account in kube-system with a cluster role of the same name. */
export const serviceAccountWith = (name: string, rules: Rule[]): Manifest[] => [
  serviceAccount(name),
  clusterRole(name, rules),
  bindClusterRole(name, name, { kind: 'ServiceAccount', name, namespace: 'kube-system' }),
];
