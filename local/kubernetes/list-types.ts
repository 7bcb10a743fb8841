/** How server-side apply sees lists: by the keys of their items, as sets,
  or as one value. From the API's own schema. */
import { isRecord, type Json } from './objects.ts';

export type ListType = { type: 'map'; keys: readonly string[] } | { type: 'set' } | { type: 'atomic' };

const keysOf: Record<string, readonly string[]> = {
  containers: ['name'], initContainers: ['name'], ephemeralContainers: ['name'], env: ['name'], volumes: ['name'],
    volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'], imagePullSecrets: ['name'], conditions: ['type'], ownerReferences: ['uid'],
    hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'], secrets: ['name'], webhooks: ['name'],
    resourceClaims: ['name'],
  addresses: ['type'],
};
const sets = new Set(['finalizers', 'podCIDRs']);
/** Objects that are one value: a label selector of one manager must not be mixed with another's. */
const atomicObjects = new Set([
  'selector', 'nodeSelector', 'matchLabels', 'labelSelector', 'podSelector', 'namespaceSelector', 'secretRef',
    'configMapKeyRef', 'secretKeyRef', 'fieldRef',
  'resourceFieldRef', 'claimRef', 'roleRef', 'dataSource',
]);

/** The items' port keys: containers and Services have them, EndpointSlices and NetworkPolicies do not. */
function portKeys(items: readonly Json[], path: readonly string[]): readonly string[] | undefined {
  if (path.some((element) => element === 'f:containers' || element === 'f:initContainers')) return ['containerPort',
    'protocol'];
  return path.length === 2 && path[0] === 'f:spec'
    && items.every((item) => 'port' in item) ? ['port', 'protocol'] : undefined;
}

/** How to see the list at `path` (its last element is the list's own name). Custom resources' lists are one value each. */
export function listTypeOf(path: readonly string[], items: readonly unknown[], custom: boolean): ListType {
  const name = path.at(-1)?.slice(2) ?? '';
  const metadata = path[0] === 'f:metadata';
  if (custom && !metadata) return { type: 'atomic' };
  if (sets.has(name)) return { type: 'set' };
  const records = items.filter(isRecord);
  if (records.length !== items.length) return { type: 'atomic' };
  const keys = name === 'ports' ? portKeys(records, path) : keysOf[name];
  if (!keys || !records.every((item) =>
    keys.every((key) => key in item || key === 'protocol'))) return { type: 'atomic' };
  return { type: 'map', keys };
}

/** Whether the object at `path` is one value. */
export function isAtomicObject(path: readonly string[], custom: boolean): boolean {
  return !custom && path[0] !== 'f:metadata' && atomicObjects.has(path.at(-1)?.slice(2) ?? '');
}

/** `k:{"name":"api"}`: how a field path names the item. Keys are in alphabetical order,
  the port's protocol has its default. */
export function itemKey(item: Json, keys: readonly string[]): string {
  const values = keys.toSorted().map((key) => [key, item[key] ?? 'TCP']);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}
