/** The packaged template as a whole: what every queue, function and table of it must have. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { flows } from '../../flows/flows.ts';
import { roomOf, type Resource, type Template } from './template-linter.ts';
import { root } from './uses.ts';

const path = join(root, '.serverless/cloudformation-template-update-stack.json');
if (!existsSync(path)) execFileSync(join(root, 'node_modules/.bin/serverless'), ['package'], { cwd: root, stdio: 'pipe', env: { ...process.env, BUNDLE: 'shared' } });
const { Resources } = JSON.parse(readFileSync(path, 'utf8')) as Template;
const of = (type: string): [string, Resource & { Properties: Record<string, unknown> }][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type) as never;
const target = (value: unknown): string => (value as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]!;

const functions = of('AWS::Lambda::Function');
const mappings = of('AWS::Lambda::EventSourceMapping');
const queues = of('AWS::SQS::Queue');

test('there is room for twenty more steps in one stack', () => {
  const { resources, room, steps } = roomOf({ Resources });
  expect(room).toBe(500 - resources);
  expect(steps, `${resources} resources, room for ${steps} more steps`).toBeGreaterThanOrEqual(20);
});

test('a step takes four resources, and a share of the alarms over ten of them', () => {
  const withStep = (name: string): string[] => Object.keys(Resources).filter((id) => id.includes(name));
  expect(withStep('StepNodeServers').length).toBe(4);
});

test('every step of every flow has its queue, and the queue its function', () => {
  const names = new Set(queues.map(([, { Properties }]) => Properties.QueueName));
  const served = new Set(mappings.map(([, { Properties }]) => target(Properties.EventSourceArn)));
  const steps = Object.values(flows).flatMap(({ nodes }) => nodes.map(({ step }) => step.name));
  expect(steps.filter((step) => !names.has(`moorage-dev-step-${step}`))).toEqual([]);
  expect(queues.filter(([id]) => id.endsWith('Queue') && !served.has(id))).toEqual([]);
});

/** Where a role may write logs. */
function mayLogTo(role: string): unknown[] {
  const { Policies } = Resources[role]!.Properties as { Policies: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown[] }[] } }[] };
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes('logs:PutLogEvents')).flatMap(({ Resource }) => Resource);
}

test('functions of one kind log to one group, which is found by the installation\'s prefix', () => {
  const names = Object.fromEntries(of('AWS::Logs::LogGroup').map(([id, { Properties }]) => [id, Properties.LogGroupName]));
  expect(names).toMatchObject({ StepsLogGroup: '/aws/lambda/moorage-dev-steps', HttpLogGroup: '/aws/lambda/moorage-dev-http' });
  expect(Object.keys(names).toSorted()).toEqual(
    ['AdvanceLogGroup', 'HttpApiLogGroup', 'HttpLogGroup', 'JanitorLogGroup', 'StepsLogGroup', 'SweepLogGroup', 'WatchLogGroup']);
});

describe('every function', () => {
  test.each(functions)('%s: current Node on arm64, a role of its own, logs that end', (id, { Properties }) => {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    expect(target(Properties.Role)).toBe(id.replace('LambdaFunction', 'IamRoleLambdaExecution'));
    const { LogGroup } = Properties.LoggingConfig as { LogGroup?: { Ref: string } };
    const group = LogGroup?.Ref ?? id.replace('LambdaFunction', 'LogGroup');
    expect(Resources[group]?.Properties?.RetentionInDays).toBeGreaterThan(0);
    expect(Resources[id]!.DependsOn).toContain(group);
    expect(mayLogTo(target(Properties.Role))).toEqual(LogGroup ? [{ 'Fn::GetAtt': [group, 'Arn'] }] : [
      { 'Fn::Sub': expect.stringContaining(`:log-group:/aws/lambda/${String(Properties.FunctionName)}:`) as string },
    ]);
  });
});

describe('every queue with a function', () => {
  test.each(mappings)('%s', (_, { Properties }) => {
    const id = target(Properties.EventSourceArn);
    const { VisibilityTimeout, RedrivePolicy, SqsManagedSseEnabled } = Resources[id]!.Properties as Record<string, number> & { RedrivePolicy: { deadLetterTargetArn: unknown } };
    const { Timeout } = Resources[target(Properties.FunctionName)]!.Properties as { Timeout: number };
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    expect(SqsManagedSseEnabled).toBe(true);
    expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const deadLetters = target(RedrivePolicy.deadLetterTargetArn);
    const watched = of('AWS::CloudWatch::Alarm').some(([, alarm]) => JSON.stringify(alarm.Properties.Dimensions ?? '').includes(`"${deadLetters}"`));
    expect(watched).toBe(true);
  });
});

describe('every table', () => {
  test.each(of('AWS::DynamoDB::Table'))('%s: on demand, recoverable, encrypted with our key', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    });
  });

  test.each(['Clusters', 'NodeGroups', 'Operations', 'Steps', 'Secrets'])('%s outlive their stack', (name) => {
    const { DeletionPolicy, Properties } = Resources[`${name}Table`]!;
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties!.DeletionProtectionEnabled).toBe(true);
  });
});

test('whatever the code reads of its environment is given to it', () => {
  const given = Object.keys(parse(readFileSync(join(root, 'layers/platform/environment.yml'), 'utf8'), { logLevel: 'silent' }) as object);
  const local = ['DYNAMODB_ENDPOINT', 'SQS_ENDPOINT', 'LOCAL_KEY'];
  const read = globSync('{layers,functions,flows}/*/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\benv\.([A-Z][A-Z0-9_]+)|\b(?:need|list)\('([A-Z][A-Z0-9_]+)'/g)].map(([, a, b]) => a ?? b!));
  expect([...new Set(read)].filter((name) => !given.includes(name) && !local.includes(name) && !name.startsWith('AWS_'))).toEqual([]);
});

test('the gateway lets no other web page call, and leaves limits that users meet to the functions', () => {
  const [, { Properties: api }] = of('AWS::ApiGatewayV2::Api')[0]!;
  expect(api.CorsConfiguration).toBeUndefined();
  const [, { Properties: stage }] = of('AWS::ApiGatewayV2::Stage')[0]!;
  expect(stage.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 2000 });
});

test('whoever answers a request does so before the gateway gives up, after thirty seconds', () => {
  const served = new Set(of('AWS::ApiGatewayV2::Integration').map(([, { Properties }]) => target(Properties.IntegrationUri)));
  expect(functions.filter(([id]) => served.has(id)).filter(([, { Properties }]) => Number(Properties.Timeout) >= 30)).toEqual([]);
  expect(served.size).toBeGreaterThan(20);
});
