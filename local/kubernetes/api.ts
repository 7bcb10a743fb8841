/** The objects of one cluster and what can be done to them, for the HTTP handler and for controllers alike. */
import { randomBytes, randomUUID } from 'node:crypto';
import { admit, requireFitting } from './admission.ts';
import { alreadyExists, badRequest, conflict, forbidden, notFound } from './api-error.ts';
import { isRecord, sameJson, type KubeObject, type Metadata, type SentObject } from './objects.ts';
import { applyConfig, ownChanges } from './ownership.ts';
import { apiVersionOf, builtInResource, ResourceTable, tableOf, type Resource } from './resource-table.ts';
import type { Store } from './store.ts';

/** One object, named. */
export interface Target { resource: Resource; namespace?: string | undefined; name: string }

export interface WriteOptions { manager: string; dryRun?: boolean }

/** `2026-01-02T03:04:05Z`: the API keeps whole seconds. */
export const timestamp = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;

const definitions = builtInResource('CustomResourceDefinition');
const namespaces = builtInResource('Namespace');

export class Api {
  readonly store: Store;
  readonly resources = new ResourceTable();
  readonly now: () => Date;

  constructor(store: Store, now: () => Date = () => new Date()) {
    this.store = store;
    this.now = now;
    for (const definition of store.list(tableOf(definitions))) this.resources.define(definition);
  }

  /** Undefined when there is none. */
  find({ resource, namespace, name }: Target): KubeObject | undefined {
    const object = this.store.get(tableOf(resource), namespace, name);
    return object && this.#inVersion(resource, object);
  }

  get(target: Target): KubeObject {
    const object = this.find(target);
    if (!object) throw notFound(target.resource, target.name);
    return object;
  }

