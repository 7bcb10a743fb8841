/** What the API adds to objects, and what it does not accept, before they are kept. */
import { invalid, badRequest, type StatusCause } from './api-error.ts';
import { isRecord, sameJson, type Json, type KubeObject, type SentObject } from './objects.ts';
import type { Resource } from './resource-table.ts';
import { fits, type LabelSelector } from './selectors.ts';

type Prepare = (object: KubeObject, before: KubeObject | undefined) => KubeObject;

const specOf = (object: KubeObject): Json => isRecord(object.spec) ? object.spec : {};
const withSpec = (object: KubeObject, defaults: Json): KubeObject =>
  ({ ...object, spec: { ...defaults, ...specOf(object) } });
const withStatus = (object: KubeObject, defaults: Json): KubeObject =>
  ({ ...object, status: { ...defaults, ...isRecord(object.status) ? object.status : {} } });

const prepareSecret: Prepare = ({ stringData, ...object }) => {
  const plain = Object.entries(isRecord(stringData) ? stringData : {})
    .map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  const data = { ...isRecord(object.data) ? object.data : {}, ...Object.fromEntries(plain) as Json };
  return { ...object as KubeObject, type: object.type ?? 'Opaque', ...(Object.keys(data).length > 0 && { data }) };
};

const prepareNamespace: Prepare = (object) => withStatus({
  ...withSpec(object, { finalizers: ['kubernetes'] }),
  metadata: { ...object.metadata,
    labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name } },
}, { phase: 'Active' });

const surge = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } };

const preparations: Record<string, Prepare> = {
  Secret: prepareSecret,
  Namespace: prepareNamespace,
  Deployment: (object) => withSpec(object, { replicas: 1, progressDeadlineSeconds: 600, strategy: surge }),
  StatefulSet: (object) => withSpec(object,
    { replicas: 1, podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate' } }),
  DaemonSet: (object) => withSpec(object,
    { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }),
  Service: (object) => withStatus(withSpec(object, { type: 'ClusterIP', sessionAffinity: 'None' }),
    { loadBalancer: {} }),
  StorageClass: (object) => ({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...object }),
  PersistentVolumeClaim: (object) => withStatus(withSpec(object, { volumeMode: 'Filesystem' }), { phase: 'Pending' }),
  PersistentVolume: (object) =>
    withStatus(withSpec(object, { persistentVolumeReclaimPolicy: 'Retain' }), { phase: 'Available' }),
  Pod: (object) => withStatus(withSpec(object, { restartPolicy: 'Always', serviceAccountName: 'default' }),
    { phase: 'Pending' }),
};

const dnsName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
/** RBAC names are path segments, no more. */
const freeNames = new Set(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']);

function nameProblems(resource: Resource, name: string): StatusCause[] {
  const fine = freeNames.has(resource.kind) ? !/[/%]/.test(name) && name !== '.' && name !== '..' : dnsName.test(name)
    && name.length <= 253;
  return fine ? [] : [{ field: 'metadata.name',
    message: `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of `
    + `lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character` }];
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

function labelProblems(labels: Record<string, string>): StatusCause[] {
  return Object.values(labels)
    .filter((value) => typeof value !== 'string' || value.length > 63 || !labelValue.test(value))
    .map((value) => ({ field: 'metadata.labels',
      message: `Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of `
      + 'alphanumeric characters, \'-\', \'_\' or \'.\', and must start and end with an alphanumeric character' }));
}

interface Template { metadata?: { labels?: Record<string,
  string> }; spec?: { containers?: { name?: string; image?: string }[] } }

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

function workloadProblems(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const { selector, template } = specOf(object) as { selector?: LabelSelector; template?: Template };
  const causes: StatusCause[] = [];
  if (!selector) causes.push({ reason: 'FieldValueRequired', field: 'spec.selector', message: 'Required value' });
  else if (!fits(selector, template?.metadata?.labels)) {
    causes.push({ field: 'spec.template.metadata.labels',
      message: `Invalid value: ${JSON.stringify(template?.metadata?.labels ?? {})}: \`selector\` does not match template \`labels\`` });
  }
  if (before && !sameJson(specOf(before).selector, selector)) {
    causes.push({ field: 'spec.selector', message: `Invalid value: ${JSON.stringify(selector)}: field is immutable` });
  }
  return [...causes, ...containerProblems(template?.spec, 'spec.template.spec')];
}

function containerProblems(spec: Template['spec'], field: string): StatusCause[] {
  const containers = spec?.containers ?? [];
  if (containers.length === 0) return [{ reason: 'FieldValueRequired', field: `${field}.containers`,
    message: 'Required value' }];
  return containers.flatMap(({ name, image }, index) => [
    ...(name ? [] : [{ reason: 'FieldValueRequired', field: `${field}.containers[${index}].name`,
      message: 'Required value' }]),
    ...(image ? [] : [{ reason: 'FieldValueRequired', field: `${field}.containers[${index}].image`,
      message: 'Required value' }]),
  ]);
}

/** Fields that never change once set. */
const immutable: Record<string, readonly string[]> = {
  StorageClass: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'],
  ClusterRoleBinding: ['roleRef'], RoleBinding: ['roleRef'], PriorityClass: ['value'], Secret: ['type'],
};

function immutableProblems(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  if (!before) return [];
  const fields = [...immutable[object.kind]
    ?? [], ...(before.immutable === true ? ['data', 'binaryData', 'immutable'] : [])];
  return fields.filter((field) => !sameJson(object[field], before[field]))
    .map((field) => ({ reason: 'FieldValueForbidden', field, message: 'Forbidden: field is immutable when set' }));
}

/** The object with the API's defaults. Throws 422 naming every wrong field. */
export function admit(resource: Resource, object: KubeObject, before: KubeObject | undefined): KubeObject {
  const admitted = resource.custom ? object : preparations[resource.kind]?.(object, before) ?? object;
  const causes = [
    ...nameProblems(resource, admitted.metadata.name),
    ...labelProblems(admitted.metadata.labels ?? {}),
    ...(resource.group === 'apps' && workloads.has(resource.kind) ? workloadProblems(admitted, before) : []),
    ...(resource.group === '' && resource.kind === 'Pod' ? containerProblems(admitted.spec as Template['spec'], 'spec')
      : []),
    ...(resource.custom ? [] : immutableProblems(admitted, before)),
  ];
  if (causes.length > 0) throw invalid(resource.kind, resource.group, admitted.metadata.name, causes);
  return admitted;
}

/** Throws 400 unless what was sent says that it is of this kind, and of this name and namespace where it says so. */
export function requireFitting(sent: unknown, resource: Resource, apiVersion: string, namespace: string | undefined,
  name?: string): SentObject {
  if (!isRecord(sent)) throw badRequest('the object provided is unrecognized: it is no JSON object');
  const object = sent as SentObject;
  if (object.kind !== undefined && object.kind !== resource.kind) {
    throw badRequest(`${object.kind} in version "${object.apiVersion}" cannot be handled as a ${resource.kind}`);
  }
  if (object.apiVersion !== undefined && object.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  const given = object.metadata ?? {};
  if (name !== undefined && given.name !== undefined && given.name !== name) {
    throw badRequest(`the name of the object (${given.name}) does not match the name on the URL (${name})`);
  }
  if (given.namespace !== undefined && given.namespace !== '' && given.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return object;
}
