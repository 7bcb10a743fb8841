/** The process that is killed in the middle of its writes: moves many items, in one transaction, round after round. */
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../../local/lambda/create.ts';
import { startTable } from '../../../local/lambda/table.ts';
import type { TableDefinition } from '../../../local/lambda/template.ts';

export const tables: TableDefinition[] = [{
  TableName: 'things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }, { AttributeName: 'dueShard', AttributeType: 'N' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [{ IndexName: 'due', KeySchema: [{ AttributeName: 'dueShard', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } }],
}];

export const ids = Array.from({ length: 40 }, (_, index) => `item-${index}`);

export const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

if (process.argv[1] === import.meta.filename) {
  const { endpoint } = await startTable(process.argv[2]!, () => undefined);
  const client = clientOf(endpoint);
  await createTables(client, tables);
  for (let round = 0; ; round++) {
    const values = { n: { N: String(round) }, dueShard: { N: String(round % 3) } };
    await client.send(new TransactWriteItemsCommand({
      TransactItems: ids.map((id) => ({ Put: { TableName: 'things', Item: { id: { S: id }, ...values } } })),
    }));
    process.send!(round);
  }
}
