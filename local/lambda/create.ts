/** Makes what the template declares: tables where they are missing, and queues. */
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDefinition, TableDefinition } from './template.ts';

/** Creates the tables; one that is there already is kept when it is keyed and indexed as declared. All are usable then. */
export async function createTables(client: DynamoDBClient, tables: TableDefinition[]): Promise<void> {
  for (const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } of tables) {
    const wanted = { TableName, BillingMode, AttributeDefinitions, KeySchema, ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }) };
    await client.send(new CreateTableCommand(wanted)).catch((error: Error) => {
      if (error.name !== 'ResourceInUseException') throw error;
    });
    if (shapeOf(await activeTable(client, TableName)) !== shapeOf(wanted)) {
      throw new Error(`Table ${TableName} was made for another version: delete the data directory to start afresh.`);
    }
  }
}

/** A table is made in two moments; a kill between them leaves it unusable. */
async function activeTable(client: DynamoDBClient, TableName: string): Promise<TableDescription> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return Table;
    await new Promise((resume) => setTimeout(resume, 10));
  }
  throw new Error(`Table ${TableName} is half made: delete the data directory to start afresh.`);
}

const shapeOf = (table: Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'>): string => JSON.stringify([
  table.KeySchema,
  (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => [IndexName, KeySchema, Projection?.ProjectionType])
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
