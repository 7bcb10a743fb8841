/** What is read out of the service's CloudFormation: its tables and queues, and what references to them come to here. */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

export const region = 'us-east-1';
export const account = '000000000000';
export const arnOfQueue = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;
export const arnOfTable = (name: string): string => `arn:aws:dynamodb:${region}:${account}:table/${name}`;

export interface Resource { Type: string; Properties?: Record<string, unknown> }
export type Resources = Record<string, Resource>;
export type TableDefinition = CreateTableCommandInput & { TableName: string; TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean } };
export interface QueueDefinition { QueueName: string; RedrivePolicy?: object; [attribute: string]: unknown }

export const tablesOf = (resources: Resources): TableDefinition[] => propertiesOf(resources, 'AWS::DynamoDB::Table') as unknown as TableDefinition[];
/** Those that others redrive to come first. */
export const queuesOf = (resources: Resources): QueueDefinition[] => (propertiesOf(resources, 'AWS::SQS::Queue') as unknown as QueueDefinition[])
  .toSorted((a, b) => Number(!!a.RedrivePolicy) - Number(!!b.RedrivePolicy));

const propertiesOf = (resources: Resources, type: string): Record<string, unknown>[] =>
  Object.values(resources).filter(({ Type }) => Type === type).map(({ Properties }) => Properties ?? {});

/** Replaces Ref, Fn::GetAtt and Fn::Sub throughout; what exists only in AWS becomes undefined. */
export function resolver(resources: Resources, queueEndpoint: string): (value: unknown) => unknown {
  const pseudo: Record<string, string> = {
    'AWS::Region': region, 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com',
  };
  const reference = (id: string): string | undefined => {
    if (id in pseudo) return pseudo[id];
    const { Type, Properties } = resources[id] ?? {};
    if (Type === 'AWS::SQS::Queue') return `${queueEndpoint}/${account}/${String(Properties?.QueueName)}`;
    if (Type === 'AWS::DynamoDB::Table') return String(Properties?.TableName);
    return undefined;
  };
  const attribute = (id: string, name: string): string | undefined => {
    const { Type, Properties } = resources[id] ?? {};
    if (Type === 'AWS::SQS::Queue') return name === 'Arn' ? arnOfQueue(String(Properties?.QueueName)) : String(Properties?.QueueName);
    if (Type === 'AWS::DynamoDB::Table') return arnOfTable(String(Properties?.TableName));
    return undefined;
  };
  const text = (template: string): string => template
    .replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      const [id = '', attributeName] = name.split('.');
      return (attributeName ? attribute(id, attributeName) : reference(id)) ?? '';
    })
    // Queue URLs are written out where their names are made of parts.
    .replace(`https://sqs.${region}.amazonaws.com`, queueEndpoint);
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const of = value as Record<string, unknown>;
    if (typeof of.Ref === 'string') return reference(of.Ref);
    if (typeof of['Fn::Sub'] === 'string') return text(of['Fn::Sub']);
    const got = of['Fn::GetAtt'];
    if (got) return attribute(...((Array.isArray(got) ? got : String(got).split('.')) as [string, string]));
    return Object.fromEntries(Object.entries(of).map(([key, item]) => [key, resolve(item)]));
  };
  return resolve;
}
