/** What the generated CloudFormation lets functions do: no stars, no scans, and nobody but Lambda takes a role on. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Template } from '../deploy/template-linter.ts';
import { root } from '../deploy/uses.ts';

interface Statement { Effect: string; Action: string | string[]; Resource: unknown }
interface Role { AssumeRolePolicyDocument: { Statement: { Principal: unknown; Action: unknown }[] }; Policies?: { PolicyDocument: { Statement: Statement[] } }[]; ManagedPolicyArns?: unknown[] }

const path = join(root, '.serverless/cloudformation-template-update-stack.json');
if (!existsSync(path)) execFileSync(join(root, 'node_modules/.bin/serverless'), ['package'], { cwd: root, stdio: 'pipe', env: { ...process.env, BUNDLE: 'shared' } });
const { Resources } = JSON.parse(readFileSync(path, 'utf8')) as Template;
const roles = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id, { Properties }]) => [id, Properties as unknown as Role] as const);

/** AWS has nothing narrower for these: they name no resource. */
const withoutResource = new Set(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']);

/** All that any function may be allowed. Whether each may no more than its own code does: test/deploy/grants.test.ts. */
const actions = new Set([
  'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem', 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'kms:GenerateDataKey', 'kms:Decrypt',
  'secretsmanager:GetSecretValue', 'logs:CreateLogStream', 'logs:CreateLogGroup', 'logs:PutLogEvents', ...withoutResource,
]);

describe.each(roles)('%s', (_, { AssumeRolePolicyDocument, Policies = [], ManagedPolicyArns = [] }) => {
  const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

  test('is taken on by Lambda alone', () => {
    expect(AssumeRolePolicyDocument.Statement).toEqual([expect.objectContaining({ Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] })]);
    expect(ManagedPolicyArns).toEqual([]);
  });

  test('allows what functions do, on named resources', () => {
    for (const { Effect, Action, Resource } of statements) {
      expect(Effect).toBe('Allow');
      const asked = [Action].flat();
      expect(asked.filter((action) => !actions.has(action))).toEqual([]);
      const resources = [Resource].flat().map((one) => JSON.stringify(one));
      expect(resources).not.toHaveLength(0);
      if (!asked.every((action) => withoutResource.has(action))) expect(resources.filter((one) => !isNarrow(one))).toEqual([]);
    }
  });
});

/** A star may stand for the streams of one log group, and nothing else. */
function isNarrow(resource: string): boolean {
  if (resource.includes(':log-group:')) return /:log-group:\/aws\/lambda\/moorage-[\w-]+(:\*){0,2}"/.test(resource);
  return !resource.includes('*');
}

test('only those who need a key may use one: whoever reads neither tokens nor secrets may not', () => {
  for (const [id, { Policies = [] }] of roles) {
    const text = JSON.stringify(Policies);
    if (text.includes('kms:Decrypt')) expect([id, /TokensTable|SecretsTable/.test(text)]).toEqual([id, true]);
    if (text.includes('secretsmanager:')) expect([id, text.includes('TokensTable')]).toEqual([id, true]);
  }
});

test('what outlives a stack is not open: no queue, table or key has a policy for everybody', () => {
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    if (!/Policy$|::Key$|::Queue$|::Topic$/.test(Type)) continue;
    const statements = ((Properties?.KeyPolicy ?? Properties?.PolicyDocument ?? { Statement: [] }) as { Statement: { Principal?: unknown; Condition?: unknown }[] }).Statement;
    expect([id, statements.filter(({ Principal, Condition }) => JSON.stringify(Principal ?? '').includes('"*"') && !Condition)]).toEqual([id, []]);
  }
});
