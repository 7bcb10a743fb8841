/**
 * What is paid for tables, counted as the provider counts it: a write unit for each begun KiB of a row and of each index that
 * changes with it, twice that in a transaction; a read unit for each begun 4 KiB, half of that where an index is read.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Meter } from '../../simulate/tables.ts';

type Row = Record<string, unknown>;
interface Index { name: string; keys: string[]; hasAll: boolean }
export interface Units { writes: number; reads: number; writeCalls: number; readCalls: number }

interface Declared { TableName: string; KeySchema: { AttributeName: string }[]; GlobalSecondaryIndexes?: { IndexName: string; KeySchema: { AttributeName: string }[]; Projection: { ProjectionType: string } }[] }

export class TableUnits implements Meter {
  readonly #indexes = new Map<string, Index[]>();
  readonly #keys = new Map<string, string[]>();
  readonly #units = new Map<string, Units>();

  constructor() {
    const file = join(import.meta.dirname, '../../../layers/store/tables.yml');
    const { Resources } = parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) as { Resources: Record<string, { Properties: Declared }> };
    for (const { Properties } of Object.values(Resources)) {
      const table = Properties.TableName.split('-').at(-1)!;
      this.#keys.set(table, Properties.KeySchema.map(({ AttributeName }) => AttributeName));
      this.#indexes.set(table, (Properties.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => (
        { name: IndexName, keys: KeySchema.map(({ AttributeName }) => AttributeName), hasAll: Projection.ProjectionType === 'ALL' })));
    }
  }

  read(table: string, rows: readonly Row[], index: string | undefined): void {
    const bytes = rows.reduce((sum, row) => sum + sizeOf(index ? this.#projected(table, index, row) : row), 0);
    const units = this.#of(table);
    units.reads += Math.max(1, Math.ceil(bytes / 4_096)) / (index ? 2 : 1);
    units.readCalls++;
  }

  wrote(table: string, before: Row | undefined, after: Row | undefined, isTransaction: boolean): void {
    const own = Math.max(1, Math.ceil(Math.max(sizeOf(before), sizeOf(after)) / 1_024));
    const indexes = before === after ? 0 : (this.#indexes.get(table) ?? []).reduce((sum, index) => sum + this.#indexUnits(table, index, before, after), 0);
    const units = this.#of(table);
    units.writes += own * (isTransaction ? 2 : 1) + indexes;
    units.writeCalls++;
  }

  /** Since it was made. */
  byTable(): Map<string, Units> { return new Map([...this.#units].map(([table, units]) => [table, { ...units }])); }

  total(): Units {
    const sum: Units = { writes: 0, reads: 0, writeCalls: 0, readCalls: 0 };
    for (const units of this.#units.values()) for (const name of Object.keys(sum) as (keyof Units)[]) sum[name] += units[name];
    return sum;
  }

  /** A row enters an index, leaves it, or moves in it, which is both. */
  #indexUnits(table: string, index: Index, before: Row | undefined, after: Row | undefined): number {
    const [was, is] = [before, after].map((row) => (row && index.keys.every((key) => row[key] !== undefined) ? this.#projected(table, index.name, row) : undefined));
    if (!was && !is) return 0;
    if (JSON.stringify(was) === JSON.stringify(is)) return 0;
    const units = Math.max(1, Math.ceil(Math.max(sizeOf(was), sizeOf(is)) / 1_024));
    const isMoved = was && is && index.keys.some((key) => was[key] !== is[key]);
    return isMoved ? 2 * units : units;
  }

  #projected(table: string, name: string, row: Row): Row {
    const index = this.#indexes.get(table)?.find((each) => each.name === name);
    if (!index || index.hasAll) return row;
    return Object.fromEntries([...this.#keys.get(table)!, ...index.keys].map((key) => [key, row[key]]));
  }

  #of(table: string): Units {
    const units = this.#units.get(table) ?? { writes: 0, reads: 0, writeCalls: 0, readCalls: 0 };
    this.#units.set(table, units);
    return units;
  }
}

/** What is stored is never changed in place. */
const sizes = new WeakMap<Row, number>();

/** Names and values, near enough: numbers and brackets weigh a little less there. */
function sizeOf(row: Row | undefined): number {
  if (!row) return 0;
  const size = sizes.get(row) ?? Buffer.byteLength(JSON.stringify(row));
  sizes.set(row, size);
  return size;
}
