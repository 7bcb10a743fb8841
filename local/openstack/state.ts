/** The cloud's memory: tables of rows, changed in transactions that are on disk before anybody hears of them. */
import { Journal } from './journal.ts';
import type { Tables } from './rows.ts';

type TableName = keyof Tables;
type AnyRow = { id: string };

/** One table: rows by id. Rows are never changed in place, so a row once read stays as it was. */
export class Table<R extends AnyRow> {
  readonly #rows: Map<string, R>;
  readonly #changed: (id: string, before: R | undefined, after: R | undefined) => void;

  constructor(rows: Map<string, R>, changed: (id: string, before: R | undefined, after: R | undefined) => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  get(id: string | null | undefined): Readonly<R> | undefined {
    return id == null ? undefined : this.#rows.get(id);
  }

  /** Rows in the order they were inserted. */
  list(where: (row: Readonly<R>) => boolean = () => true): Readonly<R>[] {
    const found: Readonly<R>[] = [];
    for (const row of this.#rows.values()) if (where(row)) found.push(row);
    return found;
  }

  find(where: (row: Readonly<R>) => boolean): Readonly<R> | undefined {
    for (const row of this.#rows.values()) if (where(row)) return row;
    return undefined;
  }

  insert(row: R): Readonly<R> {
    this.#changed(row.id, undefined, row);
    return row;
  }

  /** The row with the patch applied; undefined when there is no such row. */
  update(id: string, patch: Partial<R>): Readonly<R> | undefined {
    const before = this.#rows.get(id);
    if (!before) return undefined;
    const after = { ...before, ...patch };
    this.#changed(id, before, after);
    return after;
  }

  remove(id: string): void {
    const before = this.#rows.get(id);
    if (before) this.#changed(id, before, undefined);
  }
}

interface Change {
  table: TableName;
  id: string;
  before: AnyRow | undefined;
  after: AnyRow | undefined;
}

/**
 * All tables. `transact` is all or nothing, and what it changed has been handed to the operating system when it
 * returns: a kill -9 afterwards loses nothing.
 */
export class State {
  readonly #rows = new Map<TableName, Map<string, AnyRow>>();
  readonly #journal: Journal | undefined;
  #open: { changes: Change[]; after: (() => void)[] } | undefined;

  constructor(path?: string) {
    this.#journal = path === undefined ? undefined : new Journal(path);
    for (const [table, id, row] of this.#journal?.replay() ?? []) this.#put(table as TableName, id, row as AnyRow);
    this.#journal?.compact(this.#everything());
  }

  /** Whether nothing has ever been stored: the caller seeds it. */
  get empty(): boolean {
    return [...this.#rows.values()].every((rows) => rows.size === 0);
  }

  table<N extends TableName>(name: N): Table<Tables[N]> {
    const rows = this.#mapOf(name) as unknown as Map<string, Tables[N]>;
    return new Table(rows, (id, before, after) => this.#change({ table: name, id, before, after }));
  }

  /** Runs `work`; keeps all of its changes, or none when it throws. A transaction inside another joins it. */
  transact<T>(work: () => T): T {
    if (this.#open) return work();
    const open = { changes: [] as Change[], after: [] as (() => void)[] };
    this.#open = open;
    let result: T;
    try {
      result = work();
    } catch (error) {
      for (const { table, id, before } of open.changes.reverse()) this.#put(table, id, before);
      throw error;
    } finally {
      this.#open = undefined;
    }
    if (open.changes.length > 0) this.#journal?.append(open.changes.map(({ table, id, after }) => [table, id, after]));
    for (const effect of open.after) effect();
    return result;
  }

  /** Runs `effect` once the open transaction is kept; never when it is rolled back. */
  afterCommit(effect: () => void): void {
    if (this.#open) this.#open.after.push(effect);
    else effect();
  }

  close(): void {
    this.#journal?.close();
  }

  #change(change: Change): void {
    if (!this.#open) throw new Error(`change of ${change.table} outside a transaction`);
    this.#open.changes.push(change);
    this.#put(change.table, change.id, change.after);
  }

  #put(table: TableName, id: string, row: AnyRow | undefined): void {
    if (row) this.#mapOf(table).set(id, row);
    else this.#mapOf(table).delete(id);
  }

  #mapOf(table: TableName): Map<string, AnyRow> {
    let rows = this.#rows.get(table);
    if (!rows) this.#rows.set(table, rows = new Map());
    return rows;
  }

  *#everything(): Generator<[string, string, unknown]> {
    for (const [table, rows] of this.#rows) for (const [id, row] of rows) yield [table, id, row];
  }
}
