/** Moorage's tables as they lie on the disk: every row of every one, read past the functions. */
import { DynamoDBClient, ListTablesCommand, paginateScan, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { World } from './world.ts';

export type Row = Record<string, unknown>;

/** Rows by the table's own name, without service and stage. */
export async function readTables({ embedded }: Pick<World, 'embedded'>): Promise<Record<string, Row[]>> {
  const client = new DynamoDBClient({
    endpoint: embedded.functions.tableEndpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    const tables = await Promise.all(TableNames.map(async (TableName) => {
      const rows: Row[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) rows.push(...Items.map(plainRow));
      return [TableName.split('-').at(-1)!, rows] as const;
    }));
    return Object.fromEntries(tables);
  } finally {
    client.destroy();
  }
}

const plainRow = (item: Record<string, AttributeValue>): Row => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));

function plain({ M, L, N, S, BOOL }: AttributeValue): unknown {
  if (M) return plainRow(M);
  if (L) return L.map(plain);
  return N === undefined ? S ?? BOOL : Number(N);
}