  list(resource: Resource, namespace?: string): KubeObject[] {
    return this.store.list(tableOf(resource), namespace).map((object) => this.#inVersion(resource, object));
  }

  /** Throws 409 when there is one. */
  create(resource: Resource, namespace: string | undefined, sent: unknown, options: WriteOptions): KubeObject {
    const object = requireFitting(sent, resource, apiVersionOf(resource), namespace);
    const name = object.metadata?.name ?? this.#generateName(object);
    if (this.find({ resource, namespace, name })) throw alreadyExists(resource, name);
    return this.#write({ resource, namespace, name }, undefined, object, options);
  }

  /** Replaces it. Throws 409 when it has changed since the revision that was sent. */
  update(target: Target, sent: unknown, options: WriteOptions): KubeObject {
    const live = this.get(target);
    const object = requireFitting(sent, target.resource, apiVersionOf(target.resource), target.namespace, target.name);
    return this.#write(target, live, object, options);
  }

  /** Changes it as `change` says, which gets a copy that is its own. */
  patch(target: Target, change: (live: KubeObject) => unknown, options: WriteOptions): KubeObject {
    const live = this.get(target);
    const patched = requireFitting(change(structuredClone(live)), target.resource, apiVersionOf(target.resource),
      target.namespace, target.name);
    return this.#write(target, live, patched, options);
  }

  /** Server-side apply: creates it when there is none. */
  apply(target: Target, sent: unknown, options: WriteOptions & { force: boolean }): KubeObject {
    const config = requireFitting(sent, target.resource, apiVersionOf(target.resource), target.namespace, target.name);
    if (!config.apiVersion || !config.kind) throw badRequest('apply configurations must name apiVersion and kind');
    if (config.metadata?.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
    const live = this.find(target);
    const result = applyConfig(live
      && structuredClone(live), config, { ...options, custom: target.resource.custom, now: timestamp(this.now()) });
    return this.#keep(target, live, result, options);
  }

  /** Writes what is under `status` and nothing else. */
  writeStatus(target: Target, change: (status: Record<string, unknown>, live: KubeObject) => unknown): KubeObject {
    const live = this.get(target);
    const status = change(structuredClone(isRecord(live.status) ? live.status : {}), live);
    return sameJson(status, live.status) ? live : this.store.put(tableOf(target.resource), { ...live, status });
  }

  /** It is gone, or, while finalizers hold it, going. */
  remove(target: Target, preconditions: { uid?: string; resourceVersion?: string } = {}): KubeObject {
    const live = this.get(target);
    for (const field of ['uid', 'resourceVersion'] as const) {
      if (preconditions[field] !== undefined && preconditions[field] !== live.metadata[field]) {
        throw conflict(target.resource, target.name,
          `Precondition failed: ${field} in precondition: ${preconditions[field]}, in object meta: ${live.metadata[field]}`);
      }
    }
    const isNamespace = tableOf(target.resource) === tableOf(namespaces);
    if (!isNamespace && !live.metadata.finalizers?.length) return this.#forget(target.resource, live);
    if (live.metadata.deletionTimestamp) return live;
    const going = { ...live, metadata: { ...live.metadata, deletionTimestamp: timestamp(this.now()),
      deletionGracePeriodSeconds: 0 } };
    return this.store.put(tableOf(target.resource),
      isNamespace ? { ...going, status: { phase: 'Terminating' } } : going);
  }

  /** Ends a namespace whose content is gone. */
  finishNamespace(name: string): void {
    const live = this.find({ resource: namespaces, name });
    if (live) this.#forget(namespaces, live);
  }

  #write(target: Target, live: KubeObject | undefined, object: SentObject, options: WriteOptions): KubeObject {
    const sentRevision = object.metadata?.resourceVersion;
    if (live && sentRevision && sentRevision !== live.metadata.resourceVersion) {
      throw conflict(target.resource, target.name,
        'the object has been modified; please apply your changes to the latest version and try again');
    }
    const prepared = this.#complete(target, live, object);
    const owned = ownChanges(live
      && structuredClone(live), prepared, { ...options, custom: target.resource.custom, now: timestamp(this.now()) });
    return this.#keep(target, live, owned, options);
  }

  #keep(target: Target, live: KubeObject | undefined, object: SentObject, { dryRun }: WriteOptions): KubeObject {
    const { resource } = target;
    this.#requireNamespace(target, live);
    const complete = admit(resource, this.#complete(target, live, object), live);
    if (live && sameJson(withoutTimes(live), withoutTimes(complete))) return live;
    const specChanged = live !== undefined && !sameJson(specPart(live), specPart(complete));
    const generation = live ? (live.metadata.generation ?? 1) + (specChanged ? 1 : 0) : 1;
    const next = { ...complete,
      metadata: { ...complete.metadata, ...(complete.spec !== undefined && { generation }) } };
    if (dryRun) return next;
    if (live && next.metadata.deletionTimestamp && !next.metadata.finalizers?.length
      && resource.kind !== 'Namespace') return this.#forget(resource, next);
    const kept = this.store.put(tableOf(resource), next);
    if (tableOf(resource) === tableOf(definitions)) this.resources.define(kept);
    return kept;
  }

  #complete({ resource, namespace, name }: Target, live: KubeObject | undefined, object: SentObject): KubeObject {
    const { generateName: _, namespace: __, ...sent } = object.metadata ?? {};
    const metadata: Metadata = {
      ...sent, name, ...(namespace && { namespace }),
      uid: live?.metadata.uid ?? randomUUID(),
      resourceVersion: live?.metadata.resourceVersion ?? '0',
      creationTimestamp: live?.metadata.creationTimestamp ?? timestamp(this.now()),
    };
    const { generation, deletionTimestamp } = live?.metadata ?? {};
    if (generation !== undefined) metadata.generation = generation;
    if (deletionTimestamp !== undefined) metadata.deletionTimestamp = deletionTimestamp;
    else delete metadata.deletionTimestamp;
    // A status is written on its own path; what a write of the whole object says about it does not count.
    const { status: ___, ...rest } = object;
    const status = resource.hasStatus ? live?.status : object.status;
    return { ...rest, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata,
      ...(status !== undefined && { status }) };
  }

  #requireNamespace({ resource, namespace, name }: Target, live: KubeObject | undefined): void {
    if (!resource.namespaced || live) return;
    const found = this.find({ resource: namespaces, name: namespace! });
    if (!found) throw notFound(namespaces, namespace!);
    if (found.metadata.deletionTimestamp) {
      throw forbidden(resource, name,
        `unable to create new content in namespace ${namespace} because it is being terminated`);
    }
  }

  #generateName({ metadata }: SentObject): string {
    if (!metadata?.generateName) throw badRequest('name or generateName is required');
    return `${metadata.generateName}${randomBytes(3).toString('hex').slice(0, 5)}`;
  }

  #forget(resource: Resource, object: KubeObject): KubeObject {
    this.store.remove(tableOf(resource), object);
    if (tableOf(resource) === tableOf(definitions)) this.resources.undefine(object.metadata.name);
    return object;
  }

  #inVersion(resource: Resource, object: KubeObject): KubeObject {
    const apiVersion = apiVersionOf(resource);
    return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  }
}

/** What makes a new generation: everything but metadata and status. */
const specPart = ({ metadata: _, status: __, ...spec }: KubeObject): object => spec;
const withoutTimes = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata,
    managedFields: object.metadata.managedFields?.map((entry) => ({ ...entry, time: '' })) ?? [] },
});
