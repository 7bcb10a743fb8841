/** The rows of clusters as they are in the tables, all of them: for an operator's command, functions may not scan. */
import dynamoose from 'dynamoose';
import type { Cluster } from '../../layers/cluster/cluster.ts';

/** A thousand or so a call. Undefined when there is no such table. */
export async function scanClusters(prefix = process.env.TABLE_PREFIX ?? 'moorage-'): Promise<Cluster[] | undefined> {
  const { unmarshall } = dynamoose.aws.converter();
  const rows: Cluster[] = [];
  let from: Parameters<ReturnType<typeof dynamoose.aws.ddb>['scan']>[0]['ExclusiveStartKey'];
  try {
    do {
      const page = await dynamoose.aws.ddb().scan({ TableName: `${prefix}clusters`, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) });
      rows.push(...(page.Items ?? []).map((item) => unmarshall(item) as Cluster));
      from = page.LastEvaluatedKey;
    } while (from);
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
  return rows;
}
