/** In place of layers/store/table.ts: the same contract, over maps in memory. */
import type { Key, Query } from '../../../layers/store/reads.ts';
import type { Attributes, Change, Page } from '../../../layers/store/table.ts';
import { Condition } from './condition.ts';
import { world } from './world.ts';

type Row = Record<string, unknown>;
interface Part { table: Table<never>; key: string; condition: Condition | undefined; after: (before: Row | undefined) => Row }
interface Index { hash: string; range: string | undefined }

export const where = (attribute: string): Condition => new Condition().where(attribute);
export const absent = (attribute: string): Condition => new Condition().attribute(attribute).not().exists();
export const isRevision = (revision: number): Condition => where('revision').eq(revision);

const stored = new WeakSet<object>();

/**
 * As it would come out of the table: without what is undefined, and nobody else's. What is stored is frozen, so that
 * reading it takes no copy, and whoever changed what was read would be found out.
 */
function asStored<T>(value: T): T {
  if (typeof value !== 'object' || value === null || stored.has(value)) return value;
  const copy = Array.isArray(value) ? value.map((each: unknown) => asStored(each) ?? null)
    : Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => [name, asStored(each as unknown)]));
  stored.add(Object.freeze(copy));
  return copy as T;
}

export class Table<R extends object> {
  readonly #name: string;
  readonly #hash: string;
  readonly #range: string | undefined;
  readonly #indexes = new Map<string, Index>();
  /** Rows by the value of each attribute that a query may ask for. */
  readonly #partitions = new Map<string, Map<unknown, Map<string, Row>>>();

