/** Kubernetes objects as the API keeps them. */

export interface OwnerReference { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }

/** A tree of field names, as `metadata.managedFields[].fieldsV1` holds it: a leaf is an empty object. */
export interface FieldTree { [element: string]: FieldTree }

export interface ManagedFields {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldTree;
  subresource?: string;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
  generation?: number;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  managedFields?: ManagedFields[];
}

/** Any stored object: it has all metadata that the API adds. Never changed in place. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: unknown;
}

/** What somebody sends: of the metadata, the API adds what is missing. */
export interface SentObject {
  apiVersion?: string;
  kind?: string;
  metadata?: Partial<Metadata>;
  [field: string]: unknown;
}

export type Json = Record<string, unknown>;

/** Whether the value is a JSON object: neither a list nor null. */
export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two JSON values are the same; the order of keys does not matter. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length
    && one.every((item, index) => sameJson(item, other[index]));
  if (!isRecord(one) || !isRecord(other)) return false;
  const keys = Object.keys(one).filter((key) => one[key] !== undefined);
  return keys.length === Object.keys(other).filter((key) => other[key] !== undefined)
    .length && keys.every((key) => sameJson(one[key], other[key]));
}
