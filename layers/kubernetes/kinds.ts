/** The kinds we apply, and where the API keeps them: a table, so that no call has to ask the API's discovery. */
import type { Manifest } from './manifests/manifest.ts';

const namespaced: Record<string, string> = {
  ConfigMap: 'configmaps',
  DaemonSet: 'daemonsets',
  Deployment: 'deployments',
  Endpoints: 'endpoints',
  EndpointSlice: 'endpointslices',
  Lease: 'leases',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Pod: 'pods',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Secret: 'secrets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  StatefulSet: 'statefulsets',
};
const clusterWide: Record<string, string> = {
  APIService: 'apiservices',
  CSIDriver: 'csidrivers',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  CustomResourceDefinition: 'customresourcedefinitions',
  Namespace: 'namespaces',
  Node: 'nodes',
  PersistentVolume: 'persistentvolumes',
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
};

/** Enough of an object to find it. */
export type Reference = Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>;

/** Whether objects of this kind live in a namespace. Throws on a kind that is not in the table. */
export function isNamespaced(kind: string): boolean {
  if (kind in namespaced) return true;
  if (kind in clusterWide) return false;
  throw new Error(`Kind ${kind} is not in the table of kinds`);
}

/** The API's path of an object: /apis/apps/v1/namespaces/kube-system/deployments/coredns. */
export function pathOf({ apiVersion, kind, metadata }: Reference): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const name = encodeURIComponent(metadata.name);
  if (!isNamespaced(kind)) return `${root}/${clusterWide[kind]}/${name}`;
  if (!metadata.namespace) throw new Error(`${kind} ${metadata.name} has no namespace`);
  return `${root}/namespaces/${encodeURIComponent(metadata.namespace)}/${namespaced[kind]}/${name}`;
}
