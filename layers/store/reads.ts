/**
 * Reads of the tables by the plain client: a page of a thousand rows is a thousand documents, and taking each through a
 * model costs ten times what reading it does.
 */
import dynamoose from 'dynamoose';

type Plain = Record<string, unknown>;
export type Key = Record<string, string>;
/** Further bounds of the sort key. */
export interface Range { attribute: string; is: '<' | '<='; value: number }
export interface Query {
  index?: string; key: string; value: string | number; range?: Range; limit?: number; from?: Key; descending?: boolean;
}

const { marshall, unmarshall } = dynamoose.aws.converter();

/** Consistent. */
export async function getRow(table: string, key: Key): Promise<Plain | undefined> {
  const { Item } = await dynamoose.aws.ddb().getItem({ TableName: table, Key: marshall(key), ConsistentRead: true });
  return Item && unmarshall(Item);
}

/** In no order; those that there are. A hundred a call. Throws when the table goes on leaving some unanswered. */
export async function getRows(table: string, keys: readonly Key[]): Promise<Plain[]> {
  const rows: Plain[] = [];
  let callsLeft = Math.ceil(keys.length / 100) + 10;
  for (let open = keys.map((key) => marshall(key)); open.length > 0;) {
    if (callsLeft-- === 0) throw new Error(`The table ${table} left ${open.length} of ${keys.length} rows unanswered.`);
    const { Responses, UnprocessedKeys } = await dynamoose.aws.ddb()
      .batchGetItem({ RequestItems: { [table]: { Keys: open.splice(0, 100) } } });
    rows.push(...(Responses?.[table] ?? []).map((item) => unmarshall(item)));
    open = [...open, ...(UnprocessedKeys?.[table]?.Keys ?? [])];
  }
  return rows;
}

/** One page, consistent where it is not of an index. `next` is what to go on `from`. */
export async function queryRows(table: string, { index, key, value, range, limit, from, descending }: Query): Promise<{ rows: Plain[]; next?: Key }> {
  const bounds = range ? ` AND #range ${range.is} :range` : '';
  const { Items = [], LastEvaluatedKey } = await dynamoose.aws.ddb().query({
    TableName: table, ...(index ? { IndexName: index } : { ConsistentRead: true }), ...(limit && { Limit: limit }),
    KeyConditionExpression: `#key = :key${bounds}`, ExpressionAttributeNames: { '#key': key, ...(range && { '#range': range.attribute }) },
    ExpressionAttributeValues: marshall({ ':key': value, ...(range && { ':range': range.value }) }),
    ...(descending && { ScanIndexForward: false }), ...(from && { ExclusiveStartKey: marshall(from) }),
  });
  return { rows: Items.map((item) => unmarshall(item)), ...(LastEvaluatedKey && { next: unmarshall(LastEvaluatedKey) as Key }) };
}

/** Of a megabyte each: what was deleted and is still kept is read over. */
const mostPages = 200;

/** How many rows of a key there are of which the attribute is not `not`: nothing of them is sent. Stops once there are `enough`; throws when there are too many to be looked through. */
export async function countRows(
  table: string, { index, key, value }: Pick<Query, 'index' | 'key' | 'value'>, attribute: string, not: string, enough: number,
): Promise<number> {
  let count = 0;
  let pages = 0;
  for (let from: Key | undefined; count < enough;) {
    if (pages++ === mostPages) throw new Error(`The table ${table} has more than ${mostPages} pages of ${String(value)} to be counted.`);
    const { Count = 0, LastEvaluatedKey } = await dynamoose.aws.ddb().query({
      TableName: table, ...(index && { IndexName: index }), Select: 'COUNT', KeyConditionExpression: '#key = :key',
      FilterExpression: '#attribute <> :not', ExpressionAttributeNames: { '#key': key, '#attribute': attribute },
      ExpressionAttributeValues: marshall({ ':key': value, ':not': not }), ...(from && { ExclusiveStartKey: marshall(from) }),
    });
    count += Count;
    if (!LastEvaluatedKey) break;
    from = unmarshall(LastEvaluatedKey) as Key;
  }
  return count;
}
