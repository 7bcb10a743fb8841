/** The one way to the tables: dynamoose models for what is written, plain reads, our types, and what a lost race looks like. */
import dynamoose from 'dynamoose';
import type { Condition } from 'dynamoose/dist/Condition.js';
import type { Item } from 'dynamoose/dist/Item.js';
import { countRows, getRow, getRows, queryRows, type Key, type Query } from './reads.ts';

const endpoint = process.env.DYNAMODB_ENDPOINT;
if (endpoint) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  dynamoose.aws.ddb.set(new dynamoose.aws.ddb.DynamoDB({ endpoint, region: 'us-east-1', credentials }));
}

export type Attributes = ConstructorParameters<typeof dynamoose.Schema>[0];
export type Part = Parameters<typeof dynamoose.transaction>[0][number];
/** Attributes to set; undefined ones are removed. */
export type Change<Row> = { [K in keyof Row]?: Row[K] | undefined };

export const where = (attribute: string): ReturnType<Condition['where']> => new dynamoose.Condition().where(attribute);
export const absent = (attribute: string): Condition => new dynamoose.Condition().attribute(attribute).not().exists();
export const isRevision = (revision: number): Condition => where('revision').eq(revision);

export interface Page<Row> { rows: Row[]; next?: Key }

/** One table, typed. Reads by key are consistent. Nested values are stored as they are (documents, not strings). */
export class Table<Row extends object> {
  private readonly model;
  private readonly name: string;

  constructor(name: string, attributes: Attributes) {
    const schema = new dynamoose.Schema(attributes, { saveUnknown: true });
    this.name = `${process.env.TABLE_PREFIX ?? 'moorage-'}${name}`;
    this.model = dynamoose.model<Item>(this.name, schema, { create: false, waitForActive: false });
  }

  async get(key: Key): Promise<Row | undefined> {
    return await getRow(this.name, key) as Row | undefined;
  }

  /** The rows of many keys, in no order; those that there are. */
  async getMany(keys: readonly Key[]): Promise<Row[]> {
    return await getRows(this.name, keys) as Row[];
  }

  async query(query: Query): Promise<Page<Row>> {
    return await queryRows(this.name, query) as Page<Row>;
  }

  /** How many there are of which the attribute is not `not`, counted until there are `enough`. */
  count(query: Pick<Query, 'index' | 'key' | 'value'>, attribute: keyof Row & string, not: string, enough: number): Promise<number> {
    return countRows(this.name, query, attribute, not, enough);
  }

  /** Every row of a key, page after page, at most `limit`. */
  async queryAll(query: Query & { limit: number }): Promise<Row[]> {
    const rows: Row[] = [];
    for (let from: Key | undefined; rows.length < query.limit;) {
      const page = await this.query({ ...query, limit: Math.min(query.limit - rows.length, 250), ...(from && { from }) });
      rows.push(...page.rows);
      if (!page.next) break;
      from = page.next;
    }
    return rows;
  }

  /** Writes a new row. `false` when the condition (by default: no such row) does not hold. */
  async put(row: Row, condition?: Condition): Promise<boolean> {
    return race(async () => this.model.create(row as never, (condition ? { overwrite: true, condition } : { overwrite: false }) as never));
  }

  /** Writes a row whether there is one or not. */
  async overwrite(row: Row): Promise<void> {
    await (this.model.create(row as never, { overwrite: true } as never) as unknown as Promise<Item>);
  }

  /** Changes a row if `condition` holds; answers the new row, undefined when it does not hold. */
  async update(key: Key, change: Change<Row>, condition: Condition, add: Record<string, number> = {}): Promise<Row | undefined> {
    let updated: Item | undefined;
    await race(async () => {
      updated = await (this.model.update(key, expressionOf(change, add) as never, { condition } as never) as unknown as Promise<Item>);
    });
    return updated && rowOf<Row>(updated);
  }

  /** Adds to numbers of a row, whether there is one or not; answers the row as it is then. */
  async add(key: Key, numbers: Record<string, number>, change: Change<Row> = {}): Promise<Row> {
    const item = await (this.model.update(key, expressionOf(change, numbers) as never) as unknown as Promise<Item>);
    return rowOf<Row>(item);
  }

  async remove(key: Key): Promise<void> {
    await this.model.delete(key);
  }

  /** Parts of a transaction. */
  putting(row: Row): Part {
    return this.model.transaction.create(row as never) as Part;
  }

  updating(key: Key, change: Change<Row>, condition: Condition): Part {
    return this.model.transaction.update(key, expressionOf(change, {}) as never, { condition } as never) as Part;
  }
}

/** All or nothing. `false` when a condition does not hold or another transaction is in the way: read again. */
export async function transact(parts: Part[]): Promise<boolean> {
  return race(() => dynamoose.transaction(parts));
}

const rowOf = <Row>(item: Item): Row => item.toJSON() as Row;

function expressionOf(change: object, add: Record<string, number>): object {
  const entries = Object.entries(change);
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const remove = entries.filter(([, value]) => value === undefined).map(([attribute]) => attribute);
  return {
    ...(Object.keys(set).length > 0 && { $SET: set }),
    ...(Object.keys(add).length > 0 && { $ADD: add }),
    ...(remove.length > 0 && { $REMOVE: remove }),
  };
}

const lost = new Set(['ConditionalCheckFailed', 'TransactionConflict', 'None']);

async function race(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    const { name, CancellationReasons } = error as Error & { CancellationReasons?: { Code?: string }[] };
    if (name === 'ConditionalCheckFailedException' || name === 'TransactionInProgressException') return false;
    if (name === 'TransactionCanceledException' && CancellationReasons?.every(({ Code }) => lost.has(Code ?? 'None'))) return false;
    throw error;
  }
}
