/** What etcd is to a cluster: objects by table and key, one counter of revisions, and what changed last. */
import { EventEmitter } from 'node:events';
import { Journal, type Entry } from '../openstack/journal.ts';
import { noQuorum } from './api-error.ts';
import type { KubeObject } from './objects.ts';

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  table: string;
  revision: number;
  object: KubeObject;
  before: KubeObject | undefined;
}

/** Changes kept for watchers that come back. */
const history = 2000;

const keyOf = ({ namespace = '', name }: { namespace?: string | undefined; name: string }): string =>
  `${namespace}/${name}`;

/** Objects of one cluster. With a path,
  everything is handed to the operating system before `put` and `remove` return. */
export class Store {
  readonly changes = new EventEmitter<{ change: [Change] }>();
  readonly #tables = new Map<string, Map<string, KubeObject>>();
  readonly #journal: Journal | undefined;
  readonly #recent: Change[] = [];
  #revision = 0;
  #closed = false;

  constructor(path?: string) {
    this.changes.setMaxListeners(0);
    this.#journal = path === undefined ? undefined : new Journal(path);
    for (const [table, key, row] of this.#journal?.replay() ?? []) this.#replay(table, key, row);
    this.#journal?.compact(this.#everything());
  }

  /** Of the last write. */
  get revision(): number {
    return this.#revision;
  }

  get(table: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#tables.get(table)?.get(keyOf({ namespace, name }));
  }

  /** By namespace, then by name. */
  list(table: string, namespace?: string): KubeObject[] {
    const rows = [...this.#tables.get(table) ?? []];
    const wanted = namespace === undefined ? rows : rows.filter(([key]) => key.startsWith(`${namespace}/`));
    return wanted.toSorted(([one], [other]) => one < other ? -1 : 1).map(([, object]) => object);
  }

  tables(): string[] {
    return [...this.#tables.keys()];
  }

  /** Keeps the object under the next revision, and returns it as kept. */
  put(table: string, object: KubeObject): KubeObject {
    if (this.#closed) throw noQuorum();
    const key = keyOf(object.metadata);
    const before = this.#tables.get(table)?.get(key);
    const revision = this.#revision + 1;
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    this.#journal?.append([[table, key, kept]]);
    this.#tableOf(table).set(key, kept);
    this.#tell({ type: before ? 'MODIFIED' : 'ADDED', table, revision, object: kept, before });
    return kept;
  }

  remove(table: string, object: KubeObject): void {
    if (this.#closed) throw noQuorum();
    const key = keyOf(object.metadata);
    const before = this.#tables.get(table)?.get(key);
    if (!before) return;
    const revision = this.#revision + 1;
    this.#journal?.append([[table, key], ['revision', '', revision]]);
    this.#tables.get(table)!.delete(key);
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    this.#tell({ type: 'DELETED', table, revision, object: last, before });
  }

  /** What changed after `revision`; undefined when that is no longer known. */
  since(revision: number): Change[] | undefined {
    const oldest = this.#recent[0]?.revision ?? this.#revision + 1;
    if (revision < oldest - 1) return undefined;
    return this.#recent.filter((change) => change.revision > revision);
  }

  /** From now on every write is refused, as by an etcd that is not there. */
  close(): void {
    this.#closed = true;
    this.changes.removeAllListeners();
    this.#journal?.close();
  }

  #tell(change: Change): void {
    this.#revision = change.revision;
    this.#recent.push(change);
    if (this.#recent.length > history) this.#recent.shift();
    this.changes.emit('change', change);
  }

  #replay(table: string, key: string, row: unknown): void {
    if (table === 'revision') {
      this.#revision = Math.max(this.#revision, row as number);
    } else if (row === undefined) {
      this.#tableOf(table).delete(key);
    } else {
      this.#tableOf(table).set(key, row as KubeObject);
      this.#revision = Math.max(this.#revision, Number((row as KubeObject).metadata.resourceVersion));
    }
  }

  #tableOf(table: string): Map<string, KubeObject> {
    let rows = this.#tables.get(table);
    if (!rows) this.#tables.set(table, rows = new Map());
    return rows;
  }

  *#everything(): Generator<Entry> {
    yield ['revision', '', this.#revision];
    for (const [table, rows] of this.#tables) for (const [key, row] of rows) yield [table, key, row];
  }
}
