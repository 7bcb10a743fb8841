import { expect, test } from 'vitest';
import { lint, type Resource } from './template-linter.ts';

const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } };
const problemsOf = (...resources: Resource[]): string[] =>
  lint({ Resources: Object.fromEntries(resources.map((resource, index) => [`R${index}`, resource])) });

test('a sound template has no problems', () => {
  const policy = { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'R0' }], PolicyDocument: {} }, DependsOn: 'R0' };
  expect(problemsOf(queue, policy)).toEqual([]);
});

test.each<[string, Resource, string]>([
  ['a type that is not', { Type: 'AWS::SQS::Queu' }, 'no resource type AWS::SQS::Queu'],
  ['a property that is not', { Type: 'AWS::SQS::Queue', Properties: { Visibility: 3 } }, 'no property Visibility'],
  ['a missing property', { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/a' } }, 'TargetKeyId is missing'],
  ['a missing property, deep', { Type: 'AWS::Lambda::Function', Properties: { Code: {}, Role: 'r', SnapStart: {} } }, 'SnapStart: ApplyOn is missing'],
  ['text for a number', { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'long' } }, 'not an integer'],
  ['an object for a list', { Type: 'AWS::Lambda::Function', Properties: { Code: {}, Role: 'r', Layers: {} } }, 'not a list'],
  ['a value that is none of those allowed', { Type: 'AWS::Lambda::Function', Properties: { Code: {}, Role: 'r', TracingConfig: { Mode: 'On' } } }, 'On is none of'],
  ['a reference to nothing', { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'R9' } } }, 'refers to R9'],
  ['a substitution of nothing', { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': '${R9.Arn}-x' } } }, 'refers to R9'],
  ['an attribute that is not', { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'a', TargetKeyId: { 'Fn::GetAtt': ['R0', 'Key'] } } }, 'has no attribute Key'],
  ['a name that is too long', { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q'.repeat(81) } }, 'longer than 80'],
  ['a dependency on nothing', { ...queue, DependsOn: ['R9'] }, 'depends on R9'],
  ['a need of itself', { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'R1' } } }, 'need each other: R1 → R1'],
])('%s is found', (_, resource, problem) => {
  expect(problemsOf(queue, resource)).toEqual([expect.stringContaining(problem)]);
});

test('a role over everything is found, tracing excepted', () => {
  const role = (Action: string): Resource => ({
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: {}, Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] } }] },
  });
  expect(problemsOf(role('sqs:SendMessage'))).toEqual([expect.stringContaining('to everything')]);
  expect(problemsOf(role('xray:PutTraceSegments'))).toEqual([]);
  expect(problemsOf(role('sqs:*')).length).toBe(2);
});

test('more resources than a stack takes are found', () => {
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`Q${index}`, queue]));
  expect(lint({ Resources: many })).toEqual([expect.stringContaining('501 resources')]);
});
