/** Clusters that stand in Moorage's tables and nowhere else: copies of one that the API itself has admitted, as if it were ready. */
import { randomUUID } from 'node:crypto';
import {
  BatchWriteItemCommand, DynamoDBClient, GetItemCommand, type AttributeValue, type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { idFrom, newId } from '../../layers/store/ids.ts';

type Item = Record<string, AttributeValue>;
const clusters = 'moorage-local-clusters';
const nodeGroups = 'moorage-local-nodeGroups';

export interface Copies { set(count: number): Promise<string>; close(): void }

/** `set` makes the project have exactly that many copies and answers the uuid of one of them. */
export async function copiesOf(id: string, endpoint: string): Promise<Copies> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
  const { Item: cluster } = await client.send(new GetItemCommand({ TableName: clusters, Key: { id: { S: id } }, ConsistentRead: true }));
  const groupIds = Object.values(cluster!.groups!.M!).map(({ S }) => S!);
  const groups = await Promise.all(groupIds.map(async (group) =>
    (await client.send(new GetItemCommand({ TableName: nodeGroups, Key: { id: { S: group } }, ConsistentRead: true }))).Item!));
  let keys: { table: string; id: string }[] = [];

  async function write(requests: { table: string; request: WriteRequest }[]): Promise<void> {
    for (let i = 0; i < requests.length; i += 25) {
      const items: Record<string, WriteRequest[]> = {};
      for (const { table, request } of requests.slice(i, i + 25)) (items[table] ??= []).push(request);
      await client.send(new BatchWriteItemCommand({ RequestItems: items }));
    }
  }

  return {
    async set(count) {
      await write(keys.map(({ table, id: key }) => ({ table, request: { DeleteRequest: { Key: { id: { S: key } } } } })));
      const copies = Array.from({ length: count }, (_, index) => copy(cluster!, groups, index));
      const rows = copies.flatMap(({ row, groupRows }) => [{ table: clusters, row }, ...groupRows.map((each) => ({ table: nodeGroups, row: each }))]);
      keys = rows.map(({ table, row }) => ({ table, id: row.id!.S! }));
      await write(rows.map(({ table, row }) => ({ table, request: { PutRequest: { Item: row } } })));
      return copies[Math.floor(count / 2)]!.row.uuid!.S!;
    },
    close: () => client.destroy(),
  };
}

/** Another id, uuid and name throughout; ready, with nothing under way and nothing due. */
function copy(cluster: Item, groups: readonly Item[], index: number): { row: Item; groupRows: Item[] } {
  const uuid = randomUUID();
  const names: [string, string][] = [
    [cluster.id!.S!, idFrom(cluster.projectId!.S!, uuid)], [cluster.uuid!.S!, uuid], [cluster.name!.S!, `bench-${index}`],
    ...groups.flatMap((group): [string, string][] => [[group.id!.S!, newId(Date.now())], [group.uuid!.S!, randomUUID()]]),
  ];
  const renamed = (item: Item): Item =>
    JSON.parse(names.reduce((text, [old, fresh]) => text.replaceAll(old, fresh), JSON.stringify(item))) as Item;
  const still = ({ dueShard: _shard, dueAt: _at, operationId: _operation, ...item }: Item): Item => ({ ...item, phase: { S: 'ready' } });
  return {
    row: still({ ...renamed(cluster), operations: { M: {} } }), groupRows: groups.map((group) => still(renamed(group))),
  };
}

