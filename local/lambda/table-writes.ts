/** Writes, one after another, each gathered into one batch of the store below: single ones, transactions and expiry. */
import { createRequire } from 'node:module';
import db from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';

const require = createRequire(import.meta.url);
type Data = Record<string, unknown>;
type Kind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
interface Part { kind: Kind; asked: Data & { TableName: string }; checked: Data; key: string; before: DynaliteItem | undefined }

const singles = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];
const actionOf: Record<Kind, string> = { Put: 'putItem', Update: 'updateItem', Delete: 'deleteItem', ConditionCheck: 'deleteItem' };

/** The write operations on a store. */
export function writesOf(store: DynaliteStore) {
  const inTurn = queue();
  const atomic = gatherer(store);
  const run = async (action: string, data: Data): Promise<object> => {
    const perform = require(`dynalite/actions/${action}`) as DynaliteAction;
    const checked = check(store, action, data);
    return promised((callback) => perform(store, checked, callback));
  };
  const single = (operation: string) => (data: Data) => inTurn(() => atomic(() => run(operation[0]!.toLowerCase() + operation.slice(1), data)));
  const operations: Record<string, (data: Data) => Promise<object>> = {
    ...Object.fromEntries(singles.map((operation) => [operation, single(operation)])),
    TransactWriteItems: (data) => inTurn(() => atomic(() => transact(store, run, (data.TransactItems ?? []) as Data[]))),
  };
  return {
    operation: (name: string) => operations[name],
    /** Deletes the rows whose `attribute`, in epoch seconds, has passed; answers how many. */
    expire: async (table: string, attribute: string, now: number): Promise<number> => {
      const names = { '#expiry': attribute };
      const values = { ':now': { N: String(Math.floor(now / 1_000)) } };
      const { Items, keys } = await scan(store, { TableName: table, FilterExpression: '#expiry < :now', ExpressionAttributeNames: names, ExpressionAttributeValues: values });
      for (const item of Items) {
        const Key = Object.fromEntries(keys.map((name) => [name, item[name]]));
        const still = { TableName: table, Key, ConditionExpression: '#expiry < :now', ExpressionAttributeNames: names, ExpressionAttributeValues: values };
        await operations.DeleteItem!(still).catch(() => undefined);
      }
      return Items.length;
    },
  };
}

/** All or nothing, as DynamoDB answers it: conditions first, each part's reason in its place. */
async function transact(store: DynaliteStore, run: (action: string, data: Data) => Promise<object>, items: Data[]): Promise<object> {
  if (items.length < 1 || items.length > 100) throw db.validationError('A transaction has 1 to 100 items');
  const parts = await Promise.all(items.map((item) => partOf(store, item)));
  if (new Set(parts.map(({ asked, key }) => `${asked.TableName} ${key}`)).size < parts.length) {
    throw db.validationError('Transaction request cannot include multiple operations on one item');
  }
  const reasons = parts.map(({ asked, checked, before }) => db.checkConditional(checked, before)
    ? { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...(asked.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before && { Item: before }) }
    : { Code: 'None' });
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  for (const [index, { kind, asked }] of parts.entries()) {
    if (kind === 'ConditionCheck') continue;
    await run(actionOf[kind], asked).catch((error: Error) => {
      throw cancelled(parts.map((_, other) => (other === index ? { Code: 'ValidationError', Message: error.message } : { Code: 'None' })));
    });
  }
  return {};
}

async function partOf(store: DynaliteStore, item: Data): Promise<Part> {
  const [kind, given] = Object.entries(item)[0] as [Kind, Part['asked']];
  const { ReturnValuesOnConditionCheckFailure: _, ...asked } = given;
  const checked = check(store, actionOf[kind], structuredClone(asked));
  const table = await promised<DynaliteTable>((callback) => store.getTable(given.TableName, callback));
  const key = db.createKey((checked.Item ?? checked.Key) as DynaliteItem, table);
  const before = await promised<DynaliteItem>((callback) => store.getItemDb(given.TableName).get(key, callback))
    .catch((error: Error) => { if (error.name !== 'NotFoundError') throw error; return undefined; });
  return { kind, asked: given, checked, key, before };
}

function check(store: DynaliteStore, action: string, data: Data): Data {
  const { types, custom } = require(`dynalite/validations/${action}`) as { types: object; custom: unknown };
  const checked = validations.checkTypes(structuredClone(data), types);
  validations.checkValidations(checked, types, custom, store);
  return checked;
}

function cancelled(reasons: { Code: string }[]): Error {
  const Message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`;
  const body = { __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException', Message, CancellationReasons: reasons };
  return Object.assign(new Error(Message), { statusCode: 400, body });
}

async function scan(store: DynaliteStore, data: Data): Promise<{ Items: DynaliteItem[]; keys: string[] }> {
  const { KeySchema } = await promised<DynaliteTable>((callback) => store.getTable(String(data.TableName), callback));
  const perform = require('dynalite/actions/scan') as DynaliteAction;
  const { Items } = await promised<object>((callback) => perform(store, check(store, 'scan', data), callback)) as { Items: DynaliteItem[] };
  return { Items, keys: KeySchema.map(({ AttributeName }) => AttributeName) };
}

/** Runs `work` with the store's writes held back, and lets them go together when it is through. */
function gatherer({ db: level }: DynaliteStore) {
  const batch = level.batch.bind(level);
  return async <T>(work: () => Promise<T>): Promise<T> => {
    const gathered: DynaliteWrite[] = [];
    const direct = { put: level.put, del: level.del, batch: level.batch };
    level.put = (key, value, callback) => { gathered.push({ type: 'put', key, value }); setImmediate(callback); };
    level.del = (key, callback) => { gathered.push({ type: 'del', key }); setImmediate(callback); };
    level.batch = (operations, callback) => { gathered.push(...operations); setImmediate(callback); };
    const result = await work().finally(() => Object.assign(level, direct));
    if (gathered.length > 0) await promised((callback) => batch(gathered, callback as (error?: Error | null) => void));
    return result;
  };
}

/** One at a time, in order. */
function queue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

const promised = <T>(call: (callback: (error: Error | null, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => { call((error, value) => (error ? reject(error) : resolve(value))); });
