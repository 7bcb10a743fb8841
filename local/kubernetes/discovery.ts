/** What the API tells about itself. */
import { noSuchPath } from './api-error.ts';
import { apiVersionOf, type Resource, type ResourceTable } from './resource-table.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What `kubectl get all` shows. */
const shown = new Set(['pods', 'services', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs',
  'cronjobs']);

function entries(resource: Resource): object[] {
  const { plural, singular, namespaced, kind, shortNames, hasStatus } = resource;
  const eviction = { name: 'pods/eviction', singularName: '', namespaced: true, group: 'policy', version: 'v1',
    kind: 'Eviction', verbs: ['create'] };
  return [
    {
      name: plural, singularName: singular, namespaced, kind, verbs, ...(shortNames.length > 0 && { shortNames }),
      ...(!resource.custom && shown.has(plural) && { categories: ['all'] }),
    },
    ...(hasStatus ? [{ name: `${plural}/status`, singularName: '', namespaced, kind,
      verbs: ['get', 'patch', 'update'] }] : []),
    ...(resource.group === '' && kind === 'Pod' ? [eviction] : []),
  ];
}

const reviews = { name: 'selfsubjectaccessreviews', singularName: 'selfsubjectaccessreview', namespaced: false,
  kind: 'SelfSubjectAccessReview', verbs: ['create'] };

function groupsOf(resources: ResourceTable): Map<string, string[]> {
  const groups = new Map<string, string[]>([['authorization.k8s.io', ['v1']]]);
  for (const { group, version } of resources.all()) {
    if (group !== '' && !groups.get(group)?.includes(version)) groups.set(group, [...groups.get(group) ?? [], version]);
  }
  return groups;
}

function groupObject(name: string, versions: string[]): object {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

/** The answer to /api, /apis and what is right below them. Throws 404 for groups and versions that there are not. */
export function discover(resources: ResourceTable, path: string): object {
  const [root, group, version] = path.split('/').filter(Boolean);
  if (root === 'api' && group === undefined) return { kind: 'APIVersions', versions: ['v1'],
    serverAddressByClientCIDRs: [] };
  const groups = groupsOf(resources);
  if (root === 'apis' && group === undefined) {
    return { kind: 'APIGroupList', apiVersion: 'v1',
      groups: [...groups].map(([name, versions]) => groupObject(name, versions)) };
  }
  if (root === 'apis' && version === undefined) {
    const versions = groups.get(group!);
    if (!versions) throw noSuchPath();
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(group!, versions) };
  }
  const groupVersion = root === 'api' ? group! : `${group}/${version}`;
  const listed = resources.all().filter((resource) => apiVersionOf(resource) === groupVersion).flatMap(entries);
  const found = groupVersion === 'authorization.k8s.io/v1' ? [reviews] : listed;
  if (found.length === 0) throw noSuchPath();
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: found };
}

/** Enough of an OpenAPI document for kubectl to leave validation to the server. */
export function openapi(resources: ResourceTable, path: string): object {
  const versions = [...new Set(resources.all().map(apiVersionOf))];
  const place = (groupVersion: string): string =>
    groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
  if (path === '/openapi/v3') {
    return { paths: Object.fromEntries(versions.map((version) =>
      [place(version), { serverRelativeURL: `/openapi/v3/${place(version)}` }])) };
  }
  const groupVersion = versions.find((version) => path === `/openapi/v3/${place(version)}`);
  if (!groupVersion) throw noSuchPath();
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) =>
    ({ name, in: 'query', schema: { type: 'string' } }));
  const paths = resources.all().filter((resource) => apiVersionOf(resource) === groupVersion).map((resource) => {
    const { group, version, kind, plural, namespaced } = resource;
    const operation = { 'x-kubernetes-group-version-kind': { group, version, kind }, parameters, responses: {} };
    return [`/${place(groupVersion)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`,
      { patch: operation, put: operation }];
  });
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'unversioned' }, paths: Object.fromEntries(paths) };
}
