/** What an API server puts into an empty cluster by itself: namespaces, priorities,
  and the roles that components have. */
import type { Api } from './api.ts';
import { builtInResource } from './resource-table.ts';

type Grant = [resources: string, verbs: string];

const read = 'get,list,watch';
const all = '*';

/** Roles by name: for each API group, which resources and which verbs. */
const clusterRoles: Record<string, Record<string, Grant[]>> = {
  'cluster-admin': { '*': [['*', all]] },
  'view': { '': [['pods,services,configmaps,endpoints,persistentvolumeclaims,serviceaccounts,namespaces,events',
    read]], 'apps': [['*', read]], 'batch': [['*', read]] },
  'edit': { '': [['pods,services,configmaps,endpoints,persistentvolumeclaims,serviceaccounts,secrets', all]],
    'apps': [['*', all]], 'batch': [['*', all]] },
  'admin': { '': [['*', all]], 'apps': [['*', all]], 'batch': [['*', all]],
    'rbac.authorization.k8s.io': [['roles,rolebindings', all]] },
  'system:node-bootstrapper': { 'certificates.k8s.io': [['certificatesigningrequests', `create,${read}`]] },
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': {
    'certificates.k8s.io': [['certificatesigningrequests/nodeclient', 'create']],
  },
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': {
    'certificates.k8s.io': [['certificatesigningrequests/selfnodeclient', 'create']],
  },
  'system:node': {},
  'system:node-proxier': {
    '': [['services,endpoints,nodes', read], ['events', 'create,patch,update']],
      'discovery.k8s.io': [['endpointslices', read]],
    'events.k8s.io': [['events', 'create,patch,update']],
  },
  'system:kube-controller-manager': { '*': [['*', all]] },
  'system:kube-scheduler': {
    '': [['pods,nodes,namespaces,services,persistentvolumes,persistentvolumeclaims', read],
      ['pods/binding,bindings', 'create'], ['pods/status', 'patch,update']],
    'coordination.k8s.io': [['leases', 'create,get,list,watch,update']], 'storage.k8s.io': [['*', read]],
      'apps': [['*', read]], 'policy': [['*', read]],
  },
  'system:auth-delegator': { 'authentication.k8s.io': [['tokenreviews', 'create']],
    'authorization.k8s.io': [['subjectaccessreviews', 'create']] },
  'system:basic-user': { 'authorization.k8s.io': [['selfsubjectaccessreviews,selfsubjectrulesreviews', 'create']] },
};

/** Roles for paths that are no resources. */
const pathRoles: Record<string, string[]> = {
  'system:discovery': ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', '/version', '/version/',
    '/livez', '/readyz', '/healthz'],
  'system:public-info-viewer': ['/version', '/version/', '/livez', '/livez/*', '/readyz', '/readyz/*', '/healthz',
    '/healthz/*'],
};

const bindings: [name: string, role: string, kind: 'User' | 'Group', subject: string][] = [
  ['cluster-admin', 'cluster-admin', 'Group', 'system:masters'],
  ['system:basic-user', 'system:basic-user', 'Group', 'system:authenticated'],
  ['system:discovery', 'system:discovery', 'Group', 'system:authenticated'],
  ['system:public-info-viewer', 'system:public-info-viewer', 'Group', 'system:authenticated'],
  ['system:public-info-viewer:anonymous', 'system:public-info-viewer', 'Group', 'system:unauthenticated'],
  ['system:kube-controller-manager', 'system:kube-controller-manager', 'User', 'system:kube-controller-manager'],
  ['system:kube-scheduler', 'system:kube-scheduler', 'User', 'system:kube-scheduler'],
  ['system:node-proxier', 'system:node-proxier', 'User', 'system:kube-proxy'],
];

const rbac = 'rbac.authorization.k8s.io';
const defaulting = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };

function* policy(): Generator<{ kind: string; metadata: { name: string; namespace?: string; labels?: Record<string,
  string> }; [field: string]: unknown }> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) yield { kind: 'Namespace',
    metadata: { name } };
  yield { kind: 'PriorityClass', metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 };
  yield { kind: 'PriorityClass', metadata: { name: 'system-node-critical' }, value: 2_000_001_000 };
  for (const [name, groups] of Object.entries(clusterRoles)) {
    const rules: object[] = Object.entries(groups).flatMap(([group, grants]) =>
      grants.map(([resources, verbs]) =>
        ({ apiGroups: [group], resources: resources.split(','), verbs: verbs.split(',') })));
    if (name === 'cluster-admin') rules.push({ nonResourceURLs: ['*'], verbs: ['*'] });
    yield { kind: 'ClusterRole', metadata: { name, ...defaulting }, rules };
  }
  for (const [name, nonResourceURLs] of Object.entries(pathRoles)) {
    yield { kind: 'ClusterRole', metadata: { name, ...defaulting }, rules: [{ nonResourceURLs, verbs: ['get'] }] };
  }
  for (const [name, role, kind, subject] of bindings) {
    yield {
      kind: 'ClusterRoleBinding', metadata: { name, ...defaulting },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role }, subjects: [{ apiGroup: rbac, kind, name: subject }],
    };
  }
  yield {
    kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  };
}

/** Creates what is missing of it; leaves alone what is there. */
export function seedCluster(api: Api): void {
  for (const object of policy()) {
    const resource = builtInResource(object.kind);
    const { name, namespace } = object.metadata;
    if (!api.find({ resource, namespace, name })) api.create(resource, namespace, object,
      { manager: 'kube-apiserver' });
  }
}
