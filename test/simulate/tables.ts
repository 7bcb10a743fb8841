/** The tables of one world, and what may never be written into them. */
import type { Clock } from './clock.ts';
import type { Effects, Invocation } from './effects.ts';

type Row = Record<string, unknown>;

/** Hears of everything that tables are asked, for whoever counts what it costs. */
export interface Meter {
  read(table: string, rows: readonly Row[], index: string | undefined): void;
  /** Once for each row; the same before and after: a condition did not hold. */
  wrote(table: string, before: Row | undefined, after: Row | undefined, isTransaction: boolean): void;
}

export class Tables {
  readonly #rows = new Map<string, Map<string, Row>>();
  meter: Meter | undefined;
  /** Which run holds which step. */
  readonly #runs = new Map<string, Invocation>();
  readonly #clock: Clock;
  readonly #effects: Effects;
  readonly #broken: (what: string) => void;

  constructor(clock: Clock, effects: Effects, broken: (what: string) => void) {
    this.#clock = clock;
    this.#effects = effects;
    this.#broken = broken;
  }

  rows(table: string): Map<string, Row> {
    const rows = this.#rows.get(table) ?? new Map<string, Row>();
    this.#rows.set(table, rows);
    return rows;
  }

  /** Called before each write. */
  changed(table: string, before: Row | undefined, after: Row): void {
    if (table === 'steps' && before) this.#stepChanged(before, after);
  }

  /** Everything that is stored, as text. */
  text(): string { return JSON.stringify([...this.#rows].map(([table, rows]) => [table, [...rows.values()]])); }

  #stepChanged(before: Row, after: Row): void {
    const key = `${String(after.operationId)}/${String(after.key)}`;
    if (before.status === 'done' && after.status !== 'done') this.#broken(`progress went back: ${key} was done and is ${String(after.status)}`);
    if (Number(after.fence) > Number(before.fence)) this.#claimed(key);
    else if (before.status === 'running' && after.status !== 'running') this.#settled(key);
  }

  #settled(key: string): void {
    const by = this.#effects.by;
    const holder = this.#runs.get(key);
    if (holder && by && holder !== by) this.#broken(`${key} is settled by a run that has lost it, at ${this.#clock.now()}: ${by.name}`);
    this.#runs.delete(key);
  }

  #claimed(key: string): void {
    const by = this.#effects.by;
    const other = this.#runs.get(key);
    if (other?.isLive && other !== by) this.#broken(`two live runs of ${key} at ${this.#clock.now()}: ${other.name} and ${by?.name}`);
    if (by) this.#runs.set(key, by);
  }
}
