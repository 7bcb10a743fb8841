/** The tables as deployed (layers/store/tables.yml), in the local stand-in, for tests of what is stored. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';
import { createTables } from '../../../local/lambda/create.ts';
import { startTable } from '../../../local/lambda/table.ts';
import { tablesOf, type Resources } from '../../../local/lambda/template.ts';

/** Call before the store is imported: its models read the endpoint at import. Answers what takes the tables down again. */
export async function startLocalTables(): Promise<() => Promise<void>> {
  const path = mkdtempSync(join(tmpdir(), 'moorage-tables-'));
  const table = await startTable(path, () => undefined);
  const text = readFileSync(new URL('../../../layers/store/tables.yml', import.meta.url), 'utf8').replaceAll('${self:service}-${sls:stage}-', 'moorage-test-');
  const ignored = ['!GetAtt', '!Ref', '!Sub'].map((tag) => ({ tag, resolve: () => null }));
  const { Resources } = parse(text, { customTags: ignored }) as { Resources: Resources };
  const client = new DynamoDBClient({ endpoint: table.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  await createTables(client, tablesOf(Resources));
  Object.assign(process.env, { DYNAMODB_ENDPOINT: table.endpoint, TABLE_PREFIX: 'moorage-test-', LOCAL_KEY: randomBytes(32).toString('base64') });
  return async () => {
    client.destroy();
    await table.close();
    rmSync(path, { recursive: true, force: true });
  };
}
