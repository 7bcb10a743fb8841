/**
 * A linter for CloudFormation templates, over AWS's own database of resource types: what a deployment would refuse after
 * minutes is found here in a second. What it says are problems; none means none.
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource as ResourceType, TypeDefinition } from '@aws-cdk/service-spec-types';

export interface Template { Resources: Record<string, Resource>; Outputs?: Record<string, unknown> }
export interface Resource { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[]; [key: string]: unknown }
type Properties = Record<string, Property>;

const database = loadAwsServiceSpecSync();
const limits = { resources: 500, outputs: 200, bytes: 1_000_000 };
const pseudo = new Set(['AccountId', 'NotificationARNs', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map((name) => `AWS::${name}`));

/** Every problem of a template, in words, with the path to it. */
export function lint(template: Template): string[] {
  const { Resources } = template;
  return [
    ...limitProblems(template),
    ...Object.entries(Resources).flatMap(([id, resource]) => [
      ...resourceProblems(id, resource),
      ...referenceProblems(id, resource, Resources),
      ...roleProblems(id, resource),
    ]),
    ...cycleProblems(Resources),
  ];
}

/** Resources of a step's own: function, role, event source mapping, queue. The alarms over ten steps each count as one. */
const perStep = 5;

/** What of CloudFormation's limit of resources is left, and how many more steps that is good for. */
export function roomOf({ Resources }: Template): { resources: number; room: number; steps: number } {
  const resources = Object.keys(Resources).length;
  const room = limits.resources - resources;
  return { resources, room, steps: Math.floor(room / perStep) };
}

function limitProblems({ Resources, Outputs = {} }: Template): string[] {
  const counts = { resources: Object.keys(Resources).length, outputs: Object.keys(Outputs).length, bytes: JSON.stringify({ Resources, Outputs }).length };
  return Object.entries(limits).flatMap(([what, limit]) => {
    const count = counts[what as keyof typeof limits];
    return count > limit ? [`${count} ${what}; CloudFormation takes ${limit}`] : [];
  });
}

function resourceProblems(id: string, { Type, Properties = {} }: Resource): string[] {
  const [type] = database.lookup('resource', 'cloudFormationType', 'equals', Type);
  if (!type) return [`${id}: there is no resource type ${Type}`];
  const name = longName(Properties);
  return [...(name ? [`${id}: ${name}`] : []), ...objectProblems(id, Properties, type.properties)];
}

/** Names that AWS takes only so long. */
function longName(properties: Record<string, unknown>): string | undefined {
  const longest: Record<string, number> = { FunctionName: 64, RoleName: 64, QueueName: 80, AlarmName: 255, TableName: 255 };
  for (const [property, limit] of Object.entries(longest)) {
    const name = written(properties[property]);
    if (name && name.length > limit) return `${property} ${name} is longer than ${limit}`;
  }
  return undefined;
}

