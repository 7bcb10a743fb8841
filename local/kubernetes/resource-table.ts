/** Which resources there are: the built-in ones as a table, and those that CustomResourceDefinitions add. */
import type { KubeObject } from './objects.ts';

export interface Resource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: readonly string[];
  /** Defined by a CustomResourceDefinition: its lists have no keys known to us. */
  custom: boolean;
  /** Has a `status` of its own that writes to the object itself leave alone. */
  hasStatus: boolean;
}

// group/version, then per resource: kind, plural, N(amespaced) or C(luster), S when it has a status, short names.
const builtIn: Record<string, string> = {
  'v1': `
    Namespace namespaces CS ns · Node nodes CS no · Pod pods NS po · Service services NS svc · Secret secrets N · ConfigMap configmaps N cm
    ServiceAccount serviceaccounts N sa · Endpoints endpoints N ep · Event events N ev · PersistentVolume persistentvolumes CS pv
    PersistentVolumeClaim persistentvolumeclaims NS pvc · LimitRange limitranges N limits · ResourceQuota resourcequotas NS quota
    ReplicationController replicationcontrollers NS rc · PodTemplate podtemplates N`,
  'apps/v1': `
    Deployment deployments NS deploy · StatefulSet statefulsets NS sts · DaemonSet daemonsets NS ds · ReplicaSet replicasets NS rs
    ControllerRevision controllerrevisions N`,
  'batch/v1': 'Job jobs NS · CronJob cronjobs NS cj',
  'autoscaling/v2': 'HorizontalPodAutoscaler horizontalpodautoscalers NS hpa',
  'policy/v1': 'PodDisruptionBudget poddisruptionbudgets NS pdb',
  'rbac.authorization.k8s.io/v1': `
    Role roles N · RoleBinding rolebindings N · ClusterRole clusterroles C · ClusterRoleBinding clusterrolebindings C`,
  'storage.k8s.io/v1': `
    StorageClass storageclasses C sc · CSIDriver csidrivers C · CSINode csinodes C · VolumeAttachment volumeattachments CS
    CSIStorageCapacity csistoragecapacities N`,
  'scheduling.k8s.io/v1': 'PriorityClass priorityclasses C pc',
  'coordination.k8s.io/v1': 'Lease leases N',
  'discovery.k8s.io/v1': 'EndpointSlice endpointslices N',
  'events.k8s.io/v1': 'Event events N ev',
  'networking.k8s.io/v1': 'NetworkPolicy networkpolicies N netpol · Ingress ingresses NS ing · IngressClass ingressclasses C',
  'certificates.k8s.io/v1': 'CertificateSigningRequest certificatesigningrequests CS csr',
  'node.k8s.io/v1': 'RuntimeClass runtimeclasses C',
  'admissionregistration.k8s.io/v1': `
    ValidatingWebhookConfiguration validatingwebhookconfigurations C · MutatingWebhookConfiguration mutatingwebhookconfigurations C
    ValidatingAdmissionPolicy validatingadmissionpolicies CS · ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings C`,
  'flowcontrol.apiserver.k8s.io/v1': 'FlowSchema flowschemas CS · PriorityLevelConfiguration prioritylevelconfigurations CS',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition customresourcedefinitions CS crd,crds',
  'apiregistration.k8s.io/v1': 'APIService apiservices CS',
};

function parse(groupVersion: string, row: string): Resource {
  const [kind, plural, scope, short] = row.trim().split(' ') as [string, string, string, string?];
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') as [string, string]
    : ['', groupVersion];
  return {
    group, version, kind, plural, singular: kind.toLowerCase(), custom: false,
    namespaced: scope.startsWith('N'), hasStatus: scope.endsWith('S'), shortNames: short?.split(',') ?? [],
  };
}

const builtInResources: readonly Resource[] = Object.entries(builtIn)
  .flatMap(([groupVersion, rows]) => rows.split(/[·\n]/).filter((row) => row.trim())
    .map((row) => parse(groupVersion, row)));

interface DefinitionSpec {
  group: string;
  scope: 'Namespaced' | 'Cluster';
  names: { kind: string; plural: string; singular?: string; shortNames?: string[] };
  versions: { name: string; served: boolean; subresources?: { status?: object } }[];
}

/** `apps/v1`, or `v1` for the group without a name. */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** Where objects of the resource are kept. All versions of a resource share their objects. */
export const tableOf = ({ group, plural }: Pick<Resource, 'group' | 'plural'>): string => `${group}/${plural}`;

/** A built-in resource by its kind. Throws on what is not built in. */
export function builtInResource(kind: string): Resource {
  const found = builtInResources.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`${kind} is not built in`);
  return found;
}

/** The resources of one cluster. */
export class ResourceTable {
  readonly #custom = new Map<string, Resource[]>();

  all(): readonly Resource[] {
    return [...builtInResources, ...[...this.#custom.values()].flat()];
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.all().find((resource) =>
      resource.group === group && resource.version === version && resource.plural === plural);
  }

  /** The resource that objects of this kind belong to. */
  ofKind(apiVersion: string, kind: string): Resource | undefined {
    return this.all().find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  }

  /** Serves what the definition defines, from now on. */
  define(definition: KubeObject): void {
    const { group, scope, names, versions } = definition.spec as DefinitionSpec;
    this.#custom.set(definition.metadata.name, versions.filter(({ served }) => served)
      .map(({ name, subresources }) => ({
      group, version: name, kind: names.kind, plural: names.plural, singular: names.singular
        ?? names.kind.toLowerCase(), custom: true,
      namespaced: scope === 'Namespaced', hasStatus: subresources?.status !== undefined, shortNames: names.shortNames
        ?? [],
    })));
  }

  undefine(name: string): void {
    this.#custom.delete(name);
  }
}
