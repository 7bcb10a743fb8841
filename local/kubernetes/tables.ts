/** Lists and objects as tables, which is how kubectl asks for what it prints. */
import type { Condition } from './controllers/kinds.ts';
import { isRecord, type KubeObject } from './objects.ts';

type Cell = string | number;
type Columns = Record<string, (object: KubeObject) => Cell>;

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (node, key) => (isRecord(node) || Array.isArray(node) ? (node as Record<string, unknown>)[key] : undefined),
    value,
  );
const text = (value: unknown, otherwise = '<none>'): string =>
  value === undefined || value === '' ? otherwise : String(value);
const count = (value: unknown): number => Number(value ?? 0);
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
const status =
  (...path: (string | number)[]) =>
  (object: KubeObject): unknown =>
    at(object.status, ...path);
const spec =
  (...path: (string | number)[]) =>
  (object: KubeObject): unknown =>
    at(object.spec, ...path);

function nodeStatus(node: KubeObject): string {
  const ready = (list(status('conditions')(node)) as unknown as Condition[]).find(({ type }) => type === 'Ready');
  return `${ready?.status === 'True' ? 'Ready' : 'NotReady'}${spec('unschedulable')(node) ? ',SchedulingDisabled' : ''}`;
}

const readyContainers = (pod: KubeObject): string => {
  const statuses = list(status('containerStatuses')(pod));
  return `${statuses.filter(({ ready }) => ready).length}/${list(spec('containers')(pod)).length}`;
};
const podStatus = (pod: KubeObject): string =>
  text(
    at(
      list(status('containerStatuses')(pod)).find((one) => at(one, 'state', 'waiting')),
      'state',
      'waiting',
      'reason',
    ),
    text(status('phase')(pod), 'Pending'),
  );
const portsOf = (service: KubeObject): string =>
  list(spec('ports')(service))
    .map(
      ({ port, nodePort, protocol }) => `${text(port)}${nodePort ? `:${text(nodePort)}` : ''}/${text(protocol, 'TCP')}`,
    )
    .join(',');

const columns: Record<string, Columns> = {
  Node: { Status: nodeStatus, Version: (node) => text(status('nodeInfo', 'kubeletVersion')(node)) },
  Pod: { Ready: readyContainers, Status: podStatus, Restarts: () => 0, Node: (pod) => text(spec('nodeName')(pod)) },
  Deployment: {
    'Ready': (one) => `${count(status('readyReplicas')(one))}/${count(spec('replicas')(one))}`,
    'Up-to-date': (one) => count(status('updatedReplicas')(one)),
    'Available': (one) => count(status('availableReplicas')(one)),
  },
  StatefulSet: { Ready: (one) => `${count(status('readyReplicas')(one))}/${count(spec('replicas')(one))}` },
  DaemonSet: {
    'Desired': (one) => count(status('desiredNumberScheduled')(one)),
    'Current': (one) => count(status('currentNumberScheduled')(one)),
    'Ready': (one) => count(status('numberReady')(one)),
    'Up-to-date': (one) => count(status('updatedNumberScheduled')(one)),
  },
  ReplicaSet: { Desired: (one) => count(spec('replicas')(one)), Ready: (one) => count(status('readyReplicas')(one)) },
  Service: {
    'Type': (one) => text(spec('type')(one)),
    'Cluster-IP': (one) => text(spec('clusterIP')(one)),
    'External-IP': (one) =>
      text(
        status('loadBalancer', 'ingress', 0, 'ip')(one),
        spec('type')(one) === 'LoadBalancer' ? '<pending>' : '<none>',
      ),
    'Port(s)': portsOf,
  },
  Namespace: { Status: (one) => text(status('phase')(one)) },
  PersistentVolumeClaim: {
    Status: (one) => text(status('phase')(one)),
    Volume: (one) => text(spec('volumeName')(one), ''),
    Capacity: (one) => text(status('capacity', 'storage')(one), ''),
    StorageClass: (one) => text(spec('storageClassName')(one), ''),
  },
  PersistentVolume: {
    Capacity: (one) => text(spec('capacity', 'storage')(one)),
    Status: (one) => text(status('phase')(one)),
    StorageClass: (one) => text(spec('storageClassName')(one), ''),
  },
  StorageClass: {
    Provisioner: ({ provisioner }) => text(provisioner),
    VolumeBindingMode: ({ volumeBindingMode }) => text(volumeBindingMode),
  },
  Secret: { Type: ({ type }) => text(type), Data: ({ data }) => (isRecord(data) ? Object.keys(data).length : 0) },
  ConfigMap: { Data: ({ data }) => (isRecord(data) ? Object.keys(data).length : 0) },
  CertificateSigningRequest: {
    SignerName: (one) => text(spec('signerName')(one)),
    Requestor: (one) => text(spec('username')(one)),
    Condition: (one) =>
      [
        ...list(status('conditions')(one)).map(({ type }) => text(type)),
        ...(status('certificate')(one) ? ['Issued'] : []),
      ].join(',') || 'Pending',
  },
};

function age({ metadata }: KubeObject, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(metadata.creationTimestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** Whether the `Accept` header asks for tables. */
export const wantsTable = (accept: string | undefined): boolean => accept?.split(',')[0]?.includes('as=Table') ?? false;

/** The list, or the one object, as a table. Anything else is returned as it is. */
export function tableOf(kind: string, body: unknown, now: Date): unknown {
  const listed = isRecord(body) && Array.isArray(body.items) ? (body.items as KubeObject[]) : undefined;
  if (!listed && !(isRecord(body) && body.kind === kind)) return body;
  const objects = listed ?? [body as KubeObject];
  const shown: Columns = { Name: ({ metadata }) => metadata.name, ...columns[kind], Age: (object) => age(object, now) };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listed
      ? (body as { metadata: unknown }).metadata
      : { resourceVersion: objects[0]!.metadata.resourceVersion },
    columnDefinitions: Object.keys(shown).map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: Object.values(shown).map((cell) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}