/** A name as it will be, with the longest region there is. */
function written(name: unknown): string | undefined {
  if (typeof name === 'string') return name;
  const [separator, parts] = ((name as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'] ?? []) as [string?, unknown[]?];
  return parts?.map((part) => (typeof part === 'string' ? part : 'ap-southeast-2')).join(separator);
}

function objectProblems(path: string, value: Record<string, unknown>, properties: Properties): string[] {
  const missing = Object.entries(properties).filter(([name, { required }]) => required && value[name] === undefined).map(([name]) => `${path}: ${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name];
    return property ? typeProblems(`${path}.${name}`, item, property.type) : [`${path}: there is no property ${name}`];
  });
  return [...missing, ...wrong];
}

/** Intrinsic functions are whatever they need to be. */
const isIntrinsic = (value: unknown): boolean => {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]!.startsWith('Fn::'));
};

function typeProblems(path: string, value: unknown, type: PropertyType): string[] {
  if (isIntrinsic(value)) return [];
  const expected = (what: string): string[] => [`${path}: ${JSON.stringify(value)?.slice(0, 60)} is not ${what}`];
  switch (type.type) {
    case 'string': return typeof value === 'object' ? expected('a string') : allowed(path, value, type.allowedValues);
    case 'integer': return Number.isInteger(Number(value)) ? [] : expected('an integer');
    case 'number': return Number.isFinite(Number(value)) ? [] : expected('a number');
    case 'boolean': return /^(true|false)$/.test(String(value)) ? [] : expected('true or false');
    case 'array': return Array.isArray(value) ? value.flatMap((item, index) => typeProblems(`${path}[${index}]`, item, type.element)) : expected('a list');
    case 'map': return isObject(value) ? Object.entries(value).flatMap(([key, item]) => typeProblems(`${path}.${key}`, item, type.element)) : expected('a map');
    case 'ref': return isObject(value) ? objectProblems(path, value, (database.get('typeDefinition', type.reference) as TypeDefinition).properties) : expected('an object');
    case 'union': {
      const each = type.types.map((one) => typeProblems(path, value, one));
      return each.some((problems) => problems.length === 0) ? [] : each[0]!;
    }
    case 'tag': return isObject(value) && 'Key' in value && 'Value' in value ? [] : expected('a tag');
    default: return [];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function allowed(path: string, value: unknown, values: string[] | undefined): string[] {
  return !values || values.includes(String(value)) ? [] : [`${path}: ${String(value)} is none of ${values.join(', ')}`];
}

interface Reference { id: string; attribute?: string }

/** What a value refers to, however deep. */
function referencesIn(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  if (typeof value.Ref === 'string') return [{ id: value.Ref }];
  const got = value['Fn::GetAtt'];
  if (got) {
    const [id, ...attribute] = Array.isArray(got) ? got.map(String) : String(got).split('.');
    return [{ id: id!, attribute: attribute.join('.') }];
  }
  const sub = value['Fn::Sub'];
  if (sub) {
    const [text, given = {}] = (Array.isArray(sub) ? sub : [sub]) as [string, object?];
    const names = [...text.matchAll(/\$\{([^!}]+)\}/g)].map(([, name]) => name!).filter((name) => !(name in given));
    return [...names.map((name) => ({ id: name.split('.')[0]!, ...(name.includes('.') && { attribute: name.slice(name.indexOf('.') + 1) }) })), ...referencesIn(given)];
  }
  return Object.values(value).flatMap(referencesIn);
}

function referenceProblems(id: string, resource: Resource, resources: Record<string, Resource>): string[] {
  const absent = [resource.DependsOn ?? []].flat().filter((other) => !resources[other]).map((other) => `${id}: depends on ${other}, which is not there`);
  const wrong = referencesIn(resource.Properties).flatMap(({ id: other, attribute }) => {
    if (pseudo.has(other)) return [];
    if (!resources[other]) return [`${id}: refers to ${other}, which is not there`];
    const [type] = database.lookup('resource', 'cloudFormationType', 'equals', resources[other].Type);
    return attribute && type && !(attribute in attributesOf(type)) ? [`${id}: ${resources[other].Type} has no attribute ${attribute}`] : [];
  });
  return [...absent, ...wrong];
}

const attributesOf = ({ attributes, properties }: ResourceType): object => ({ ...properties, ...attributes });

/** Roles name what they are for. AWS knows no resources for tracing; everything else has some. */
function roleProblems(id: string, { Type, Properties }: Resource): string[] {
  if (Type !== 'AWS::IAM::Role') return [];
  const policies = (Properties?.Policies ?? []) as { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action, Resource }) => {
    const actions = [Action].flat();
    const wide = actions.filter((action) => action.includes('*'));
    const everything = [Resource].flat().includes('*') && !actions.every((action) => action.startsWith('xray:'));
    return [...wide.map((action) => `${id}: may do ${action}`), ...(everything ? [`${id}: may do ${actions.join(', ')} to everything`] : [])];
  });
}

/** Resources that need each other cannot be made. */
function cycleProblems(resources: Record<string, Resource>): string[] {
  const needs = (id: string): string[] => [...[resources[id]!.DependsOn ?? []].flat(), ...referencesIn(resources[id]!.Properties).map((other) => other.id)]
    .filter((other) => resources[other]);
  const state = new Map<string, 'open' | 'done'>();
  const problems: string[] = [];
  const visit = (id: string, trail: string[]): void => {
    if (state.get(id) === 'open') problems.push(`These need each other: ${[...trail.slice(trail.indexOf(id)), id].join(' → ')}`);
    if (state.has(id)) return;
    state.set(id, 'open');
    for (const other of new Set(needs(id))) visit(other, [...trail, id]);
    state.set(id, 'done');
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return problems;
}