  constructor(name: string, attributes: Attributes) {
    this.#name = name;
    const declared = Object.entries(attributes as Record<string, { hashKey?: true; rangeKey?: true; index?: { name: string; rangeKey?: string } }>);
    this.#hash = declared.find(([, attribute]) => attribute.hashKey)![0];
    this.#range = declared.find(([, attribute]) => attribute.rangeKey)?.[0];
    for (const [hash, { index }] of declared) if (index) this.#indexes.set(index.name, { hash, range: index.rangeKey });
    for (const hash of [this.#hash, ...[...this.#indexes.values()].map((index) => index.hash)]) this.#partitions.set(hash, new Map());
  }

  get(key: Key): Promise<R | undefined> {
    return this.#read('get', () => this.#seen([this.#rows.get(this.#keyOf(key))].filter((row) => row !== undefined))[0] as R | undefined);
  }

  getMany(keys: readonly Key[]): Promise<R[]> {
    return this.#read('get many', () => keys.flatMap((key) => this.#seen([this.#rows.get(this.#keyOf(key))].filter((row) => row !== undefined))) as R[]);
  }

  async count(query: Pick<Query, 'index' | 'key' | 'value'>, attribute: keyof R & string, not: string, enough: number): Promise<number> {
    const { rows } = await this.query(query);
    return Math.min(enough, rows.filter((row) => row[attribute] !== not).length);
  }

  query({ index, key, value, range: bound, limit, from, descending }: Query): Promise<Page<R>> {
    const of = index ? this.#indexes.get(index)! : { hash: this.#hash, range: this.#range };
    if (of.hash !== key) throw new Error(`${this.#name} has no index ${index} by ${key}`);
    const range = of.range;
    const bounded = bound ? where(bound.attribute) : new Condition();
    const condition = bound ? (bound.is === '<' ? bounded.lt(bound.value) : bounded.le(bound.value)) : bounded;
    return this.#read('query', () => {
      const found = [...this.#of(key, value)]
        .filter((row) => (!range || row[range] !== undefined) && condition.holds(row))
        .toSorted((a, b) => (range ? compare(a[range], b[range]) : 0) || compare(this.#keyOf(a), this.#keyOf(b)));
      if (descending) found.reverse();
      const start = from ? found.findIndex((row) => this.#keyOf(row) === this.#keyOf(from)) + 1 : 0;
      const rows = found.slice(start, start + (limit ?? found.length));
      const last = rows.at(-1);
      const isMore = limit !== undefined && rows.length === limit && last !== undefined;
      const next = isMore ? Object.fromEntries([this.#hash, this.#range, of.hash, of.range].flatMap((name) => (name ? [[name, last[name]]] : []))) : undefined;
      this.#seen(rows, index);
      return { rows: rows as R[], ...(next && { next: next as Key }) };
    });
  }

  async queryAll(query: Query & { limit: number }): Promise<R[]> {
    const rows: R[] = [];
    for (let from: Key | undefined; rows.length < query.limit;) {
      const page = await this.query({ ...query, limit: Math.min(query.limit - rows.length, 250), ...(from && { from }) });
      rows.push(...page.rows);
      if (!page.next) break;
      from = page.next;
    }
    return rows;
  }

  put(row: R, condition?: Condition): Promise<boolean> {
    const key = this.#keyOf(row as Row);
    return this.#effect('put', () => {
      const before = this.#rows.get(key);
      if (condition ? !condition.holds(before) : before !== undefined) return this.#refused(before) ?? false;
      this.write(key, row as Row);
      return true;
    });
  }

  overwrite(row: R): Promise<void> {
    return this.#effect('overwrite', () => { this.write(this.#keyOf(row as Row), row as Row); });
  }

  update(key: Key, change: Change<R>, condition: Condition, add: Record<string, number> = {}): Promise<R | undefined> {
    return this.#effect('update', () => {
      const before = this.#rows.get(this.#keyOf(key));
      if (!condition.holds(before)) return this.#refused(before);
      return this.write(this.#keyOf(key), changed(before ?? key, change, add)) as R;
    });
  }

  async add(key: Key, add: Record<string, number>, change: Change<R> = {}): Promise<R> {
    return this.#effect('add', () => this.write(this.#keyOf(key), changed(this.#rows.get(this.#keyOf(key)) ?? key, change, add)) as R);
  }

  remove(key: Key): Promise<void> {
    return this.#effect('remove', () => {
      const name = this.#keyOf(key);
      world().tables.meter?.wrote(this.#name, this.#rows.get(name), undefined, false);
      this.#moved(name, this.#rows.get(name), undefined);
      this.#rows.delete(name);
    });
  }

  putting(row: R): Part {
    const key = this.#keyOf(row as Row);
    return { table: this as never, key, condition: absent(this.#hash), after: () => row as Row };
  }

  updating(key: Key, change: Change<R>, condition: Condition): Part {
    return { table: this as never, key: this.#keyOf(key), condition, after: (before) => changed(before ?? key, change, {}) };
  }

  /** Of a transaction. */
  holds({ key, condition }: Part): boolean { return !condition || condition.holds(this.#rows.get(key)); }
  take({ key, after }: Part): void { this.write(key, after(this.#rows.get(key)), true); }

  write(key: string, row: Row, isTransaction = false): Row {
    const before = this.#rows.get(key);
    const after = asStored(row);
    world().tables.meter?.wrote(this.#name, before, after, isTransaction);
    world().tables.changed(this.#name, before, after);
    this.#rows.set(key, after);
    this.#moved(key, before, after);
    return after;
  }

  #seen(rows: Row[], index?: string): Row[] {
    world().tables.meter?.read(this.#name, rows, index);
    return rows;
  }

  /** A write whose condition does not hold is paid for. */
  #refused(row: Row | undefined): undefined { world().tables.meter?.wrote(this.#name, row, row, false); }

  #of(attribute: string, value: unknown): Iterable<Row> { return this.#partitions.get(attribute)?.get(value)?.values() ?? []; }

  #moved(key: string, before: Row | undefined, after: Row | undefined): void {
    for (const [attribute, partitions] of this.#partitions) {
      const [from, to] = [before?.[attribute], after?.[attribute]];
      if (from !== to) partitions.get(from)?.delete(key);
      if (to === undefined) continue;
      const rows = partitions.get(to) ?? new Map<string, Row>();
      partitions.set(to, rows.set(key, after!));
    }
  }

  get #rows(): Map<string, Row> { return world().tables.rows(this.#name); }
  #keyOf(row: Row): string { return `${String(row[this.#hash])}\u0000${this.#range ? String(row[this.#range]) : ''}`; }
  #effect<T>(verb: string, act: () => T): Promise<T> {
    return world().effects.take({ kind: 'table', what: `${verb} ${this.#name}` }, async () => act());
  }

  #read<T>(verb: string, act: () => T): Promise<T> {
    return world().effects.take({ kind: 'table', what: `${verb} ${this.#name}`, isRead: true }, async () => act());
  }
}

export function transact(parts: Part[]): Promise<boolean> {
  return world().effects.take({ kind: 'table', what: 'transaction' }, async () => {
    if (!parts.every((part) => part.table.holds(part))) return false;
    for (const part of parts) part.table.take(part);
    return true;
  });
}

function changed(before: Row, change: object, add: Record<string, number>): Row {
  const after: Row = { ...before, ...change };
  for (const [name, by] of Object.entries(add)) after[name] = Number(after[name] ?? 0) + by;
  return after;
}

const compare = (a: unknown, b: unknown): number => ((a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0);
