/** Makes what the template declares: tables where they are missing, and queues. */
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDefinition, TableDefinition } from './template.ts';

/** Creates the tables; one that is there already is kept when it is keyed and indexed as declared. */
export async function createTables(client: DynamoDBClient, tables: TableDefinition[]): Promise<void> {
  for (const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } of tables) {
    const wanted = { TableName, BillingMode, AttributeDefinitions, KeySchema, ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }) };
    try {
      await client.send(new CreateTableCommand(wanted));
    } catch (error) {
      if ((error as Error).name !== 'ResourceInUseException') throw error;
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      if (shapeOf(Table) !== shapeOf(wanted)) {
        throw new Error(`Table ${TableName} was made for another version: delete the data directory to start afresh.`);
      }
    }
  }
}

const shapeOf = (table: Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'> | undefined): string => JSON.stringify([
  table?.KeySchema,
  (table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => [IndexName, KeySchema, Projection?.ProjectionType])
    .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
]);

/** Creates the queues, with their attributes as declared except for the visibility timeout, where one is given. */
export async function createQueues(client: SQSClient, queues: QueueDefinition[], visibilityTimeoutS?: number): Promise<void> {
  for (const { QueueName, ...properties } of queues) {
    const attributes = Object.entries({ ...properties, ...(visibilityTimeoutS && { VisibilityTimeout: visibilityTimeoutS }) })
      .filter(([name]) => name !== 'Tags')
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
    await client.send(new CreateQueueCommand({ QueueName, Attributes: Object.fromEntries(attributes) }));
  }
}
